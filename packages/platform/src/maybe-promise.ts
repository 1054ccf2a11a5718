/** Goes on with a value at once where it is there, as it mostly is: each promise on the way of a request costs. */
export const mapMaybePromise = <T, R>(value: T | Promise<T>, goOn: (value: T) => R): R | Promise<R> =>
  value instanceof Promise ? value.then(goOn) : goOn(value);
