import { createMetricsRegistry } from '@seguridad-abc/platform';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ONLY_INSTANCE } from '../leadership/leadership.js';
import type { OutboxRelay } from '../log/relay.js';
import { createRuleInput } from '../testing/fixtures.js';
import { createTestClock } from '../testing/test-clock.js';
import { openTestStorage, usesPostgres, type TestStorage } from '../testing/test-storage.js';
import { addMonitoringMetrics } from './monitoring-metrics.js';

let storage: TestStorage;
let clock: ReturnType<typeof createTestClock>;
beforeEach(async () => {
  clock = createTestClock('2026-01-31T08:00:00.000Z');
  storage = await openTestStorage({ now: clock.now });
});
afterEach(() => storage.close());

async function readSamples(relay: Pick<OutboxRelay, 'position' | 'problem'>) {
  const registry = createMetricsRegistry();
  addMonitoringMetrics(registry, {
    ...storage.storage,
    database: storage.database,
    leadership: ONLY_INSTANCE,
    relay,
    now: clock.now,
  });
  const lines = (await registry.render()).split('\n').filter((line) => line.startsWith('abc_'));
  return new Map(lines.map((line) => line.split(' ') as [string, string]));
}
const NO_PROBLEM = { problem: undefined };

test('the lag of the relay is measured against the event log', async () => {
  await storage.createRules(3);
  clock.advance(90);
  const samples = await readSamples({ position: 1, ...NO_PROBLEM });
  expect(samples.get('abc_log_position')).toBe('3');
  expect(samples.get('abc_relay_lag_entries')).toBe('2');
  expect(samples.get('abc_relay_lag_seconds')).toBe('90');
  expect(samples.get('abc_log_entries_total{type="RuleCreated"}')).toBe('3');

  const caughtUp = await readSamples({ position: 3, ...NO_PROBLEM });
  expect(caughtUp.get('abc_relay_lag_entries')).toBe('0');
  expect(caughtUp.get('abc_relay_lag_seconds')).toBe('0');

  const unknown = await readSamples({ position: undefined, problem: { kind: 'blocked', reason: 'x' } });
  expect(unknown.has('abc_relay_lag_entries')).toBe(false);
  expect(unknown.get('abc_log_follower_problem{follower="relay",kind="blocked"}')).toBe('1');
  expect(unknown.get('abc_log_follower_problem{follower="relay",kind="waiting"}')).toBe('0');
});

test('timers are due until they run, and late ones are counted', async () => {
  await storage.commands.createRule(createRuleInput({ maxOpenSeconds: 600 }));
  const reading = { id: 'r', opening: 'Shop', state: 'OPEN' as const, at: clock.now() };
  await storage.commands.recordReadings({ userId: 'ana', readings: [reading] });
  expect((await readSamples({ position: 0, ...NO_PROBLEM })).get('abc_timers_due')).toBe('0');

  clock.advance(605);
  const due = await readSamples({ position: 0, ...NO_PROBLEM });
  expect(due.get('abc_timers_due')).toBe('1');
  expect(due.get('abc_timers_late_seconds')).toBe('5');

  while (await storage.storage.dueJobs.runSome());
  const run = await readSamples({ position: 0, ...NO_PROBLEM });
  expect(run.get('abc_timers_due')).toBe('0');
  expect(run.get('abc_timers_late_seconds')).toBe('0');
  expect(run.get('abc_timers_run_total')).toBe('1');
  expect(run.get('abc_timers_run_late_total')).toBe('1');
  expect(run.get('abc_alarms_raised_total')).toBe('1');
  expect(run.get('abc_alarms_retracted_total')).toBe('0');
});

test('commands and transactions are measured', async () => {
  await storage.createRules(2);
  const samples = await readSamples({ position: 0, ...NO_PROBLEM });
  expect(Number(samples.get('abc_commands_committed_total'))).toBeGreaterThanOrEqual(2);
  expect(samples.get('abc_commands_rolled_back_total')).toBe('0');
  expect(samples.get('abc_queue_length{queue="commands"}')).toBe('0');
  const name = usesPostgres ? 'postgres' : 'sqlite';
  expect(samples.get(`abc_${name}_transaction_failures_total{database="monitoring"}`)).toBe('0');
  expect(
    Number(samples.get(`abc_${name}_transaction_duration_seconds_count{database="monitoring"}`)),
  ).toBeGreaterThan(0);
});

test.runIf(usesPostgres)('the instance that leads and the lock of the log are measured', async () => {
  await storage.createRules(2);
  const samples = await readSamples({ position: 0, ...NO_PROBLEM });
  expect(samples.get('abc_leader')).toBe('1');
  const transactions = Number(samples.get('abc_log_head_lock_held_seconds_count'));
  expect(transactions).toBeGreaterThan(0);
  expect(samples.get('abc_log_head_lock_wait_seconds_count')).toBe(String(transactions));
  expect(Number(samples.get('abc_log_head_lock_held_seconds_sum'))).toBeGreaterThan(0);
  expect(samples.get('abc_transactions_repeated_total')).toBe('0');
  expect(samples.get('abc_busy_users_total')).toBe('0');
});

test.skipIf(usesPostgres)('the size of the database is measured', async () => {
  const samples = await readSamples({ position: 0, ...NO_PROBLEM });
  expect(Number(samples.get('abc_sqlite_size_bytes{database="monitoring",part="database"}'))).toBeGreaterThan(
    0,
  );
  expect(Number(samples.get('abc_disk_free_bytes'))).toBeGreaterThan(0);
});
