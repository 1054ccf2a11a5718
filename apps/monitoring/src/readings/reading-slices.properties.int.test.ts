import { formatInstant, WEEKDAYS } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRuleInput } from '../testing/fixtures.js';
import { replayLog } from '../testing/replay-log.js';
import {
  openOtherInstance,
  openTestStorage,
  usesPostgres,
  type TestStorage,
} from '../testing/test-storage.js';
import type { SliceLimits } from './reading-repository.js';

/** PROPERTY_RUNS sets a larger number for a long run (docs/evaluation.md). */
const CASES = Number(process.env['PROPERTY_RUNS'] ?? (usesPostgres ? 30 : 100));
const NOW = Date.parse('2026-03-27T20:00:00Z');
const UNCUT: SliceLimits = { readingsPerStep: 1_000, costUs: Infinity };

let getSliceLimits = () => UNCUT;
let test: TestStorage;
/** Another instance on PostgreSQL; the same one on SQLite. */
let other: TestStorage;
beforeAll(async () => {
  const options = { now: () => formatInstant(NOW), getSliceLimits: () => getSliceLimits() };
  test = await openTestStorage(options);
  other = await openOtherInstance(test, options);
});
afterAll(async () => {
  if (other !== test) await other.close();
  await test.close();
});

/** Few instants and ids, so that readings collide; the last ones are ahead of the clock. */
const reading = fc.record({
  id: fc.integer({ min: 0, max: 30 }).map(String),
  opening: fc.constantFrom('Door', 'Door', 'Door', 'Window'),
  state: fc.constantFrom('OPEN' as const, 'CLOSED' as const),
  tampered: fc.option(fc.boolean(), { freq: 2 }),
  batteryLow: fc.option(fc.boolean(), { freq: 2 }),
  second: fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: -40, max: 2 }) },
    fc.integer({ min: -400, max: 2 }),
  ),
});
/** A run of readings of one state at every second instant, as a sensor sends that repeats its state. */
const run = fc
  .record({
    state: fc.constantFrom('OPEN' as const, 'CLOSED' as const),
    start: fc.integer({ min: -45, max: -5 }),
    length: fc.integer({ min: 2, max: 20 }),
    prefix: fc.constantFrom('a', 'b'),
  })
  .map(({ state, start, length, prefix }) =>
    Array.from({ length }, (_, index) => ({
      id: `${prefix}${start}.${index}`,
      opening: 'Door',
      state,
      second: start + 2 * index,
    })),
  );
const command = fc
  .array(fc.oneof(fc.array(reading, { minLength: 1, maxLength: 8 }), run), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.flat());
interface SentReading {
  readonly id: string;
  readonly opening: string;
  readonly state: 'OPEN' | 'CLOSED';
  readonly tampered?: boolean | null;
  readonly batteryLow?: boolean | null;
  /** Seconds from now. */
  readonly second: number;
}
interface TestRule {
  readonly opening: string;
  readonly maxOpenSeconds: number;
  readonly isNeverAllowed: boolean;
  /** Whether tampering, a low battery, silence and late openings are alarms too. */
  readonly watchesAll: boolean;
  readonly effectiveSecond: number;
}

/** It must be opened 100 seconds before now at the latest, and 20 seconds before now. */
const WINDOWS_TO_OPEN_IN = [
  { opensAt: '19:57:00', closesAt: '19:59:30', openBy: '19:58:20' },
  { opensAt: '19:59:30', closesAt: '20:30:00', openBy: '19:59:40' },
].map((window) => ({ ...window, days: [...WEEKDAYS] }));

const rule = fc.record({
  opening: fc.constantFrom('Door', 'Door', 'Window'),
  maxOpenSeconds: fc.integer({ min: 1, max: 12 }),
  isNeverAllowed: fc.boolean(),
  watchesAll: fc.boolean(),
  effectiveSecond: fc.oneof(fc.integer({ min: -45, max: 0 }), fc.integer({ min: -400, max: 0 })),
});
/** A cost in microseconds: some transactions take one step only, others several. */
const limits = fc.record({
  readingsPerStep: fc.integer({ min: 1, max: 6 }),
  costUs: fc.constantFrom(1, 200, 1_000),
});

let users = 0;
const at = (second: number) => formatInstant(NOW + second * 1_000);

/**
 * Sends the stored readings uncut, and the last command in slices.
 * @returns what the last command did to alarms, without ids
 */
function sendCommands(
  rules: readonly TestRule[],
  stored: readonly (readonly SentReading[])[],
  last: readonly SentReading[],
  cuts: () => SliceLimits,
) {
  return observe(rules, stored, (send) => {
    getSliceLimits = cuts;
    return send(last);
  });
}

type Send = (
  readings: readonly SentReading[],
  instance?: TestStorage,
) => ReturnType<TestStorage['commands']['recordReadings']>;

/**
 * Creates rules, sends the stored readings uncut, and runs commands.
 * @returns the result of the commands, what they did to alarms, and the intervals that are left
 */
async function observe<Result>(
  rules: readonly TestRule[],
  stored: readonly (readonly SentReading[])[],
  run: (send: Send) => Promise<Result>,
) {
  getSliceLimits = () => UNCUT;
  const userId = `user-${++users}`;
  const { position: start } = await test.eventLog.end();
  for (const [index, one] of rules.entries()) {
    const { opening, maxOpenSeconds, isNeverAllowed, watchesAll, effectiveSecond } = one;
    await test.commands.createRule(
      createRuleInput({
        userId,
        name: `Rule ${index}`,
        opening,
        timeZone: 'UTC',
        maxOpenSeconds,
        windows: isNeverAllowed ? [] : watchesAll ? WINDOWS_TO_OPEN_IN : null,
        ...(watchesAll && { onTamper: true, onBatteryLow: true, silentAfterSeconds: 60 }),
        effectiveFrom: at(effectiveSecond),
      }),
    );
  }
  const send: Send = (readings, instance = test) =>
    instance.commands.recordReadings({
      userId,
      readings: readings.map(({ second, ...one }) => ({ ...one, at: at(second) })),
    });
  for (const readings of stored) await send(readings);
  while (await test.storage.dueJobs.runSome());
  const { position: before } = await test.eventLog.end();
  const result = await run(send);
  const { entries } = await test.eventLog.read(start, 10_000);
  const ruleNames = new Map<string, string>();
  const events: string[] = [];
  for (const { position, type, data } of entries) {
    const { rule: created, alarm } = data as {
      rule?: { id: string; name: string };
      alarm?: Record<string, unknown>;
    };
    if (created) ruleNames.set(created.id, created.name);
    if (!alarm || position <= before) continue;
    const comparable = { ...alarm, id: undefined, userId: undefined, ruleId: undefined };
    events.push(JSON.stringify([type, ruleNames.get(String(alarm['ruleId'])), comparable]));
  }
  const leftIntervals = await test.reader.select().from(test.tables.unevaluatedEpisodes);
  const { alarms: replayed } = await replayLog(test.eventLog, userId);
  const present = [...replayed.values()].filter(({ status }) => status !== 'RETRACTED');
  const alarms = present.map(({ ruleId, kind, opening, raisedAt, status, clearedAt }) =>
    JSON.stringify([ruleNames.get(ruleId), kind, opening, raisedAt, status, clearedAt]),
  );
  return { result, events: events.sort(), alarms: alarms.sort(), leftIntervals };
}

const expectSame = async (...[rules, stored, last, cuts]: Parameters<typeof sendCommands>) => {
  const uncut = await sendCommands(rules, stored, last, () => UNCUT);
  const cut = await sendCommands(rules, stored, last, cuts);
  expect(cut).toEqual(uncut);
  expect(cut.leftIntervals).toEqual([]);
  return cut.events;
};

describe('a command whose readings take several transactions', () => {
  it('changes the same alarms as in one transaction, wherever it is cut', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(rule, { minLength: 1, maxLength: 3 }),
        fc.array(command, { maxLength: 2 }),
        command,
        fc.infiniteStream(limits),
        async (rules, stored, last, cuts) => {
          await expectSame(rules, stored, last, () => cuts.next().value as SliceLimits);
        },
      ),
      { numRuns: CASES },
    );
  });

  it('raises no alarm between CLOSED readings that come between stored OPEN ones', async () => {
    const run = (state: 'OPEN' | 'CLOSED', offset: number) =>
      Array.from({ length: 10 }, (_, index) => ({
        id: `${state} ${index}`,
        opening: 'Door',
        state,
        second: -100 + index * 10 + offset,
      }));
    const rules = [
      { opening: 'Door', maxOpenSeconds: 5, isNeverAllowed: false, watchesAll: false, effectiveSecond: -200 },
    ];
    const events = await expectSame(rules, [run('OPEN', 0)], run('CLOSED', 3), () => ({
      readingsPerStep: 1,
      costUs: 1,
    }));
    // The alarm of the first OPEN reading, which the first CLOSED one disproves.
    expect(events).toHaveLength(1);
    expect(events[0]).toContain('AlarmRetracted');
  });
});

describe('two commands at the same time', () => {
  it('lead to the alarms of one after the other, and leave no interval', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(rule, { minLength: 1, maxLength: 3 }),
        command,
        command,
        command,
        fc.infiniteStream(limits),
        fc.integer({ min: 1, max: 8 }),
        async (rules, stored, first, last, cuts, start) => {
          const second = last.map((one) => ({ ...one, id: `second ${one.id}` }));
          const inOrder = (...commands: (readonly SentReading[])[]) =>
            observe(rules, [stored], async (send) => {
              for (const readings of commands) await send(readings);
              while (await test.storage.dueJobs.runSome());
            });
          const orders = [await inOrder(first, second), await inOrder(second, first)];
          const together = await observe(rules, [stored], async (send) => {
            let sliceCount = 0;
            let sending: Promise<unknown> | undefined;
            getSliceLimits = () => {
              if (++sliceCount === start) sending ??= send(second, other);
              return cuts.next().value as SliceLimits;
            };
            await send(first);
            sending ??= send(second, other);
            await sending;
            while (await test.storage.dueJobs.runSome());
          });
          expect(together.leftIntervals).toEqual([]);
          expect(orders.map(({ alarms }) => alarms)).toContainEqual(together.alarms);
        },
      ),
      { numRuns: Math.ceil(CASES / 3) },
    );
  });
});
