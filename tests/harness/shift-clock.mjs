// A preload for Node processes (NODE_OPTIONS=--import): sets their clock ahead by CLOCK_SHIFT_MS.
const shiftMs = Number(process.env['CLOCK_SHIFT_MS'] ?? 0);
const RealDate = Date;
const readShiftedClock = () => RealDate.now() + shiftMs;

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
