const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const formatTwoUnits = (
  ms: number,
  largeUnitMs: number,
  smallUnitMs: number,
  [largeUnit, smallUnit]: readonly [string, string],
): string =>
  `${Math.floor(ms / largeUnitMs)} ${largeUnit} ${Math.floor((ms % largeUnitMs) / smallUnitMs)} ${smallUnit}`;

/** Formats a duration: `4.2 s`, `5 min 3 s`, `3 h 12 min`, `2 d 4 h`. Negative durations become `0.0 s`. */
export function formatDuration(durationMs: number): string {
  const ms = Math.max(0, durationMs);
  if (ms < 100 * SECOND_MS) return `${(ms / SECOND_MS).toFixed(1)} s`;
  if (ms < 2 * HOUR_MS) return formatTwoUnits(ms, MINUTE_MS, SECOND_MS, ['min', 's']);
  if (ms < 2 * DAY_MS) return formatTwoUnits(ms, HOUR_MS, MINUTE_MS, ['h', 'min']);
  return formatTwoUnits(ms, DAY_MS, HOUR_MS, ['d', 'h']);
}

/** Formats a heartbeat interval. Below one second it shows milliseconds, since tenths of a second are too coarse. */
export const formatInterval = (ms: number): string => (ms < SECOND_MS ? `${ms} ms` : formatDuration(ms));
