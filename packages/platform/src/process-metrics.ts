import { readdirSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { performance } from 'node:perf_hooks';
import { DurationHistogram } from './duration-histogram.js';
import { getLogStatistics, type Logger } from './logger.js';
import type { MetricSample, MetricsRegistry } from './metrics-registry.js';
import type { RedisPubSubClient } from './redis-connections.js';
import { SOFTWARE_VERSION, TIME_ZONE_DATA_VERSION } from './software-version.js';

/** How often the delay of the event loop is measured. */
const LOOP_SAMPLE_INTERVAL_MS = 100;
/** The largest delay that a timer has in an idle process. */
const TIMER_TOLERANCE_MS = 1;

/**
 * Adds what every process has: memory, CPU time, file descriptors, the event loop, versions and log lines. The names of the first
 * ones are those that Prometheus' clients share.
 * @returns a function that stops the measurement of the event loop
 */
export function addProcessMetrics(registry: MetricsRegistry, service: string, logger: Logger): () => void {
  registry.addGauge(
    'abc_build_info',
    'The version of the software and of Node.js; always 1.',
    () => [{ labels: { service, version: SOFTWARE_VERSION, node: process.versions.node }, value: 1 }],
    ['service', 'version', 'node'],
  );
  registry.addGauge(
    'abc_time_zone_data_info',
    'The version of the time zone data that this process uses; always 1.',
    () => [{ labels: { version: TIME_ZONE_DATA_VERSION }, value: 1 }],
    ['version'],
  );
  registry.addCounter('process_cpu_seconds_total', 'CPU time of the process in seconds.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  registry.addGauge(
    'process_start_time_seconds',
    'When the process started, in seconds since 1970.',
    () => performance.timeOrigin / 1_000,
  );
  registry.addGauge('process_resident_memory_bytes', 'Memory of the process in bytes.', () =>
    process.memoryUsage.rss(),
  );
  registry.addGauge('process_open_fds', 'Open file descriptors; only on Linux.', countOpenFiles);
  registry.addGauge(
    'process_max_fds',
    'Maximum number of file descriptors; only on Linux.',
    readMaxOpenFiles,
  );
  registry.addGauge(
    'nodejs_heap_size_used_bytes',
    'Used heap of the main thread in bytes.',
    () => process.memoryUsage().heapUsed,
  );
  registry.addGauge(
    'nodejs_heap_size_total_bytes',
    'Heap of the main thread in bytes.',
    () => process.memoryUsage().heapTotal,
  );
  registry.addGauge(
    'nodejs_external_memory_bytes',
    'Memory of buffers and native objects in bytes.',
    () => process.memoryUsage().external,
  );
  registry.addCounter(
    'abc_event_loop_busy_seconds_total',
    'Time in which the event loop did not wait, in seconds.',
    () => performance.eventLoopUtilization().active / 1_000,
  );
  const log = getLogStatistics(logger);
  registry.addCounter(
    'abc_log_lines_total',
    'Log lines by level, with the omitted ones.',
    () => Object.entries(log.lines).map(([level, value]) => ({ labels: { level }, value })),
    ['level'],
  );
  registry.addCounter(
    'abc_log_lines_omitted_total',
    'Repeated log lines that were left out.',
    () => log.omittedLines,
  );

  const delays = new DurationHistogram();
  registry.addDurations(
    'abc_event_loop_delay_seconds',
    'How much later than requested a timer runs, ten times a second.',
    () => [{ durations: delays }],
  );
  let expectedAt = performance.now() + LOOP_SAMPLE_INTERVAL_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    delays.addMs(Math.max(0, now - expectedAt - TIMER_TOLERANCE_MS));
    expectedAt = now + LOOP_SAMPLE_INTERVAL_MS;
  }, LOOP_SAMPLE_INTERVAL_MS).unref();
  return () => clearInterval(timer);
}

/** The folder has a link for each open file, and one for itself. */
function countOpenFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    return undefined;
  }
}

function readMaxOpenFiles(): number | undefined {
  try {
    const [, limit] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined;
  }
}

/**
 * Adds the connections to Redis.
 * @param connections return the statuses of connections, by their purpose; `undefined` if one is not opened
 */
export function addRedisMetrics(
  registry: MetricsRegistry,
  connections: Readonly<Record<string, () => string | undefined>>,
  pubsub: Pick<RedisPubSubClient, 'droppedMessageCount'>,
): void {
  registry.addGauge(
    'abc_redis_connected',
    'Whether a connection to Redis can be used: 1 or 0.',
    () =>
      Object.entries(connections).map(([connection, getStatus]): MetricSample => {
        const status = getStatus();
        return {
          labels: { connection },
          value: status === undefined ? undefined : Number(status === 'ready'),
        };
      }),
    ['connection'],
  );
  registry.addCounter(
    'abc_pubsub_messages_dropped_total',
    'Live messages that could not be sent in time and were dropped.',
    () => pubsub.droppedMessageCount,
  );
}

/** Adds the size of a SQLite database, the free space of its disk, and the durations of its transactions. @param name the database, as its file is named */
export function addSqliteMetrics(
  registry: MetricsRegistry,
  name: string,
  database: { readonly file: string },
  transactions: DurationHistogram,
): void {
  registry.addGauge(
    'abc_sqlite_size_bytes',
    'Size of a database in bytes: its file, and the write-ahead log beside it.',
    () =>
      [
        { part: 'database', path: database.file },
        { part: 'wal', path: `${database.file}-wal` },
      ].map(({ part, path }) => ({ labels: { database: name, part }, value: readFileSize(path) })),
    ['database', 'part'],
  );
  registry.addGauge('abc_disk_free_bytes', 'Free space of the disk with the data folder.', () => {
    const { bavail, bsize } = statfsSync(dirname(database.file));
    return bavail * bsize;
  });
  registry.addDurations(
    'abc_sqlite_transaction_duration_seconds',
    'Time from the begin of a writing transaction until it is on disk.',
    () => [{ labels: { database: name }, durations: transactions }],
  );
}

const readFileSize = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.size;
