import { formatInstant } from '@seguridad-abc/contracts';
import { eventually } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { partialCommands } from '../db/postgres-schema.js';
import { acceptErasure } from '../testing/accept-erasure.js';
import { createRuleInput } from '../testing/fixtures.js';
import { replayLog } from '../testing/replay-log.js';
import { refuseReading } from '../testing/refuse-reading.js';
import {
  openOtherInstance,
  openTestStorage,
  usesPostgres,
  type TestStorage,
} from '../testing/test-storage.js';
import { ABANDONED_AFTER_MS, createOtherPartialCommands } from './other-partial-commands.js';

const NOW = Date.parse('2026-03-27T20:00:00Z');
/** One reading a transaction. */
const SMALLEST_SLICE = { readingsPerStep: 1, costUs: 1 };

let clock: number;
let beforeSlice: () => void;
let test: TestStorage;
/** Another instance on PostgreSQL; the same one on SQLite. */
let other: TestStorage;
beforeEach(async () => {
  clock = NOW;
  beforeSlice = () => undefined;
  const options = {
    now: () => formatInstant(clock),
    getSliceLimits() {
      beforeSlice();
      return SMALLEST_SLICE;
    },
  };
  test = await openTestStorage(options);
  other = await openOtherInstance(test, options);
});
afterEach(async () => {
  if (other !== test) await other.close();
  await test.close();
});

const createRule = (name: string, instance = test) =>
  instance.commands.createRule(
    createRuleInput({
      name,
      opening: 'Door',
      opensAt: null,
      closesAt: null,
      maxOpenSeconds: 5,
      effectiveFrom: formatInstant(NOW - 1_000_000),
    }),
  );

/** Readings of one state every 10 s, from 100 s ago. */
const createReadings = (state: 'OPEN' | 'CLOSED', offset: number) =>
  Array.from({ length: 10 }, (_, index) => ({
    id: `${state} ${index}`,
    opening: 'Door',
    state,
    at: formatInstant(NOW + (-100 + index * 10 + offset) * 1_000),
  }));
const record = (readings: ReturnType<typeof createReadings>, instance = test) =>
  instance.commands.recordReadings({ userId: 'ana', readings });

const runJobs = async () => {
  while (await test.storage.dueJobs.runSome());
};
const countLeft = async () => (await test.reader.select().from(test.tables.unevaluatedEpisodes)).length;

async function listAlarmEvents() {
  const { entries } = await test.eventLog.read(0, 1_000);
  return entries.map(({ type }) => type).filter((type) => type.startsWith('Alarm'));
}
const listActiveAlarms = async () =>
  [...(await replayLog(test.eventLog, 'ana')).alarms.values()].filter(({ status }) => status === 'ACTIVE');

/** Stores OPEN readings, then fails to store all of the CLOSED readings between them. */
async function failInTheMiddle() {
  await createRule('Rule');
  await record(createReadings('OPEN', 0));
  expect(await listActiveAlarms()).toHaveLength(1);
  const acceptAgain = await refuseReading(test, 'CLOSED 5');
  await expect(record(createReadings('CLOSED', 3))).rejects.toThrow();
  // The alarm waits: it may continue in the interval that starts after the last CLOSED reading.
  expect(await listActiveAlarms()).toHaveLength(1);
  expect(await countLeft()).toBeGreaterThan(0);
  return acceptAgain;
}

describe('a command of several transactions that fails in the middle', () => {
  it('has its intervals evaluated by a job, and can be sent again', async () => {
    const acceptAgain = await failInTheMiddle();
    await runJobs();
    expect(await countLeft()).toBe(0);
    expect(await listActiveAlarms()).toHaveLength(1);
    await acceptAgain();
    expect(await record(createReadings('CLOSED', 3))).toMatchObject({ accepted: 5, duplicates: 5 });
    expect(await listActiveAlarms()).toHaveLength(0);
  });

  it('has its intervals evaluated after a restart', async () => {
    await failInTheMiddle();
    await test.reopen();
    expect(await test.storage.dueJobs.findNextDueAt()).toBe(0);
    await runJobs();
    expect(await countLeft()).toBe(0);
    expect(await listActiveAlarms()).toHaveLength(1);
    expect(await test.storage.dueJobs.findNextDueAt()).toBeUndefined();
  });

  it.runIf(usesPostgres)('of another instance has them evaluated when it is abandoned', async () => {
    await createRule('Rule');
    await record(createReadings('OPEN', 0));
    let slices = 0;
    beforeSlice = () => {
      // As if its process ended: it cannot tell the others.
      if (++slices === 4) void other.database.close();
    };
    await expect(record(createReadings('CLOSED', 3), other)).rejects.toThrow();
    expect(await countLeft()).toBeGreaterThan(0);
    expect(await test.storage.dueJobs.findNextDueAt()).toBeUndefined();
    await runJobs();
    expect(await countLeft()).toBeGreaterThan(0);
    await test.db.update(partialCommands).set({ notedAt: Date.now() - ABANDONED_AFTER_MS - 1 });
    expect(await test.storage.dueJobs.findNextDueAt()).toBe(0);
    await runJobs();
    expect(await countLeft()).toBe(0);
    expect(await listActiveAlarms()).toHaveLength(1);
  });

  it.runIf(usesPostgres)('of another instance is not abandoned while that instance lives', async () => {
    const { db, control } = other.database;
    const commands = createOtherPartialCommands(db, control);
    await commands.save('command', 1, NOW);
    const { notedAt } = partialCommands;
    const isNoted = async () => (await test.db.select({ notedAt }).from(partialCommands))[0]?.notedAt !== 0;
    await test.db.update(partialCommands).set({ notedAt: 0 });
    expect(await isNoted()).toBe(false);
    await eventually(async () => expect(await isNoted()).toBe(true));
    commands.end('command');
  });

  it('leaves nothing if the user is erased', async () => {
    await failInTheMiddle();
    test.storage.erasures.start({
      waitUntilRelayed: () => Promise.resolve(true),
      rewrite: () => Promise.resolve(),
    });
    const { waitUntilComplete } = await acceptErasure(test, 'ana');
    expect(await waitUntilComplete(10_000)).toBe(true);
    expect(await countLeft()).toBe(0);
    await test.storage.erasures.stop();
  });
});

describe('between the transactions of a command', () => {
  /** Records CLOSED readings, and another reading between their transactions. @returns what the other command answers */
  async function recordWithAnother(reading: {
    readonly id: string;
    readonly state: 'OPEN' | 'CLOSED';
    readonly at: string;
  }) {
    let recorded: Promise<unknown> | undefined;
    let slices = 0;
    beforeSlice = () => {
      if (++slices === 4) recorded = record([{ ...reading, opening: 'Door' }], other);
    };
    await record(createReadings('CLOSED', 3));
    return recorded;
  }

  it('a reading of another command raises no alarm that the next reading of the first retracts', async () => {
    await createRule('Rule');
    await record(createReadings('OPEN', 0));
    // It ends the interval that is open then. The next reading of the first command ends it earlier.
    const closed = { id: 'closed', state: 'CLOSED' as const, at: formatInstant(NOW - 1_000) };
    expect(await recordWithAnother(closed)).toMatchObject({ accepted: 1 });
    expect(await countLeft()).toBe(0);
    expect(await listAlarmEvents()).toEqual(['AlarmRaised', 'AlarmRetracted']);
  });

  it('the alarm of another command is raised when the first has ended', async () => {
    await createRule('Rule');
    await record([{ id: 'start', opening: 'Door', state: 'OPEN', at: formatInstant(NOW - 200_000) }]);
    await recordWithAnother({ id: 'reopened', state: 'OPEN', at: formatInstant(NOW - 6_000) });
    expect(await countLeft()).toBe(0);
    expect(await listActiveAlarms()).toMatchObject([{ raisedAt: formatInstant(NOW - 1_000) }]);
  });

  it('a reading whose instant comes is evaluated when the command has ended', async () => {
    const early = { id: 'early', opening: 'Door', state: 'CLOSED' as const, at: formatInstant(NOW + 1_000) };
    await createRule('Rule');
    await record(createReadings('OPEN', 0));
    await record([early]);
    const others: Promise<unknown>[] = [];
    let slices = 0;
    beforeSlice = () => {
      if (++slices !== 4) return;
      clock = NOW + 2_000;
      others.push(other.storage.dueJobs.runSome());
    };
    await record(createReadings('CLOSED', 3));
    await Promise.all(others);
    await runJobs();
    expect(await countLeft()).toBe(0);
    expect(await listAlarmEvents()).toEqual(['AlarmRaised', 'AlarmRetracted']);
  });

  it('neither a job nor a new rule evaluates intervals that its next reading changes', async () => {
    await createRule('Rule');
    await record(createReadings('OPEN', 0));
    const others: Promise<unknown>[] = [];
    let slices = 0;
    beforeSlice = () => {
      // They run in the next transaction, before the command continues.
      if (++slices === 4) others.push(createRule('New rule', other), other.storage.dueJobs.runSome());
    };
    await record(createReadings('CLOSED', 3));
    await Promise.all(others);
    await runJobs();
    expect(slices).toBeGreaterThan(10);
    // The alarm of the first OPEN reading, which the first CLOSED one disproves.
    expect(await listAlarmEvents()).toEqual(['AlarmRaised', 'AlarmRetracted']);
  });
});
