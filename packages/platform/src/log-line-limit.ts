const MINUTE_MS = 60_000;

/** Bounds the log lines that clients can cause. */
export interface LineLimit {
  /**
   * Takes a line of the present minute.
   * @returns undefined if the minute has no line left; otherwise how many lines were left out since the last one
   */
  takeLine(): number | undefined;
}

/** @param now milliseconds of a monotonic clock */
export function createLineLimit(maxLinesPerMinute: number, now: () => number): LineLimit {
  let minuteStart = -Infinity;
  let lines = 0;
  let omittedLines = 0;
  return {
    takeLine() {
      if (now() - minuteStart >= MINUTE_MS) {
        minuteStart = now();
        lines = 0;
      }
      if (lines >= maxLinesPerMinute) {
        omittedLines += 1;
        return undefined;
      }
      lines += 1;
      const omitted = omittedLines;
      omittedLines = 0;
      return omitted;
    },
  };
}
