import { createLogger } from '@seguridad-abc/platform';
import { eventually } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestClock } from '../testing/test-clock.js';
import { openTestStorage, type TestStorage } from '../testing/test-storage.js';
import { createRuleInput } from '../testing/fixtures.js';
import { replayLog } from '../testing/replay-log.js';
import type { DueJobs } from './due-jobs.js';
import { createScheduler, type Scheduler } from './scheduler.js';

let test: TestStorage;
let clock: ReturnType<typeof createTestClock>;
beforeEach(async () => {
  clock = createTestClock('2026-01-31T08:00:00.000Z');
  test = await openTestStorage({ now: clock.now });
});
afterEach(() => test.close());

const open = (opening: string) => ({ id: opening, opening, state: 'OPEN' as const, at: clock.now() });
const record = (...openings: string[]) =>
  test.commands.recordReadings({ userId: 'ana', readings: openings.map(open) });
const raised = async () => [...(await replayLog(test.eventLog, 'ana')).alarms.values()];

describe('the scheduler over a database', () => {
  it('raises alarms at their due instants without a command', async () => {
    await test.commands.createRule(createRuleInput({ maxOpenSeconds: 600 }));
    test.storage.scheduler.start();
    await record('Shop');
    clock.advance(599);
    await test.commands.createRule(createRuleInput({ name: 'Other', opening: 'Door', maxOpenSeconds: 2 }));
    await record('Door');
    clock.advance(2);
    await eventually(async () => expect(await raised()).toHaveLength(2));
    expect((await raised()).map(({ opening, raisedAt }) => [opening, raisedAt])).toEqual([
      ['Shop', '2026-01-31T08:10:00.000Z'],
      ['Door', '2026-01-31T08:10:01.000Z'],
    ]);
  });

  it('follows a clock that is set back', async () => {
    await test.commands.createRule(createRuleInput({ maxOpenSeconds: 60 }));
    test.storage.scheduler.start();
    await record('Shop');
    clock.advance(-3_600);
    await test.commands.createRule(createRuleInput({ name: 'Other', opening: 'Door', maxOpenSeconds: 1 }));
    await record('Door');
    clock.advance(2);
    await eventually(async () => expect(await raised()).toMatchObject([{ opening: 'Door' }]));
    clock.advance(3_660);
    await eventually(async () => expect(await raised()).toHaveLength(2));
  });

  it('runs the jobs of many openings that fell due before it starts', async () => {
    const names = Array.from({ length: 300 }, (_, i) => `Door ${i}`);
    await Promise.all(
      names.map((opening) => test.commands.createRule(createRuleInput({ opening, maxOpenSeconds: 60 }))),
    );
    await record(...names);
    clock.advance(3_600);
    await test.reopen();
    test.storage.scheduler.start();
    await eventually(async () => expect(await raised()).toHaveLength(300));
    expect(new Set((await raised()).map(({ raisedAt }) => raisedAt))).toEqual(
      new Set(['2026-01-31T08:01:00.000Z']),
    );
  });
});

/** One job at a time, without a database. */
function createManualJobs() {
  const log: string[] = [];
  let dueAt = Infinity;
  let failsNext = false;
  const jobs: DueJobs = {
    findNextDueAt: () => Promise.resolve(dueAt === Infinity ? undefined : dueAt),
    runSome() {
      if (failsNext) {
        failsNext = false;
        log.push('failed');
        return Promise.reject(new Error('the disk is full'));
      }
      const isDue = dueAt <= Date.parse(clock.now());
      if (isDue) {
        log.push(`ran ${dueAt}`);
        dueAt = Infinity;
      }
      return Promise.resolve(isDue);
    },
  };
  const schedule = (scheduler: Scheduler, at: number) => {
    dueAt = at;
    scheduler.notify(at);
  };
  const store = (at: number) => void (dueAt = at);
  return { jobs, log, schedule, store, failOnce: () => void (failsNext = true) };
}

it('the scheduler runs a job again after an error, and none after its stop', async () => {
  const { jobs, log, schedule, failOnce } = createManualJobs();
  const scheduler = createScheduler({
    jobs,
    now: () => clock.now(),
    logger: createLogger('test', 'silent'),
  });
  scheduler.start();
  failOnce();
  schedule(scheduler, Date.parse(clock.now()) - 1);
  await eventually(() => expect(log).toEqual(['failed']));
  clock.advance(2);
  await eventually(() => expect(log).toHaveLength(2));
  await scheduler.stop();
  schedule(scheduler, 0);
  expect(log).toHaveLength(2);
});

it('the scheduler runs a job that was added before its start', async () => {
  const { jobs, log, schedule } = createManualJobs();
  const scheduler = createScheduler({ jobs, now: () => clock.now(), logger: createLogger('test', 'silent') });
  schedule(scheduler, 0);
  scheduler.start();
  await eventually(() => expect(log).toEqual(['ran 0']));
  await scheduler.stop();
});

it('the scheduler runs a failed job again although the clock was set back meanwhile', async () => {
  const { jobs, log, schedule, failOnce } = createManualJobs();
  const scheduler = createScheduler({ jobs, now: () => clock.now(), logger: createLogger('test', 'silent') });
  const hoursBefore = Date.parse(clock.now()) - 10 * 3_600_000;
  scheduler.start();
  failOnce();
  schedule(scheduler, hoursBefore);
  await eventually(() => expect(log).toEqual(['failed']));
  clock.advance(-3 * 3_600);
  await eventually(() => expect(log).toEqual(['failed', `ran ${hoursBefore}`]));
  await scheduler.stop();
});

it('the scheduler finds jobs that other instances have stored, with a notification and without', async () => {
  const { jobs, log, store } = createManualJobs();
  const scheduler = createScheduler({
    jobs,
    hasOtherInstances: true,
    now: () => new Date().toISOString(),
    logger: createLogger('test', 'silent'),
  });
  scheduler.start();
  store(1);
  await eventually(() => expect(log).toEqual(['ran 1']));
  store(2);
  scheduler.notifyOfCommits();
  await eventually(() => expect(log).toEqual(['ran 1', 'ran 2']));
  await scheduler.stop();
  store(3);
  scheduler.notifyOfCommits();
  expect(log).toHaveLength(2);
});
