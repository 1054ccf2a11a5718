import { addSqliteMetrics, type MetricsRegistry } from '@seguridad-abc/platform';
import type { LogCompaction } from '../compaction/log-compaction.js';
import type { GroupCommitStatistics } from '../db/group-commit.js';
import type { Leadership } from '../leadership/leadership.js';
import type { EventLog } from '../log/event-log.js';
import type { OutboxRelay } from '../log/relay.js';
import type { StoredDueJobs } from '../scheduler/due-jobs.js';

export interface MonitoringMetricsOptions {
  /** Without a file: PostgreSQL. */
  readonly database: { readonly file: string | undefined };
  readonly leadership: Pick<Leadership, 'isLeader'>;
  readonly groupCommit: GroupCommitStatistics;
  readonly eventLog: EventLog;
  /** Number of appended events by type. */
  readonly eventCounts: ReadonlyMap<string, number>;
  readonly compaction: Pick<LogCompaction, 'readSize'>;
  readonly dueJobs: Pick<StoredDueJobs, 'timerCounts' | 'readDueTimers'>;
  readonly relay: Pick<OutboxRelay, 'position' | 'problem'>;
  /** The server's instant. */
  readonly now: () => string;
}

/** Adds the metrics of monitoring: the event log, the relay, timers, alarms and commands. */
export function addMonitoringMetrics(registry: MetricsRegistry, options: MonitoringMetricsOptions): void {
  const { database, groupCommit } = options;
  if (database.file === undefined) addPostgresMetrics(registry, options);
  else addSqliteMetrics(registry, 'monitoring', { file: database.file }, groupCommit.durations);
  addLogMetrics(registry, options);
  addRelayMetrics(registry, options);
  addTimerMetrics(registry, options);
  addCommandMetrics(registry, options);
}

function addPostgresMetrics(
  registry: MetricsRegistry,
  { groupCommit, leadership }: Pick<MonitoringMetricsOptions, 'groupCommit' | 'leadership'>,
): void {
  registry.addGauge(
    'abc_leader',
    'Whether this instance does the work that only one may do: relay, timers, erasures and retention.',
    () => Number(leadership.isLeader()),
  );
  registry.addDurations(
    'abc_postgres_transaction_duration_seconds',
    'Time from the begin of a writing transaction until it is on the disk of the server.',
    () => [{ labels: { database: 'monitoring' }, durations: groupCommit.durations }],
  );
  registry.addDurations(
    'abc_log_head_lock_wait_seconds',
    'Time for which a transaction waits for the head of the event log, because other instances have it.',
    () => [{ labels: {}, durations: groupCommit.logHeadWaits }],
  );
  registry.addDurations(
    'abc_log_head_lock_held_seconds',
    'Time for which a transaction has the head of the event log, until it is on disk. Other instances wait for it.',
    () => [{ labels: {}, durations: groupCommit.logHeadHolds }],
  );
  registry.addCounter(
    'abc_transactions_repeated_total',
    'Transactions that ran again after a conflict with another instance.',
    () => groupCommit.repeatedTransactionCount,
  );
  registry.addCounter(
    'abc_busy_users_total',
    'Times at which work waited because another instance worked on the data of its user.',
    () => groupCommit.busyUserCount,
  );
}

function addLogMetrics(
  registry: MetricsRegistry,
  {
    eventLog,
    eventCounts,
    compaction,
  }: Pick<MonitoringMetricsOptions, 'eventLog' | 'eventCounts' | 'compaction'>,
): void {
  registry.addGauge(
    'abc_log_position',
    'Position of the last entry of the event log.',
    async () => (await eventLog.end()).position,
  );
  registry.addCounter(
    'abc_log_entries_total',
    'Entries that were appended to the event log, by type of the event.',
    () => [...eventCounts].map(([type, value]) => ({ labels: { type }, value })),
    ['type'],
  );
  registry.addGauge(
    'abc_log_size_entries',
    'Entries of the event log that are stored: in its snapshot, and after it.',
    async () => {
      const { entries, snapshotEntries } = await compaction.readSize();
      return [
        { labels: { part: 'log' }, value: entries },
        { labels: { part: 'snapshot' }, value: snapshotEntries },
      ];
    },
    ['part'],
  );
  registry.addGauge(
    'abc_log_first_position',
    'Position of the oldest entry of the event log that is not a part of its snapshot.',
    async () => (await compaction.readSize()).firstPosition,
  );
  registry.addGauge(
    'abc_log_horizon_timestamp_seconds',
    'History from before this instant is removed. Absent while none is.',
    async () => {
      const { beforeMs } = await compaction.readSize();
      return beforeMs === undefined ? undefined : beforeMs / 1_000;
    },
  );
  registry.addCounter(
    'abc_log_entries_removed_total',
    'Entries that compactions have removed from the event log since the start.',
    async () => (await compaction.readSize()).removedEntries,
  );
  registry.addCounter('abc_alarms_raised_total', 'Raised alarms.', () => eventCounts.get('AlarmRaised'));
  registry.addCounter('abc_alarms_retracted_total', 'Retracted alarms.', () =>
    eventCounts.get('AlarmRetracted'),
  );
}

function addRelayMetrics(
  registry: MetricsRegistry,
  { eventLog, relay, now }: Pick<MonitoringMetricsOptions, 'eventLog' | 'relay' | 'now'>,
): void {
  registry.addGauge(
    'abc_relay_position',
    'Position of the last entry on the Redis Stream.',
    () => relay.position,
  );
  registry.addGauge(
    'abc_relay_lag_entries',
    'Entries of the event log that are not on the Redis Stream.',
    async () =>
      relay.position === undefined
        ? undefined
        : Math.max(0, (await eventLog.end()).position - relay.position),
  );
  registry.addGauge(
    'abc_relay_lag_seconds',
    'Age of the oldest entry of the event log that is not on the Redis Stream; 0 without one.',
    async () => {
      if (relay.position === undefined) return undefined;
      const [oldest] = (await eventLog.read(relay.position, 1)).entries;
      return oldest ? Math.max(0, Date.parse(now()) - Date.parse(oldest.at)) / 1_000 : 0;
    },
  );
  registry.addGauge(
    'abc_log_follower_problem',
    'Whether a reader of the event log does not advance: waiting (it recovers by itself) or blocked (a person must act).',
    () =>
      (['waiting', 'blocked'] as const).map((kind) => ({
        labels: { follower: 'relay', kind },
        value: relay.problem?.kind === kind ? 1 : 0,
      })),
    ['follower', 'kind'],
  );
}

function addTimerMetrics(
  registry: MetricsRegistry,
  { dueJobs }: Pick<MonitoringMetricsOptions, 'dueJobs'>,
): void {
  registry.addGauge(
    'abc_timers_due',
    'Timers of alarms whose instant has come and that have not run; at most 10,000 are counted.',
    async () => (await dueJobs.readDueTimers()).dueCount,
  );
  registry.addGauge(
    'abc_timers_late_seconds',
    'How long the timer that has waited longest is due; 0 without one.',
    async () => (await dueJobs.readDueTimers()).latenessMs / 1_000,
  );
  registry.addCounter(
    'abc_timers_run_total',
    'Timers of alarms that have run.',
    () => dueJobs.timerCounts.run,
  );
  registry.addCounter(
    'abc_timers_run_late_total',
    'Timers of alarms that have run more than 1 s after their instant.',
    () => dueJobs.timerCounts.late,
  );
}

function addCommandMetrics(
  registry: MetricsRegistry,
  { database, groupCommit }: Pick<MonitoringMetricsOptions, 'database' | 'groupCommit'>,
): void {
  registry.addCounter(
    'abc_commands_committed_total',
    'Commands, parts of large commands and due jobs whose transaction is on disk.',
    () => groupCommit.committedCount,
  );
  registry.addCounter(
    'abc_commands_rolled_back_total',
    'Commands, parts of large commands and due jobs that threw an error or whose transaction failed.',
    () => groupCommit.failedCount,
  );
  registry.addCounter(
    `abc_${database.file === undefined ? 'postgres' : 'sqlite'}_transaction_failures_total`,
    'Transactions that failed as a whole, for example because the disk is full.',
    () => [{ labels: { database: 'monitoring' }, value: groupCommit.failedTransactionCount }],
    ['database'],
  );
  registry.addGauge(
    'abc_queue_length',
    'What waits in a queue.',
    () => {
      const { small, large } = groupCommit.getQueueLengths();
      return [
        { labels: { queue: 'commands' }, value: small },
        { labels: { queue: 'large_commands' }, value: large },
      ];
    },
    ['queue'],
  );
}
