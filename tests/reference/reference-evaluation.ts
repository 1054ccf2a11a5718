/**
 * A second implementation of docs/evaluation.md, for tests: plain code, without Temporal and without a line of
 * packages/evaluation. It computes everything anew from all readings. Instants are milliseconds since 1970.
 */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

// ---- wall clocks

const formats = new Map<string, Intl.DateTimeFormat>();

function getFormat(timeZone: string): Intl.DateTimeFormat {
  const existing = formats.get(timeZone);
  if (existing) return existing;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(timeZone, format);
  return format;
}

/** The wall-clock time of a zone at an instant, written as the instant at which UTC has that time. */
export function toWallClock(timeZone: string, instant: number): number {
  const [month = 0, day, year = 0, hour, minute, second] = getFormat(timeZone)
    .format(instant)
    .split(/[^0-9]+/)
    .map(Number);
  const milliseconds = ((instant % 1_000) + 1_000) % 1_000;
  return Date.UTC(year, month - 1, day, hour, minute, second, milliseconds);
}

const MAX_CACHED_INSTANTS = 100_000;
const instants = new Map<string, number>();

/**
 * The instant of a wall-clock time. Of a repeated time, the first. A skipped time is as far after the last instant before the
 * gap as it would be without the gap.
 */
export function toInstant(timeZone: string, wallClock: number): number {
  const key = `${timeZone} ${wallClock}`;
  const cached = instants.get(key);
  if (cached !== undefined) return cached;
  const instant = searchInstant(timeZone, wallClock);
  if (instants.size > MAX_CACHED_INSTANTS) instants.clear();
  instants.set(key, instant);
  return instant;
}

function searchInstant(timeZone: string, wallClock: number): number {
  const offsets = new Set<number>();
  let offsetBefore = 0;
  for (let hour = -36; hour <= 36; hour++) {
    const probe = wallClock + hour * HOUR_MS;
    const shown = toWallClock(timeZone, probe);
    offsets.add(shown - probe);
    if (shown < wallClock) offsetBefore = shown - probe;
  }
  const matching = [...offsets]
    .map((offset) => wallClock - offset)
    .filter((instant) => toWallClock(timeZone, instant) === wallClock);
  return matching.length > 0 ? Math.min(...matching) : wallClock - offsetBefore;
}

// ---- allowed hours

const DAYS = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'];

export interface ReferenceHours {
  readonly opensAt: string | null;
  readonly closesAt: string | null;
  readonly days: readonly string[];
  readonly timeZone: string;
}

/** The first instant in `[from, until)` that no window allows. */
export function findForbiddenInstant(hours: ReferenceHours, from: number, until: number): number | undefined {
  if (hours.opensAt === null || hours.closesAt === null) return undefined;
  const windows = listWindows(hours, from, until);
  const candidates = [from, ...windows.map(({ end }) => end)].sort((a, b) => a - b);
  return candidates.find(
    (at) => from <= at && at < until && !windows.some(({ start, end }) => start <= at && at < end),
  );
}

/** The windows of every day from `from` to `until`, and of three more days on either side. */
function listWindows({ opensAt, closesAt, days, timeZone }: ReferenceHours, from: number, until: number) {
  const windows: { start: number; end: number }[] = [];
  const firstDay = Math.floor(toWallClock(timeZone, from) / DAY_MS) - 3;
  for (let day = firstDay; day * DAY_MS < until + 3 * DAY_MS; day++) {
    const midnight = day * DAY_MS;
    if (!days.includes(DAYS[new Date(midnight).getUTCDay()] ?? '')) continue;
    const opensMs = parseTimeOfDay(opensAt ?? '');
    const closesMs = parseTimeOfDay(closesAt ?? '');
    windows.push({
      start: toInstant(timeZone, midnight + opensMs),
      end: toInstant(timeZone, midnight + closesMs + (closesMs <= opensMs ? DAY_MS : 0)),
    });
  }
  return windows;
}

/** Milliseconds since midnight. */
const parseTimeOfDay = (time: string) => Date.parse(`1970-01-01T${time}Z`);

// ---- intervals

export interface ReferenceReading {
  readonly id: string;
  readonly state: 'OPEN' | 'CLOSED';
  readonly at: number;
}

export interface ReferenceInterval {
  readonly startId: string;
  readonly start: number;
  /** Infinity while the interval is open. */
  readonly end: number;
}

/** All intervals of one opening from all of its readings. */
export function listIntervals(readings: readonly ReferenceReading[]): ReferenceInterval[] {
  const unique = readings.filter((one, index) => readings.findIndex(({ id }) => id === one.id) === index);
  const times = [...new Set(unique.map(({ at }) => at))].sort((a, b) => a - b);
  const intervals: ReferenceInterval[] = [];
  let current: ReferenceReading | null = null;
  for (const time of times) {
    const simultaneous = unique
      .filter(({ at }) => at === time)
      .sort((a, b) => (toUtf8Hex(a.id) < toUtf8Hex(b.id) ? -1 : 1));
    const opened = simultaneous.filter(({ state }) => state === 'OPEN');
    const closed = simultaneous.filter(({ state }) => state === 'CLOSED');
    const ordered: ReferenceReading[] = current ? [...closed, ...opened] : [...opened, ...closed];
    for (const reading of ordered) {
      if (reading.state === 'OPEN') {
        current ??= reading;
      } else if (current) {
        intervals.push({ startId: current.id, start: current.at, end: time });
        current = null;
      }
    }
  }
  if (current) intervals.push({ startId: current.id, start: current.at, end: Infinity });
  return intervals;
}

const toUtf8Hex = (text: string) => Buffer.from(text).toString('hex');

// ---- alarms

/** The conditions of a rule in `[from, until)`. */
export interface ReferenceVersion extends ReferenceHours {
  readonly from: number;
  readonly until: number;
  readonly enabled: boolean;
  readonly maxOpenSeconds: number | null;
}

export interface ReferenceAlarm {
  readonly kind: 'OUTSIDE_HOURS' | 'OPEN_TOO_LONG';
  readonly startId: string;
  readonly raisedAt: number;
  /** Infinity while the opening is open. */
  readonly clearedAt: number;
}

/** All alarms of one rule at an instant, without retracted ones, from all readings of its opening. */
export const listAlarms = (
  versions: readonly ReferenceVersion[],
  readings: readonly ReferenceReading[],
  now: number,
): ReferenceAlarm[] =>
  listIntervals(readings).flatMap((interval) => [
    ...findEarliestAlarm('OUTSIDE_HOURS', interval, versions, now, findForbiddenInstant),
    ...findEarliestAlarm('OPEN_TOO_LONG', interval, versions, now, ({ maxOpenSeconds }, from) =>
      maxOpenSeconds === null ? undefined : Math.max(interval.start + maxOpenSeconds * 1_000, from),
    ),
  ]);

/** @param findDue finds the due instant in `[from, until)`, the part of the interval that lies in a version */
function findEarliestAlarm(
  kind: ReferenceAlarm['kind'],
  { startId, start, end }: ReferenceInterval,
  versions: readonly ReferenceVersion[],
  now: number,
  findDue: (version: ReferenceVersion, from: number, until: number) => number | undefined,
): ReferenceAlarm[] {
  const dueInstants = versions
    .filter(({ enabled }) => enabled)
    .map((version) => {
      const from = Math.max(start, version.from);
      const until = Math.min(end, version.until, now + 1);
      const due = from < until ? findDue(version, from, until) : undefined;
      return due !== undefined && due < until ? due : Infinity;
    });
  const raisedAt = Math.min(...dueInstants);
  return raisedAt === Infinity ? [] : [{ kind, startId, raisedAt, clearedAt: end }];
}
