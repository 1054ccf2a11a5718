// A preload for Node processes (NODE_OPTIONS=--import): sets their clock ahead by CLOCK_SHIFT_MS.
const shiftMs = Number(process.env['CLOCK_SHIFT_MS'] ?? 0);
const RealDate = Date;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [RealDate.now() + shiftMs] : args, newTarget),
  get: (target, key, receiver) =>
    key === 'now' ? () => RealDate.now() + shiftMs : Reflect.get(target, key, receiver),
});
