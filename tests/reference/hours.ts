import { instantOf, wallClockOf } from './clock.js';

const DAY = 86_400_000;
const DAYS = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'];

export interface Hours {
  readonly opensAt: string | null;
  readonly closesAt: string | null;
  readonly days: readonly string[];
  readonly timeZone: string;
}

/** The first instant in `[from, until)` that no window allows. */
export function forbidden(hours: Hours, from: number, until: number): number | undefined {
  if (hours.opensAt === null || hours.closesAt === null) return undefined;
  const windows = windowsOf(hours, from, until);
  const candidates = [from, ...windows.map(({ end }) => end)].sort((a, b) => a - b);
  return candidates.find(
    (at) => from <= at && at < until && !windows.some(({ start, end }) => start <= at && at < end),
  );
}

/** One for every day, and a few days more at both ends. */
function windowsOf({ opensAt, closesAt, days, timeZone }: Hours, from: number, until: number) {
  const windows: { start: number; end: number }[] = [];
  const first = Math.floor(wallClockOf(timeZone, from) / DAY) - 3;
  for (let day = first; day * DAY < until + 3 * DAY; day++) {
    const midnight = day * DAY;
    if (!days.includes(DAYS[new Date(midnight).getUTCDay()] ?? '')) continue;
    const opens = milliseconds(opensAt ?? '');
    const closes = milliseconds(closesAt ?? '');
    windows.push({
      start: instantOf(timeZone, midnight + opens),
      end: instantOf(timeZone, midnight + closes + (closes <= opens ? DAY : 0)),
    });
  }
  return windows;
}

/** From midnight to a time of day. */
const milliseconds = (time: string) => Date.parse(`1970-01-01T${time}Z`);
