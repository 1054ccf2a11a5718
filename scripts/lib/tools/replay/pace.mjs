/**
 * When readings are sent that are replayed at a speed: as far apart as they were, divided by it. Those that were recorded
 * before take no time: a replay that was interrupted goes on where it was.
 *
 * @param {number} speed 0: as quickly as they are taken
 * @param {() => number} now in ms, monotonic
 */
export function createPace(speed, now = () => performance.now()) {
  /** @type {{ at: number, sent: number } | undefined} */
  let began;
  return {
    /** Whether it is not known yet where it goes on. */
    get rowByRow() {
      return speed > 0 && !began;
    },
    /** How long to wait before one of this instant. @param {string} at */
    waitMs(at) {
      if (speed === 0 || !began) return 0;
      return Math.max(0, began.sent + (Date.parse(at) - began.at) / speed - now());
    },
    /** One of this instant was sent, and was new. @param {string} at */
    begin(at) {
      began ??= { at: Date.parse(at), sent: now() };
    },
  };
}
