/**
 * Lets `Date` of this process run ahead of the clock. The monotonic clock goes on, as when an operator sets a clock.
 * @param {() => number} getShiftMs by how many milliseconds; called for each instant that is read
 */
export function shiftDate(getShiftMs) {
  const RealDate = Date;
  const readShiftedClock = () => RealDate.now() + getShiftMs();
  globalThis.Date = new Proxy(RealDate, {
    construct(target, args, newTarget) {
      /** @type {unknown} */
      const date = Reflect.construct(target, args.length === 0 ? [readShiftedClock()] : args, newTarget);
      return /** @type {Date} */ (date);
    },
    /** @returns {unknown} */
    get: (target, key, receiver) =>
      key === 'now' ? readShiftedClock : /** @type {unknown} */ (Reflect.get(target, key, receiver)),
  });
}
