import { SIGNALS, WEEKDAYS, type CalendarWindow, type Window } from '@seguridad-abc/contracts';
import {
  applyReadings,
  createCalendarDates,
  deriveIntervals,
  findAlarmOfSilence,
  findAlarmsOfInterval,
  findLateOpeningAlarms,
  findNextOpenBy,
  getSilenceStart,
  listOpenByOccurrences,
  listSignalReports,
  mergePeriods,
  type DueAlarm,
  type DueSearch,
  type Episode,
  type EvaluatedVersions,
  type RuleVersion,
  type SensorReading,
} from '@seguridad-abc/evaluation';
import { createMemoryStore } from '@seguridad-abc/evaluation/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openingScenario, type OpeningScenario } from '../reference/random-scenarios.js';
import {
  listAlarms,
  type ReferenceAlarm,
  type ReferenceCalendar,
  type ReferenceDayWindow,
  type ReferenceVersion,
  type ReferenceWindow,
} from '../reference/reference-evaluation.js';

// Compares packages/evaluation with the reference implementation over random scenarios of all kinds together.

const HOUR_MS = 3_600_000;

// ---- scenarios as packages/evaluation takes them

const toCalendarWindow = ({ opensAt, closesAt, openBy }: ReferenceDayWindow): CalendarWindow => ({
  opensAt,
  closesAt,
  openBy: openBy ?? null,
});

const toWindow = ({ days, ...window }: ReferenceWindow): Window => ({
  ...toCalendarWindow(window),
  days: WEEKDAYS.filter((day) => days === null || days.includes(day)),
});

const toCalendarDates = (calendar: ReferenceCalendar) =>
  createCalendarDates(
    Object.entries(calendar).map(([date, windows]) => ({
      date,
      label: null,
      windows: windows.map(toCalendarWindow),
    })),
  );

const toRuleVersion = (version: ReferenceVersion): RuleVersion => ({
  ...version,
  until: version.until === Infinity ? null : version.until,
  windows: version.windows?.map(toWindow) ?? null,
  calendar: version.calendar && toCalendarDates(version.calendar),
  activeWindows: version.activeWindows?.map(toWindow) ?? null,
});

const toEvaluatedVersions = (
  versions: readonly ReferenceVersion[],
  exceptions: OpeningScenario['exceptions'],
): EvaluatedVersions => ({
  versions: versions.map(toRuleVersion),
  exceptions: {
    allow: mergePeriods(exceptions.filter(({ kind }) => kind === 'ALLOW')),
    suspend: mergePeriods(exceptions.filter(({ kind }) => kind === 'SUSPEND')),
  },
});

const toSensorReading = ({
  id,
  at,
  state,
  tampered,
  batteryLow,
}: OpeningScenario['readings'][number]): SensorReading => ({
  id,
  at,
  state: state ?? null,
  tampered: tampered ?? null,
  batteryLow: batteryLow ?? null,
});

// ---- alarms

/** Finds the due alarms of an episode up to now, in one of several ways. */
type DueAlarmFinder = (
  search: (searchUntil: number) => DueSearch,
  start: number,
  now: number,
) => readonly DueAlarm[];

const findAtOnce: DueAlarmFinder = (search, _start, now) => search(now + 1).alarms;
const findWithLookAhead: DueAlarmFinder = (search, _start, now) => search(now + 192 * HOUR_MS).alarms;

/** Searches some hours ahead, and again from the end of each search, as timers do. */
const createTimerFinder =
  (aheadMs: number): DueAlarmFinder =>
  (search, start, now) => {
    let clock = start;
    let found = search(clock + aheadMs);
    const alarms: DueAlarm[] = [];
    while (clock <= now) {
      const dueNow = found.alarms.filter(({ at }) => at <= clock);
      alarms.push(...dueNow.filter(({ kind }) => !alarms.some((alarm) => alarm.kind === kind)));
      const next = Math.min(
        found.searchedUntil,
        ...found.alarms.map(({ at }) => at).filter((at) => at > clock),
      );
      if (next === Infinity) break;
      expect(next).toBeGreaterThan(clock);
      clock = next;
      found = search(clock + aheadMs);
    }
    return alarms;
  };

function evaluateRule(
  versions: readonly ReferenceVersion[],
  { exceptions, readings, now }: OpeningScenario,
  effective: readonly SensorReading[],
  findDueAlarms: DueAlarmFinder,
): ReferenceAlarm[] {
  const rule = toEvaluatedVersions(versions, exceptions);
  const ruleBeginsAt = versions[0]?.from ?? Infinity;
  const begin = Math.min(ruleBeginsAt, ...readings.map(({ at }) => at));

  const toAlarms = (
    episode: Episode,
    start: number,
    search: (searchUntil: number) => DueSearch,
  ): ReferenceAlarm[] =>
    findDueAlarms(search, Math.max(begin, episode.startedAt), now)
      .filter(({ at }) => at <= now)
      .map(({ kind, at }) => ({ kind, start, raisedAt: at, clearedAt: episode.endedAt ?? Infinity }));

  const ofSignals = SIGNALS.flatMap((signal) =>
    deriveIntervals(listSignalReports(effective, signal)).flatMap((interval) =>
      toAlarms(interval, interval.startedAt, (until) => findAlarmsOfInterval(rule, signal, interval, until)),
    ),
  );
  const instants = [...new Set(effective.map(({ at }) => at))].sort((a, b) => a - b);
  const ofSilences = [-Infinity, ...instants].flatMap((startedAt, index) => {
    const silence = { startedAt, endedAt: instants[index] ?? null };
    const start = getSilenceStart(startedAt, ruleBeginsAt);
    return toAlarms(silence, start, (until) => findAlarmOfSilence(rule, silence, until));
  });
  const store = createMemoryStore();
  store.apply({ put: deriveIntervals(listSignalReports(effective, 'OPEN')), removed: [] });
  const occurrences = listOpenByOccurrences(rule, ruleBeginsAt, now);
  const ofOccurrences = findLateOpeningAlarms(occurrences, store).map(({ startedAt, dueAt, clearsAt }) => ({
    kind: 'NOT_OPENED' as const,
    start: startedAt,
    raisedAt: dueAt,
    clearedAt: clearsAt <= now ? clearsAt : Infinity,
  }));
  return [...ofSignals, ...ofSilences, ...ofOccurrences];
}

/** The readings that count, in the order of arrival. */
function listEffective({ readings, withdrawnIds, now }: OpeningScenario): SensorReading[] {
  const ids = new Set<string>();
  const first = readings.filter(({ id }) => !ids.has(id) && ids.add(id));
  return first.filter(({ id, at }) => at <= now && !withdrawnIds.includes(id)).map(toSensorReading);
}

const format = (alarms: readonly ReferenceAlarm[]) =>
  alarms
    .map(({ kind, start, raisedAt, clearedAt }) => {
      const [from, raised, cleared] = [start, raisedAt, clearedAt].map((at) =>
        at === Infinity ? 'never' : new Date(at).toISOString(),
      );
      return `${kind} from ${from ?? ''}, raised at ${raised ?? ''}, cleared at ${cleared ?? ''}`;
    })
    .sort();

const finder: fc.Arbitrary<DueAlarmFinder> = fc.oneof(
  fc.constant(findAtOnce),
  fc.constant(findWithLookAhead),
  fc.integer({ min: 1, max: 200 }).map((hours) => createTimerFinder(hours * HOUR_MS)),
);

it('finds the alarms of the reference', () => {
  fc.assert(
    fc.property(openingScenario, finder, (scenario, findDueAlarms) => {
      const effective = listEffective(scenario);
      for (const { versions } of scenario.rules) {
        const found = evaluateRule(versions, scenario, effective, findDueAlarms);
        expect(format(found)).toStrictEqual(format(listAlarms({ ...scenario, versions })));
      }
    }),
  );
});

it('rebuilds the intervals of each signal after every reading and withdrawal', () => {
  fc.assert(
    fc.property(openingScenario, ({ readings, withdrawnIds }) => {
      const sent = readings.map(toSensorReading);
      for (const signal of SIGNALS) {
        const reports = listSignalReports(sent, signal);
        const store = createMemoryStore();
        for (const report of reports) store.apply(applyReadings(store, store.record([report])));
        store.apply(applyReadings(store, store.withdraw(withdrawnIds)));
        const expected = deriveIntervals(reports.filter(({ id }) => !withdrawnIds.includes(id)));
        expect(store.intervals).toStrictEqual(expected);
      }
    }),
  );
});

it('finds each next instant at which an opening can be late', () => {
  fc.assert(
    fc.property(openingScenario, fc.integer({ min: 1, max: 200 }), ({ rules, exceptions, now }, hours) => {
      for (const { versions } of rules) {
        const rule = toEvaluatedVersions(versions, exceptions);
        const from = versions[0]?.from ?? now;
        const expected = new Set(listOpenByOccurrences(rule, from, now).map(({ dueAt }) => dueAt));
        const found: number[] = [];
        let after = from - 1;
        while (after < now) {
          const next = findNextOpenBy(rule, after, after + hours * HOUR_MS);
          if (next.at !== undefined && next.at <= now) found.push(next.at);
          after = next.at ?? next.searchedUntil - 1;
        }
        expect(found).toStrictEqual([...expected]);
      }
    }),
  );
});
