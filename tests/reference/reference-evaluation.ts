/**
 * A second implementation of docs/evaluation.md, for tests: plain code, without Temporal and without a line of
 * packages/evaluation. It computes everything anew from all readings. Instants are milliseconds since 1970.
 *
 * It walks nothing. It collects the instants at which anything can change, and tests the definition at each.
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

// ---- the history of one opening

/** In the order in which `Date` numbers them. */
export const REFERENCE_WEEKDAYS = [
  'SUNDAY',
  'MONDAY',
  'TUESDAY',
  'WEDNESDAY',
  'THURSDAY',
  'FRIDAY',
  'SATURDAY',
] as const;

export type ReferenceWeekday = (typeof REFERENCE_WEEKDAYS)[number];

/** Wall-clock times: `HH:mm` or `HH:mm:ss`. */
export interface ReferenceDayWindow {
  readonly opensAt: string;
  readonly closesAt: string;
  readonly openBy?: string | null;
}

export interface ReferenceWindow extends ReferenceDayWindow {
  /** Null: every day. */
  readonly days: readonly ReferenceWeekday[] | null;
}

/** The windows of single local dates, by `YYYY-MM-DD`. */
export type ReferenceCalendar = Readonly<Record<string, readonly ReferenceDayWindow[]>>;

export interface ReferenceHours {
  readonly timeZone: string;
  /** Null: always allowed. */
  readonly windows: readonly ReferenceWindow[] | null;
  readonly calendar: ReferenceCalendar | null;
}

/** The conditions of a rule in `[from, until)`. A calendar is part of a version: a change of its dates begins a new one. */
export interface ReferenceVersion extends ReferenceHours {
  readonly from: number;
  /** Infinity for the last version. */
  readonly until: number;
  readonly enabled: boolean;
  readonly graceSeconds: number;
  /** Null: always in force. */
  readonly activeWindows: readonly ReferenceWindow[] | null;
  readonly maxOpenSeconds: number | null;
  readonly silentAfterSeconds: number | null;
  readonly onTamper: boolean;
  readonly onBatteryLow: boolean;
}

/** A period `[from, until)`. A cancelled one ends at the instant of cancelling, which may be before `from`. */
export interface ReferenceException {
  readonly kind: 'ALLOW' | 'SUSPEND';
  readonly from: number;
  readonly until: number;
}

export interface ReferenceReading {
  readonly id: string;
  readonly at: number;
  readonly state?: 'OPEN' | 'CLOSED' | null;
  readonly tampered?: boolean | null;
  readonly batteryLow?: boolean | null;
}

/** What the alarms of one rule follow from. */
export interface ReferenceHistory {
  /** In the order of time. The first one begins the rule. */
  readonly versions: readonly ReferenceVersion[];
  readonly exceptions?: readonly ReferenceException[];
  /** In the order of arrival: of several with one id, the first counts. */
  readonly readings: readonly ReferenceReading[];
  readonly withdrawnIds?: readonly string[];
  /** Readings after this instant have not taken effect. */
  readonly now: number;
}

/** A version without conditions, in force for ever, in UTC. */
export const EMPTY_VERSION: ReferenceVersion = {
  from: 0,
  until: Infinity,
  enabled: true,
  timeZone: 'UTC',
  windows: null,
  calendar: null,
  graceSeconds: 0,
  activeWindows: null,
  maxOpenSeconds: null,
  silentAfterSeconds: null,
  onTamper: false,
  onBatteryLow: false,
};

/** Converts the short form of hours: one window, or null times for no hours. */
export const toWindows = (hours: {
  readonly opensAt: string | null;
  readonly closesAt: string | null;
  readonly days: readonly ReferenceWeekday[] | null;
}): readonly ReferenceWindow[] | null =>
  hours.opensAt === null || hours.closesAt === null
    ? null
    : [{ opensAt: hours.opensAt, closesAt: hours.closesAt, days: hours.days }];

// ---- periods

/** `[start, end)`. */
interface Period {
  readonly start: number;
  readonly end: number;
}

const isCovered = (periods: readonly Period[], at: number) =>
  periods.some(({ start, end }) => start <= at && at < end);

const listExceptions = (exceptions: readonly ReferenceException[], kind: ReferenceException['kind']) =>
  exceptions
    .filter((exception) => exception.kind === kind && exception.from < exception.until)
    .map(({ from, until }): Period => ({ start: from, end: until }));

/** The first instant at or after `from` that no period covers: `from`, or the end of a period. */
const findUncovered = (periods: readonly Period[], from: number): number =>
  Math.min(...[from, ...periods.map(({ end }) => end)].filter((at) => at >= from && !isCovered(periods, at)));

// ---- windows

/** A window on the day on which it starts. */
interface Occurrence extends Period {
  /** Null without `openBy`. */
  readonly openBy: number | null;
}

/** Milliseconds since midnight. */
const parseTimeOfDay = (time: string) => Date.parse(`1970-01-01T${time}Z`);

/** The occurrences of windows of every day from `from` to `until`, and of three more days on either side. */
function listOccurrences(
  { timeZone, windows, calendar }: ReferenceHours,
  from: number,
  until: number,
): Occurrence[] {
  if (windows === null) return [];
  const occurrences: Occurrence[] = [];
  const firstDay = Math.floor(toWallClock(timeZone, from) / DAY_MS) - 3;
  for (let day = firstDay; day * DAY_MS < until + 3 * DAY_MS; day++) {
    const midnight = new Date(day * DAY_MS);
    const weekday = REFERENCE_WEEKDAYS[midnight.getUTCDay()] ?? 'SUNDAY';
    const ofDay: readonly ReferenceDayWindow[] =
      calendar?.[midnight.toISOString().slice(0, 10)] ??
      windows.filter(({ days }) => days === null || days.includes(weekday));
    occurrences.push(...ofDay.map((window) => createOccurrence(timeZone, day, window)));
  }
  return occurrences.filter(({ start, end }) => start < end);
}

function createOccurrence(
  timeZone: string,
  day: number,
  { opensAt, closesAt, openBy }: ReferenceDayWindow,
): Occurrence {
  const resolve = (time: string, isNextDay: boolean) =>
    toInstant(timeZone, (isNextDay ? day + 1 : day) * DAY_MS + parseTimeOfDay(time));
  return {
    start: resolve(opensAt, false),
    end: resolve(closesAt, parseTimeOfDay(closesAt) <= parseTimeOfDay(opensAt)),
    openBy: openBy ? resolve(openBy, parseTimeOfDay(openBy) < parseTimeOfDay(opensAt)) : null,
  };
}

/** The first instant in `[from, until)` that no window allows. */
export function findForbiddenInstant(hours: ReferenceHours, from: number, until: number): number | undefined {
  if (hours.windows === null) return undefined;
  const at = findUncovered(listOccurrences(hours, from, until), from);
  return at < until ? at : undefined;
}

// ---- signals

/** The time in which a signal is on: from the reading that begins it to the one that ends it. */
export interface ReferenceInterval {
  readonly startId: string;
  readonly start: number;
  /** Infinity while the signal is on. */
  readonly end: number;
}

/** What a reading says about a signal. Undefined or null: nothing. */
type Signal = (reading: ReferenceReading) => boolean | null | undefined;

const isOpen: Signal = ({ state }) => (state ? state === 'OPEN' : null);

/** All intervals in which an opening is open, from all of its readings. */
export const listIntervals = (readings: readonly ReferenceReading[]): ReferenceInterval[] =>
  listSignalIntervals(removeDuplicates(readings), isOpen);

function listSignalIntervals(readings: readonly ReferenceReading[], signal: Signal): ReferenceInterval[] {
  const times = [...new Set(readings.map(({ at }) => at))].sort((a, b) => a - b);
  const intervals: ReferenceInterval[] = [];
  let current: ReferenceReading | null = null;
  for (const time of times) {
    const simultaneous = readings
      .filter(({ at }) => at === time)
      .sort((a, b) => (toUtf8Hex(a.id) < toUtf8Hex(b.id) ? -1 : 1));
    const begins = simultaneous.filter((reading) => signal(reading) === true);
    const ends = simultaneous.filter((reading) => signal(reading) === false);
    const ordered: ReferenceReading[] = current ? [...ends, ...begins] : [...begins, ...ends];
    for (const reading of ordered) {
      if (signal(reading) === true) {
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

const removeDuplicates = (readings: readonly ReferenceReading[]): ReferenceReading[] => {
  const ids = new Set<string>();
  return readings.filter(({ id }) => !ids.has(id) && ids.add(id));
};

/** From each instant with a reading to the next one, and from the beginning of time to the first. */
function listSilences(readings: readonly ReferenceReading[]): Period[] {
  const times = [...new Set(readings.map(({ at }) => at))].sort((a, b) => a - b);
  return [-Infinity, ...times].map((start, index) => ({ start, end: times[index] ?? Infinity }));
}

// ---- versions

/** A part of a version in which the rule is in force. It acts like a version: `start` is its beginning. */
interface PeriodInForce extends Period {
  readonly version: ReferenceVersion;
}

function listPeriodsInForce(version: ReferenceVersion, now: number): PeriodInForce[] {
  const { from, until, enabled, activeWindows, timeZone } = version;
  if (!enabled || from >= until || from > now) return [];
  if (activeWindows === null) return [{ version, start: from, end: until }];
  const active = listOccurrences({ timeZone, windows: activeWindows, calendar: null }, from, now);
  const starts = [...new Set([from, ...active.map(({ start }) => start)])].filter(
    (at) => from <= at && at < until && isCovered(active, at) && (at === from || !isCovered(active, at - 1)),
  );
  return starts.map((start) => ({ version, start, end: Math.min(until, findUncovered(active, start)) }));
}

// ---- alarms

export type ReferenceAlarmKind =
  'OUTSIDE_HOURS' | 'OPEN_TOO_LONG' | 'SILENT' | 'NOT_OPENED' | 'TAMPERED' | 'BATTERY_LOW';

/** An alarm that is not retracted. Its kind and `start` identify it among those of a rule. */
export interface ReferenceAlarm {
  readonly kind: ReferenceAlarmKind;
  /** The start of the signal's interval, the beginning of the silence, or the start of the window to open in. */
  readonly start: number;
  readonly raisedAt: number;
  /** Infinity while the alarm is active. */
  readonly clearedAt: number;
}

/** All alarms of one rule at an instant, without retracted ones, from all readings of its opening. */
export function listAlarms(history: ReferenceHistory): ReferenceAlarm[] {
  const { versions, exceptions = [], withdrawnIds = [], now } = history;
  const readings = removeDuplicates(history.readings).filter(
    ({ id, at }) => !withdrawnIds.includes(id) && at <= now,
  );
  const suspended = listExceptions(exceptions, 'SUSPEND');
  const allowed = listExceptions(exceptions, 'ALLOW');
  const inForce = versions.flatMap((version) => listPeriodsInForce(version, now));
  const openIntervals = listSignalIntervals(readings, isOpen);

  const listOfIntervals = (
    kind: ReferenceAlarmKind,
    intervals: readonly ReferenceInterval[],
    findDue: (interval: ReferenceInterval, period: PeriodInForce) => number,
  ) =>
    intervals.flatMap((interval): ReferenceAlarm[] => {
      const raisedAt = Math.min(
        ...inForce
          .filter((period) => period.start < interval.end && interval.start < period.end)
          .map((period) => ({ due: findDue(interval, period), period }))
          .filter(({ due, period }) => due < interval.end && due < period.end && due <= now)
          .map(({ due }) => due),
      );
      if (raisedAt === Infinity) return [];
      return [{ kind, start: interval.start, raisedAt, clearedAt: interval.end }];
    });

  const listSilent = () =>
    listSilences(readings).flatMap((silence): ReferenceAlarm[] => {
      const raisedAt = Math.min(
        ...inForce.map((period) => {
          const { silentAfterSeconds } = period.version;
          if (silentAfterSeconds === null) return Infinity;
          const from = Math.max(silence.start, period.start) + silentAfterSeconds * 1_000;
          const due = findUncovered(suspended, from);
          return due < silence.end && due < period.end && due <= now ? due : Infinity;
        }),
      );
      if (raisedAt === Infinity) return [];
      const beginning = versions[0]?.from ?? Infinity;
      return [
        { kind: 'SILENT', start: Math.max(silence.start, beginning), raisedAt, clearedAt: silence.end },
      ];
    });

  return [
    ...listOfIntervals('OUTSIDE_HOURS', openIntervals, (interval, period) =>
      findForbiddenDue(interval, period, allowed, suspended, now),
    ),
    ...listOfIntervals('OPEN_TOO_LONG', openIntervals, ({ start }, period) => {
      const { maxOpenSeconds } = period.version;
      if (maxOpenSeconds === null) return Infinity;
      return findUncovered(suspended, Math.max(start + maxOpenSeconds * 1_000, period.start));
    }),
    ...listSilent(),
    ...listNotOpened(inForce, openIntervals, suspended, now),
    ...listOfIntervals(
      'TAMPERED',
      listSignalIntervals(readings, ({ tampered }) => tampered),
      ({ start }, period) =>
        period.version.onTamper ? findUncovered(suspended, Math.max(start, period.start)) : Infinity,
    ),
    ...listOfIntervals(
      'BATTERY_LOW',
      listSignalIntervals(readings, ({ batteryLow }) => batteryLow),
      ({ start }, period) =>
        period.version.onBatteryLow ? findUncovered(suspended, Math.max(start, period.start)) : Infinity,
    ),
  ];
}

/** When OUTSIDE_HOURS is due in the part of an interval that lies in a period, or Infinity. */
function findForbiddenDue(
  interval: ReferenceInterval,
  { version, start, end }: PeriodInForce,
  allowed: readonly Period[],
  suspended: readonly Period[],
  now: number,
): number {
  if (version.windows === null) return Infinity;
  const from = Math.max(interval.start, start);
  const until = Math.min(interval.end, end, now + 1);
  if (from >= until) return Infinity;
  const covering = [...listOccurrences(version, from, until), ...allowed];
  const isForbidden = (at: number) => !isCovered(covering, at);
  const coverStarts = covering.map((period) => period.start);
  const graceMs = version.graceSeconds * 1_000;

  const isDue = (at: number) => {
    const graceStart = at - graceMs;
    const isForbiddenThroughout =
      graceStart >= from &&
      [graceStart, ...coverStarts.filter((one) => graceStart < one && one < at)].every(isForbidden);
    const isStretchStart = graceStart === from || !isForbidden(graceStart - 1);
    // The stretch lasts, or it lasted for exactly the grace. At the end of a SUSPEND, a stretch must still last.
    return isForbiddenThroughout && (isForbidden(at) || isStretchStart) && !isCovered(suspended, at);
  };
  const stretchStarts = [from, ...covering.map((period) => period.end)];
  const candidates = [...stretchStarts.map((at) => at + graceMs), ...suspended.map((period) => period.end)];
  return Math.min(...candidates.filter((at) => from <= at && at < until && isDue(at)));
}

/** Without `openBy`, no days need to be listed: a version may last for years. */
const hasOpenBy = ({ windows, calendar }: ReferenceHours) =>
  [...(windows ?? []), ...Object.values(calendar ?? {}).flat()].some(({ openBy }) => openBy);

function listNotOpened(
  inForce: readonly PeriodInForce[],
  openIntervals: readonly ReferenceInterval[],
  suspended: readonly Period[],
  now: number,
): ReferenceAlarm[] {
  const isOpenIn = (start: number, last: number) =>
    openIntervals.some((interval) =>
      interval.start === interval.end
        ? start <= interval.start && interval.start <= last
        : interval.start <= last && start < interval.end,
    );
  const raised = inForce
    .filter(({ version }) => hasOpenBy(version))
    .flatMap((period) =>
      listOccurrences(period.version, period.start, Math.min(period.end, now)).flatMap(
        ({ start, end, openBy }) =>
          openBy !== null &&
          start <= openBy &&
          openBy <= end &&
          period.start <= openBy &&
          openBy < period.end &&
          openBy <= now &&
          !isCovered(suspended, openBy) &&
          !isOpenIn(start, openBy)
            ? [{ start, end, openBy }]
            : [],
      ),
    )
    .sort((a, b) => a.openBy - b.openBy || a.end - b.end);
  return [...new Set(raised.map(({ start }) => start))].flatMap((start) => {
    const first = raised.find((one) => one.start === start);
    if (!first) return [];
    const openedAt = openIntervals.map((one) => one.start).filter((at) => at > first.openBy);
    const cleared = Math.min(first.end, ...openedAt);
    return [
      { kind: 'NOT_OPENED', start, raisedAt: first.openBy, clearedAt: cleared <= now ? cleared : Infinity },
    ];
  });
}
