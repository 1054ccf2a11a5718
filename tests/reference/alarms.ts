import { forbidden, type Hours } from './hours.js';
import { intervals, type Interval, type Reading } from './intervals.js';

/** A rule's definition as it holds in `[from, until)`. */
export interface Version extends Hours {
  readonly from: number;
  readonly until: number;
  readonly enabled: boolean;
  readonly maxOpenSeconds: number | null;
}

export interface Alarm {
  readonly kind: 'OUTSIDE_HOURS' | 'OPEN_TOO_LONG';
  readonly startId: string;
  readonly raisedAt: number;
  /** Infinity while the opening is open. */
  readonly clearedAt: number;
}

/** All alarms, none retracted, of one rule by all readings of its opening, as they stand at an instant. */
export const alarms = (versions: readonly Version[], readings: readonly Reading[], now: number): Alarm[] =>
  intervals(readings).flatMap((interval) => [
    ...first('OUTSIDE_HOURS', interval, versions, now, (version, from, until) =>
      forbidden(version, from, until),
    ),
    ...first('OPEN_TOO_LONG', interval, versions, now, ({ maxOpenSeconds }, from) =>
      maxOpenSeconds === null ? undefined : Math.max(interval.start + maxOpenSeconds * 1_000, from),
    ),
  ]);

/** @param dueIn when it is due in the part of a version that lies in an interval, were that part long enough */
function first(
  kind: Alarm['kind'],
  { startId, start, end }: Interval,
  versions: readonly Version[],
  now: number,
  dueIn: (version: Version, from: number, until: number) => number | undefined,
): Alarm[] {
  const dues = versions
    .filter(({ enabled }) => enabled)
    .map((version) => {
      const from = Math.max(start, version.from);
      const until = Math.min(end, version.until, now + 1);
      const due = from < until ? dueIn(version, from, until) : undefined;
      return due !== undefined && due < until ? due : Infinity;
    });
  const raisedAt = Math.min(...dues);
  return raisedAt === Infinity ? [] : [{ kind, startId, raisedAt, clearedAt: end }];
}
