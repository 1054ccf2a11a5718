/**
 * Applies `map` to a value or to the result of a promise. A plain value is mapped synchronously: every promise on a
 * request's path adds latency.
 */
export const mapMaybePromise = <T, R>(value: T | Promise<T>, map: (value: T) => R): R | Promise<R> =>
  value instanceof Promise ? value.then(map) : map(value);
