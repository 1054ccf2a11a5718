import { type RuleState, formatInstant } from '@seguridad-abc/contracts';
import {
  findAlarmsOfInterval,
  deriveIntervals,
  type SensorReading,
  type RuleVersion,
} from '@seguridad-abc/evaluation';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestStorage, type TestStorage } from '../testing/test-storage.js';
import { createRuleInput } from '../testing/fixtures.js';
import { replayLog } from '../testing/replay-log.js';
import { deriveAlarmId } from './interval-evaluator.js';

/** PROPERTY_RUNS sets a larger number for a long run (docs/evaluation.md). */
const CASES = Number(process.env['PROPERTY_RUNS'] ?? 60);

/** Readings have whole seconds. Rules change half a second later, so the order within an instant does not matter. */
const START = Date.parse('2026-03-27T20:00:00.500Z');
const SECOND = 1_000;
const OPENINGS = ['Door', 'Window'] as const;

let clock = START;
const now = () => formatInstant(clock);
let test: TestStorage;
beforeAll(() => void (test = openTestStorage({ now })));
afterAll(() => test.close());

const time = fc.constantFrom('00:00', '02:30', '08:00', '20:59:30', '22:00', '23:30');
const definition = fc.record({
  opensAt: time,
  closesAt: time,
  days: fc.subarray(['MONDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] as const),
  timeZone: fc.constantFrom('UTC', 'Europe/Madrid', 'America/New_York', 'Australia/Lord_Howe'),
  maxOpenSeconds: fc.option(fc.integer({ min: 1, max: 90 })),
});
const creation = fc.record({
  kind: fc.constant('create' as const),
  opening: fc.constantFrom(...OPENINGS),
  definition,
  enabled: fc.boolean(),
  /** Seconds from now. */
  effective: fc.option(fc.integer({ min: -300_000, max: 100_000 })),
});
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('record' as const),
      readings: fc.array(
        fc.record({
          id: fc.integer({ min: 0, max: 40 }).map(String),
          opening: fc.constantFrom(...OPENINGS),
          state: fc.constantFrom('OPEN' as const, 'CLOSED' as const),
          /** Seconds before now. */
          ago: fc.oneof(fc.integer({ min: -200, max: 200 }), fc.integer({ min: 0, max: 300_000 })),
        }),
        { minLength: 1, maxLength: 6 },
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      seconds: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 200_000 })),
    }),
  },
  { weight: 2, arbitrary: creation },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('update' as const),
      which: fc.nat(3),
      change: fc.oneof(definition, fc.record({ enabled: fc.boolean() }), fc.record({ name: fc.uuid() })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), which: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

let users = 0;

/** Runs the steps for a new user. @returns the readings and the rule states of the steps */
async function runSteps(steps: readonly Step[]) {
  const userId = `user-${++users}`;
  const readings = new Map<string, Map<string, SensorReading>>();
  const rules = new Map<string, RuleState[]>();
  const addState = (rule: RuleState) => rules.set(rule.id, [...(rules.get(rule.id) ?? []), rule]);
  const getRule = (which: number) => [...rules.values()][which]?.at(-1);
  const wholeSecond = (ms: number) => Math.floor(ms / SECOND) * SECOND;

  for (const next of steps) {
    clock += SECOND;
    switch (next.kind) {
      case 'record': {
        const received = next.readings.map(({ ago, ...reading }) => ({
          ...reading,
          at: wholeSecond(clock - ago * SECOND),
        }));
        for (const { opening, ...reading } of received) {
          const known = readings.get(opening) ?? new Map<string, SensorReading>();
          if (!known.has(reading.id)) known.set(reading.id, reading);
          readings.set(opening, known);
        }
        await test.commands.recordReadings({
          userId,
          readings: received.map((reading) => ({ ...reading, at: formatInstant(reading.at) })),
        });
        break;
      }
      case 'pass':
        clock += next.seconds * SECOND;
        while (await test.storage.dueJobs.runSome());
        break;
      case 'create': {
        const { opening, enabled, effective } = next;
        const effectiveFrom = effective === null ? null : formatInstant(clock + effective * SECOND);
        const name = `Rule ${rules.size}`;
        const rule = createRuleInput({ ...next.definition, userId, name, opening, enabled, effectiveFrom });
        addState(await test.commands.createRule(rule));
        break;
      }
      case 'update': {
        const rule = getRule(next.which);
        if (rule?.deletedAt === null)
          addState(await test.commands.updateRule({ id: rule.id, ...next.change }));
        break;
      }
      case 'delete': {
        const rule = getRule(next.which);
        if (rule?.deletedAt === null) addState(await test.commands.deleteRule({ id: rule.id }));
        break;
      }
      case 'restart':
        await test.reopen();
        break;
    }
  }
  clock += SECOND;
  while (await test.storage.dueJobs.runSome());
  return { userId, readings, rules };
}

/** Every state of a rule as a version, even if the change does not affect the evaluation. */
const toVersions = (states: readonly RuleState[]): RuleVersion[] =>
  states.map((state, i) => ({
    ...state,
    from: Math.max(
      Date.parse(i === 0 ? state.effectiveFrom : state.updatedAt),
      Date.parse(state.effectiveFrom),
    ),
    until: states[i + 1] ? Date.parse(states[i + 1]!.updatedAt) : null,
    enabled: state.enabled && state.deletedAt === null,
  }));

const instantOrNull = (ms: number | null) => (ms === null ? null : formatInstant(ms));
const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);

describe('the incremental evaluation', () => {
  it('equals an evaluation of all readings at once', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(creation, fc.array(step, { minLength: 2, maxLength: 25 }), async (first, others) => {
        const { position } = await test.eventLog.end();
        const { userId, readings, rules } = await runSteps([first, ...others]);
        const replayed = await replayLog(test.eventLog, userId, position);
        const alarms = [...replayed.alarms.values()].filter(
          (alarm) => alarm.userId === userId && alarm.status !== 'RETRACTED',
        );
        const expected = [];
        for (const opening of OPENINGS) {
          const known = [...(readings.get(opening) ?? new Map<string, SensorReading>()).values()];
          const intervals = deriveIntervals(known.filter(({ at }) => at <= clock));
          expect([...(replayed.intervals.get(opening) ?? new Map()).values()]).toEqual(
            expect.arrayContaining(
              intervals.map(({ startId, startedAt, endedAt }) => ({
                startId,
                startedAt: formatInstant(startedAt),
                endedAt: instantOrNull(endedAt),
              })),
            ),
          );
          expect(replayed.intervals.get(opening)?.size ?? 0).toBe(intervals.length);
          for (const [ruleId, states] of rules) {
            if (states[0]?.opening !== opening) continue;
            for (const interval of intervals) {
              for (const due of findAlarmsOfInterval(toVersions(states), interval)) {
                if (interval.endedAt === null && due.at > clock) continue;
                expected.push({
                  id: deriveAlarmId(ruleId, due.kind, interval.startId),
                  kind: due.kind,
                  raisedAt: formatInstant(due.at),
                  clearedAt: instantOrNull(interval.endedAt),
                  status: interval.endedAt === null ? 'ACTIVE' : 'CLEARED',
                });
              }
            }
          }
        }
        expect(
          alarms
            .map(({ id, kind, raisedAt, clearedAt, status }) => ({ id, kind, raisedAt, clearedAt, status }))
            .sort(byId),
        ).toEqual(expected.sort(byId));
      }),
      { numRuns: CASES },
    );
  });
});
