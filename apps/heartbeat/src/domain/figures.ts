const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const parts = (ms: number, large: number, small: number, names: readonly [string, string]): string =>
  `${Math.floor(ms / large)} ${names[0]} ${Math.floor((ms % large) / small)} ${names[1]}`;

/** `4.2 s`, `5 min 3 s`, `3 h 12 min`, `2 d 4 h`. */
export function duration(ms: number): string {
  const length = Math.max(0, ms);
  if (length < 100 * SECOND) return `${(length / SECOND).toFixed(1)} s`;
  if (length < 2 * HOUR) return parts(length, MINUTE, SECOND, ['min', 's']);
  if (length < 2 * DAY) return parts(length, HOUR, MINUTE, ['h', 'min']);
  return parts(length, DAY, HOUR, ['d', 'h']);
}

/** What a process promised, to the millisecond where tenths of a second would say too little. */
export const interval = (ms: number): string => (ms < SECOND ? `${ms} ms` : duration(ms));

/** `1,204`. */
export const count = (value: number): string => value.toLocaleString('en-US');
