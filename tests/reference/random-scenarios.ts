import fc from 'fast-check';
import {
  EMPTY_VERSION,
  REFERENCE_WEEKDAYS,
  toInstant,
  toWallClock,
  type ReferenceDayWindow,
  type ReferenceException,
  type ReferenceReading,
  type ReferenceVersion,
  type ReferenceWindow,
} from './reference-evaluation.js';

/** All that the alarms of one opening follow from, as plain data. */
export interface OpeningScenario {
  readonly rules: readonly ScenarioRule[];
  readonly exceptions: readonly ReferenceException[];
  /** In the order of arrival. */
  readonly readings: readonly ReferenceReading[];
  readonly withdrawnIds: readonly string[];
  readonly now: number;
}

export interface ScenarioRule {
  readonly id: string;
  readonly versions: readonly ReferenceVersion[];
}

const DAY_MS = 86_400_000;

/** Zones with instants at or close to which a clock or the date changes. */
const REGIONS: readonly (readonly [timeZone: string, ...instants: string[]])[] = [
  ['Europe/Madrid', '2024-03-31T01:00:00Z', '2024-10-27T01:00:00Z', '2026-03-29T01:00:00Z'],
  ['America/Bogota', '2024-02-29T05:00:00Z', '2026-03-02T05:00:00Z'],
  ['Pacific/Apia', '2011-12-30T10:00:00Z', '2011-12-30T09:59:59Z', '2011-09-24T14:00:00Z'],
  ['Australia/Lord_Howe', '2024-10-05T15:30:00Z', '2025-04-05T15:00:00Z'],
  ['Africa/Casablanca', '2024-03-10T02:00:00Z', '2024-04-14T02:00:00Z', '2025-02-23T02:00:00Z'],
  ['America/St_Johns', '2010-11-07T02:31:00Z', '2011-03-13T03:31:00Z', '2025-03-09T05:30:00Z'],
  ['Antarctica/Troll', '2024-03-31T01:00:00Z', '2024-10-27T01:00:00Z'],
  ['Asia/Kolkata', '2024-12-31T18:30:00Z'],
  ['America/Santiago', '2024-04-07T03:00:00Z', '2024-09-08T04:00:00Z'],
];

/** Some are bounds of a skipped or repeated time. */
const TIMES = [
  '00:00',
  '01:59:59',
  '02:00',
  '02:15',
  '06:00',
  '09:00',
  '09:30',
  '13:00',
  '20:00',
  '22:00',
  '23:30:30',
];

/** Times at the bounds of the skipped or repeated time of a change, in it, and close to it. */
function listChangeTimes(timeZone: string, change: number): string[] {
  const before = toWallClock(timeZone, change - 1_000) + 1_000;
  const after = toWallClock(timeZone, change);
  const middle = Math.min(before, after) + Math.floor(Math.abs(after - before) / 2_000) * 1_000;
  const wallClocks = [before, after, middle, middle + 1_000, Math.max(before, after) + 900_000];
  return wallClocks.map((wallClock) => new Date(wallClock).toISOString().slice(11, 19));
}

/** Seconds. */
const DURATIONS = [60, 300, 900, 1_800, 3_600, 5_400, 14_400, 43_200, 86_400, 90_000];

/** What the values of a scenario are built from. There are few, so that instants coincide. */
interface Palette {
  readonly timeZone: string;
  /** A local date, as days since 1970. */
  readonly day: number;
  readonly times: readonly string[];
  readonly durations: readonly number[];
}

const palette: fc.Arbitrary<Palette> = fc
  .constantFrom(
    ...REGIONS.flatMap(([timeZone, ...instants]) =>
      instants.map((at) => [timeZone, Date.parse(at)] as const),
    ),
  )
  .chain(([timeZone, change]) => {
    const changeTimes = listChangeTimes(timeZone, change);
    return fc
      .record({
        /** Days from the change. Most are 0. */
        distance: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: -200, max: 200 })),
        times: fc.uniqueArray(fc.constantFrom(...TIMES, ...changeTimes, ...changeTimes), {
          minLength: 2,
          maxLength: 4,
        }),
        durations: fc.uniqueArray(fc.constantFrom(...DURATIONS), { minLength: 2, maxLength: 3 }),
      })
      .map(({ distance, times, durations }) => ({
        timeZone,
        day: Math.floor(toWallClock(timeZone, change) / DAY_MS) + distance,
        times,
        durations,
      }));
  });

const FIRST_DAY = -2;
const LAST_DAY = 2;

/** An instant at a time of the palette, or a duration of the palette or an instant away from one. */
function createInstant({ timeZone, day, times, durations }: Palette): fc.Arbitrary<number> {
  const shifts = durations.flatMap((seconds) => [seconds * 1_000, -seconds * 1_000]);
  return fc
    .record({
      distance: fc.integer({ min: FIRST_DAY, max: LAST_DAY }),
      time: fc.constantFrom(...times),
      shift: fc.oneof(
        { weight: 3, arbitrary: fc.constant(0) },
        { weight: 3, arbitrary: fc.constantFrom(...shifts) },
        { weight: 1, arbitrary: fc.constantFrom(-1_000, -1, 1, 1_000) },
        { weight: 1, arbitrary: fc.integer({ min: -48, max: 48 }).map((count) => count * 900_000) },
      ),
    })
    .map(
      ({ distance, time, shift }) =>
        toInstant(timeZone, (day + distance) * DAY_MS + Date.parse(`1970-01-01T${time}Z`)) + shift,
    );
}

// ---- versions

/** A window with an `openBy` that it allows, or without. */
const createDayWindow = ({ times }: Palette): fc.Arbitrary<ReferenceDayWindow> =>
  fc
    .record({
      opensAt: fc.constantFrom(...times),
      closesAt: fc.constantFrom(...times),
      openBy: fc.option(fc.constantFrom(...times), { freq: 2 }),
    })
    .map((window) => ({ ...window, openBy: isOpenByAllowed(window) ? window.openBy : null }));

function isOpenByAllowed({ opensAt, closesAt, openBy }: ReferenceDayWindow): boolean {
  const secondsAfterOpening = (time: string) =>
    (Date.parse(`1970-01-01T${time}Z`) - Date.parse(`1970-01-01T${opensAt}Z`) + DAY_MS) % DAY_MS;
  return Boolean(openBy) && secondsAfterOpening(openBy ?? '') <= (secondsAfterOpening(closesAt) || DAY_MS);
}

const days = fc.oneof(
  { weight: 4, arbitrary: fc.constant(null) },
  { weight: 2, arbitrary: fc.constant(['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY'] as const) },
  { weight: 3, arbitrary: fc.subarray([...REFERENCE_WEEKDAYS]) },
);

const createWindow = (from: Palette): fc.Arbitrary<ReferenceWindow> =>
  fc.record({ window: createDayWindow(from), days }).map((one) => ({ ...one.window, days: one.days }));

const createWindows = (from: Palette) =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 9, arbitrary: fc.array(createWindow(from), { minLength: 1, maxLength: 3 }) },
  );

const createActiveWindows = (from: Palette) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constant([]) },
    {
      weight: 7,
      arbitrary: fc
        .array(createWindow(from), { minLength: 1, maxLength: 2 })
        .map((windows) => windows.map((window) => ({ ...window, openBy: null }))),
    },
  );

const createCalendar = (from: Palette) =>
  fc
    .array(
      fc.record({
        distance: fc.integer({ min: FIRST_DAY, max: LAST_DAY }),
        windows: fc.array(createDayWindow(from), { maxLength: 2 }),
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map((dates) =>
      Object.fromEntries(
        dates.map(({ distance, windows }) => [
          new Date((from.day + distance) * DAY_MS).toISOString().slice(0, 10),
          windows,
        ]),
      ),
    );

type Conditions = Omit<ReferenceVersion, 'from' | 'until'>;

const createConditions = (from: Palette): fc.Arbitrary<Conditions> => {
  const duration = fc.option(fc.constantFrom(...from.durations), { freq: 2 });
  const graces = from.durations.filter((seconds) => seconds <= 3_600);
  return fc.record({
    enabled: fc.oneof({ weight: 7, arbitrary: fc.constant(true) }, fc.constant(false)),
    timeZone: fc.oneof(
      { weight: 15, arbitrary: fc.constant(from.timeZone) },
      fc.constantFrom(...REGIONS.map(([timeZone]) => timeZone)),
    ),
    windows: createWindows(from),
    calendar: fc.option(createCalendar(from), { freq: 2 }),
    graceSeconds: fc.constantFrom(0, 0, ...graces),
    activeWindows: createActiveWindows(from),
    maxOpenSeconds: duration,
    silentAfterSeconds: duration,
    onTamper: fc.boolean(),
    onBatteryLow: fc.boolean(),
  });
};

/** A rule must have at least one condition. */
const addCondition = (conditions: Conditions): Conditions => {
  const { windows, maxOpenSeconds, silentAfterSeconds, onBatteryLow } = conditions;
  const hasCondition = windows ?? maxOpenSeconds ?? silentAfterSeconds ?? (onBatteryLow || null);
  return hasCondition === null ? { ...conditions, onTamper: true } : conditions;
};

/** Versions that follow each other. Each later one changes some conditions of the one before. */
function createVersions(from: Palette): fc.Arbitrary<ReferenceVersion[]> {
  const instant = createInstant(from);
  const beforeAll = toInstant(from.timeZone, (from.day + FIRST_DAY - 1) * DAY_MS);
  return fc
    .record({
      beginning: fc.oneof(fc.constant(beforeAll), instant),
      first: createConditions(from),
      changes: fc.array(
        fc.record({
          at: instant,
          conditions: createConditions(from),
          changed: fc.subarray(
            (Object.keys(EMPTY_VERSION) as (keyof ReferenceVersion)[]).filter(
              (key) => key !== 'from' && key !== 'until',
            ),
          ),
        }),
        { maxLength: 3 },
      ),
    })
    .map(({ beginning, first, changes }) => {
      const ordered = changes.sort((a, b) => a.at - b.at);
      const starts = [beginning, ...ordered.map(({ at }) => Math.max(at, beginning))];
      let conditions = addCondition(first);
      return starts.map((start, index) => {
        const change = ordered[index - 1];
        if (change) {
          const changed = change.changed.map((key) => [key, change.conditions[key]]);
          conditions = addCondition({
            ...conditions,
            ...(Object.fromEntries(changed) as Partial<Conditions>),
          });
        }
        return { ...conditions, from: start, until: starts[index + 1] ?? Infinity };
      });
    });
}

/** The first version may begin later than now. The others are changes that have taken place. */
const keepVersionsUntil = (now: number, versions: readonly ReferenceVersion[]): ReferenceVersion[] => {
  const kept = versions.filter(({ from }, index) => index === 0 || from <= now);
  return kept.map((version, index) => ({ ...version, until: kept[index + 1]?.from ?? Infinity }));
};

// ---- exceptions and readings

const createException = (from: Palette): fc.Arbitrary<ReferenceException> => {
  const instant = createInstant(from);
  return fc
    .record({
      kind: fc.constantFrom('ALLOW' as const, 'SUSPEND' as const),
      bounds: fc.tuple(instant, instant),
      seconds: fc.option(fc.constantFrom(...from.durations), { freq: 2 }),
      /** Cancelled before it begins. */
      isCancelled: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
    })
    .map(({ kind, bounds: [one, other], seconds, isCancelled }) => {
      const start = Math.min(one, other);
      const until = seconds === null ? Math.max(one, other) : start + seconds * 1_000;
      return { kind, from: start, until: isCancelled ? start - 1_000 : until };
    });
};

/** Names whose order differs between UTF-16 code units and code points. */
const READING_NAMES = ['a', 'Z', '\uffff', '😀'];

const readingId = fc
  .oneof({ weight: 6, arbitrary: fc.nat(400) }, fc.nat(20))
  .map((number) => `${READING_NAMES[number % READING_NAMES.length] ?? ''}${number}`);

const state = fc.constantFrom('OPEN' as const, 'CLOSED' as const);
const signals = fc.oneof(
  { weight: 6, arbitrary: fc.record({ state }) },
  { weight: 1, arbitrary: fc.record({ tampered: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ batteryLow: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ state, tampered: fc.option(fc.boolean()), batteryLow: fc.option(fc.boolean()) }),
  },
);

const createReadings = (from: Palette): fc.Arbitrary<ReferenceReading[]> => {
  const reading = fc
    .record({ id: readingId, at: createInstant(from), signals })
    .map((one) => ({ id: one.id, at: one.at, ...one.signals }));
  return fc.oneof(
    { weight: 1, arbitrary: fc.array(reading, { maxLength: 4, size: 'max' }) },
    { weight: 2, arbitrary: fc.array(reading, { maxLength: 30, size: 'max' }) },
  );
};

/** How far ahead of the clock a reading is accepted. */
const MAX_AHEAD_MS = 300_000;

/** A random scenario of one opening. Times, durations and instants coincide often. */
export const openingScenario: fc.Arbitrary<OpeningScenario> = palette.chain((from) =>
  fc
    .record({
      rules: fc.array(createVersions(from), { minLength: 1, maxLength: 6, size: 'max' }),
      exceptions: fc.array(createException(from), { maxLength: 6, size: 'max' }),
      readings: createReadings(from),
      withdrawn: fc.array(fc.nat(30), { maxLength: 4, size: 'max' }),
      now: fc.oneof(
        { weight: 3, arbitrary: fc.constant(toInstant(from.timeZone, (from.day + LAST_DAY + 3) * DAY_MS)) },
        { weight: 2, arbitrary: createInstant(from) },
      ),
    })
    .map(({ rules, exceptions, readings, withdrawn, now }) => {
      const accepted = readings.filter(({ at }) => at <= now + MAX_AHEAD_MS);
      const ids = [...new Set(accepted.map(({ id }) => id))];
      return {
        rules: rules.map((versions, index) => ({
          id: `rule-${index}`,
          versions: keepVersionsUntil(now, versions),
        })),
        exceptions,
        readings: accepted,
        withdrawnIds: [...new Set(withdrawn.flatMap((index) => ids[index % ids.length] ?? []))],
        now,
      };
    }),
);

/** Generates the same scenarios for the same seed. */
export const generateScenarios = (seed: number, count: number): OpeningScenario[] =>
  fc.sample(openingScenario, { seed, numRuns: count });
