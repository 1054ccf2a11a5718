import { WEEKDAYS } from '@seguridad-abc/contracts';
import {
  applyReadings,
  findAlarmsOfInterval,
  NO_EXCEPTIONS,
  type DueAlarm,
  type RuleVersion,
  type SignalInterval,
  type SignalReport,
} from '@seguridad-abc/evaluation';
import { createMemoryStore, createRuleVersion, type MemoryStore } from '@seguridad-abc/evaluation/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EMPTY_VERSION, listAlarms } from '../reference/reference-evaluation.js';

// Evaluates step by step, as monitoring does, and compares every step with the reference implementation.

const QUARTER_HOUR_MS = 900_000;
const RULE_COUNT = 2;
/** Longer than all steps of a run together. */
const SEARCH_AHEAD_MS = 60 * 86_400_000;
/** Zones with an instant of a clock change. */
const CLOCK_CHANGES = [
  ['Europe/Madrid', '2024-03-31T01:00:00Z'],
  ['Europe/Madrid', '2024-10-27T01:00:00Z'],
  ['Australia/Lord_Howe', '2024-10-05T15:30:00Z'],
  ['Antarctica/Troll', '2024-03-31T01:00:00Z'],
  ['Africa/El_Aaiun', '2024-04-14T02:00:00Z'],
  ['Pacific/Apia', '2011-12-30T10:00:00Z'],
  ['America/St_Johns', '2010-11-07T02:31:00Z'],
  ['America/Bogota', '2024-05-01T00:00:00Z'],
] as const;

/** Quarter hours from the clock change: from four days before it to one day after. */
const start = fc.integer({ min: -384, max: 96 });
/** Quarter hours before the server's clock: from a little ahead to two days late. */
const ago = fc.oneof(fc.integer({ min: -1, max: 8 }), fc.integer({ min: -1, max: 192 }));

const reading = fc.record({
  id: fc.string({
    minLength: 1,
    maxLength: 2,
    unit: fc.constantFrom('a', 'b', 'c', 'd', 'e', '\uffff', '😀'),
  }),
  value: fc.boolean(),
  ago,
});

const time = fc.constantFrom(
  '00:00',
  '00:30',
  '01:30',
  '02:15',
  '03:00',
  '08:00',
  '18:30',
  '22:00',
  '23:30:30',
);
const hours = fc.option(
  fc.oneof(
    fc.record({ opensAt: time, closesAt: time }),
    time.map((wholeDay) => ({ opensAt: wholeDay, closesAt: wholeDay })),
  ),
);
const definition = fc.record({
  hours,
  days: fc.oneof(fc.constant([...WEEKDAYS]), fc.subarray([...WEEKDAYS])),
  maxOpenSeconds: fc.constantFrom(null, 1, 900, 3_600, 90_000),
  enabled: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
});

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ readings: fc.array(reading, { maxLength: 8, size: 'max' }) }) },
  { weight: 2, arbitrary: fc.record({ rule: fc.nat(RULE_COUNT - 1), definition, ago }) },
  { weight: 1, arbitrary: fc.record({ withdrawn: fc.array(fc.nat(30), { maxLength: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ wait: fc.nat(60) }) },
  { weight: 1, arbitrary: fc.constant({ restart: true }) },
);

/** The stored state of one opening, from which its evaluation continues. */
interface OpeningHistory {
  readonly reports: MemoryStore['reports'];
  readonly intervals: MemoryStore['intervals'];
  /** Readings ahead of the clock. */
  readonly early: readonly SignalReport[];
  /** The ids of all readings that were sent: those of withdrawn ones stay used. */
  readonly ids: readonly string[];
  /** The versions of each rule. */
  readonly rules: readonly (readonly RuleVersion[])[];
  /** The due alarms of each rule, by `startId`. */
  readonly dueAlarms: readonly ReadonlyMap<string, readonly DueAlarm[]>[];
}

const createHistory = (ruleCount: number): OpeningHistory => ({
  reports: [],
  intervals: [],
  early: [],
  ids: [],
  rules: Array.from({ length: ruleCount }, () => []),
  dueAlarms: Array.from({ length: ruleCount }, () => new Map()),
});

/** Records readings and evaluates the intervals that change. Early readings wait for their instant. */
function recordReadings(
  history: OpeningHistory,
  batch: readonly SignalReport[],
  now: number,
): OpeningHistory {
  const pending = [...history.early];
  const ids = new Set(history.ids);
  for (const received of batch) {
    if (!ids.has(received.id)) pending.push(received);
    ids.add(received.id);
  }
  const changed = { ...history, early: pending.filter(({ at }) => at > now), ids: [...ids] };
  return applyChange(changed, now, (store) => store.record(pending.filter(({ at }) => at <= now)));
}

function withdrawReadings(history: OpeningHistory, ids: readonly string[], now: number): OpeningHistory {
  const early = history.early.filter(({ id }) => !ids.includes(id));
  return applyChange({ ...history, early }, now, (store) => store.withdraw(ids));
}

/** @param change changes the stored reports, and returns the instants of changed ones */
function applyChange(
  history: OpeningHistory,
  now: number,
  change: (store: MemoryStore) => readonly number[],
): OpeningHistory {
  const store = createMemoryStore(history);
  const changes = applyReadings(store, change(store));
  store.apply(changes);
  return {
    ...history,
    reports: store.reports,
    intervals: store.intervals,
    dueAlarms: history.rules.map((versions, rule) => {
      const dueAlarms = new Map(history.dueAlarms[rule]);
      for (const { startId } of changes.removed) dueAlarms.delete(startId);
      for (const interval of changes.put)
        dueAlarms.set(interval.startId, findDueAlarms(versions, interval, now));
      return dueAlarms;
    }),
  };
}

const findDueAlarms = (versions: readonly RuleVersion[], interval: SignalInterval, now: number) =>
  findAlarmsOfInterval({ versions, exceptions: NO_EXCEPTIONS }, 'OPEN', interval, now + SEARCH_AHEAD_MS)
    .alarms;

/** Starts a new version of a rule, and evaluates the intervals that end later than it starts. */
function changeRule(history: OpeningHistory, rule: number, next: RuleVersion, now: number): OpeningHistory {
  const ended = (history.rules[rule] ?? []).map((version) => ({ ...version, until: version.until ?? now }));
  const versions = [...ended, next];
  const dueAlarms = new Map(history.dueAlarms[rule]);
  for (const interval of history.intervals) {
    if (interval.endedAt !== null && interval.endedAt <= next.from) continue;
    dueAlarms.set(interval.startId, findDueAlarms(versions, interval, now));
  }
  return {
    ...history,
    rules: history.rules.with(rule, versions),
    dueAlarms: history.dueAlarms.with(rule, dueAlarms),
  };
}

/** The history after a restart: what JSON can hold. */
function restart(history: OpeningHistory): OpeningHistory {
  const text = JSON.stringify({ ...history, dueAlarms: history.dueAlarms.map((byStart) => [...byStart]) });
  const parsed = JSON.parse(text) as Omit<OpeningHistory, 'dueAlarms'> & {
    dueAlarms: [string, DueAlarm[]][][];
  };
  return { ...parsed, dueAlarms: parsed.dueAlarms.map((byStart) => new Map(byStart)) };
}

/** The alarms of a rule at an instant, as `kind startedAt raisedAt clearedAt`. */
function describeAlarms({ intervals, dueAlarms }: OpeningHistory, rule: number, now: number): string[] {
  const byStart = new Map(intervals.map((interval) => [interval.startId, interval]));
  return [...(dueAlarms[rule] ?? [])]
    .flatMap(([startId, alarms]) =>
      alarms
        .filter(({ at }) => at <= now)
        .map(({ kind, at }) => {
          const interval = byStart.get(startId);
          return [kind, interval?.startedAt, at, interval?.endedAt].map(String).join(' ');
        }),
    )
    .sort();
}

/** The same by the reference implementation, from all readings that were sent. */
function describeReferenceAlarms(
  versions: readonly RuleVersion[],
  sent: readonly SignalReport[],
  withdrawnIds: readonly string[],
  now: number,
): string[] {
  return listAlarms({
    versions: versions.map(({ from, until, enabled, timeZone, windows, maxOpenSeconds }) => ({
      ...EMPTY_VERSION,
      ...{ from, enabled, timeZone, windows, maxOpenSeconds },
      until: until ?? Infinity,
    })),
    readings: sent.map(({ id, at, value }) => ({ id, at, state: value ? 'OPEN' : 'CLOSED' })),
    withdrawnIds,
    now,
  })
    .map(({ kind, start, raisedAt, clearedAt }) =>
      [kind, start, raisedAt, clearedAt === Infinity ? null : clearedAt].map(String).join(' '),
    )
    .sort();
}

const createVersion = (
  { hours: allowed, days, ...others }: typeof definition extends fc.Arbitrary<infer T> ? T : never,
  timeZone: string,
  from: number,
): RuleVersion =>
  createRuleVersion({
    ...others,
    windows: allowed && [{ ...allowed, days: [...days], openBy: null }],
    timeZone,
    from,
  });

it('equals the reference at every step, through rule changes, late, early and withdrawn readings, and restarts', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...CLOCK_CHANGES),
      start,
      fc.array(step, { maxLength: 24, size: 'max' }),
      ([timeZone, change], begin, steps) => {
        let now = Date.parse(change) + begin * QUARTER_HOUR_MS;
        let history = createHistory(RULE_COUNT);
        const sent: SignalReport[] = [];
        const withdrawnIds: string[] = [];
        for (const one of steps) {
          if ('readings' in one) {
            const batch = one.readings.map((each) => ({ ...each, at: now - each.ago * QUARTER_HOUR_MS }));
            sent.push(...batch);
            history = recordReadings(history, batch, now);
          } else if ('definition' in one) {
            const before = history.rules[one.rule]?.at(-1);
            const from = before ? Math.max(now, before.from) : now - one.ago * QUARTER_HOUR_MS;
            history = changeRule(history, one.rule, createVersion(one.definition, timeZone, from), now);
          } else if ('withdrawn' in one) {
            const ids = one.withdrawn.flatMap((index) => history.ids[index] ?? []);
            withdrawnIds.push(...ids);
            history = withdrawReadings(history, ids, now);
          } else if ('wait' in one) {
            now += one.wait * QUARTER_HOUR_MS;
            history = recordReadings(history, [], now);
          } else {
            history = restart(history);
          }
          for (const [rule, versions] of history.rules.entries()) {
            expect(describeAlarms(history, rule, now)).toStrictEqual(
              describeReferenceAlarms(versions, sent, withdrawnIds, now),
            );
          }
        }
      },
    ),
  );
});
