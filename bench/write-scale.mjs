// Measures several instances of monitoring on one PostgreSQL: throughput, CPU, and where transactions wait.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { readCpuMs, readFamilyCpuMs } from './security/process-usage.mjs';
import { BACKEND_PLACES, connectSampler } from './write-scale/wait-samples.mjs';
import { startLoad, startWriteTopology } from './write-scale/write-topology.mjs';

const USAGE = `node bench/write-scale.mjs [--instances 1,2,4] [--replication none,sync] [--seconds 8] [--callers 64] [--reports]
Starts PostgreSQL (with fsync), Redis and instances of the built monitoring, and sends commands to the instances in turns, from another
process: rules that are created and updated, commands with one reading, and commands with 100 readings of ten openings (by a quarter of
the callers). Each number of instances begins with an empty database. Linux only.
replication  none: PostgreSQL without a replica; sync: each commit waits for the disk of a replica on this machine
CPU          user and system time, of all instances together, and of PostgreSQL's primary with all its backends, for each command or reading
reports      with --reports, an instance of reports follows the event log: its CPU too, and how far it is behind when the load ends
busy         how much of the time the write connections of the instances had a transaction
head         the lock of the end of the event log: how long transactions waited for it, and had it (mean and 99th percentile)
bound        what the commits of one second could store if the lock were always held, with the measured commands in each commit
where        backends with an open transaction, sampled every 20 ms
Prints Markdown tables at the end, for docs/performance.md. The default takes 5 minutes.`;

const { values } = parseArgs({
  options: {
    instances: { type: 'string', default: '1,2,4' },
    replication: { type: 'string', default: 'none,sync' },
    seconds: { type: 'string', default: '8' },
    callers: { type: 'string', default: '64' },
    reports: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}

const instanceCounts = values.instances.split(',').map(Number);
const replications = values.replication.split(',');
const seconds = Number(values.seconds);
const callers = Number(values.callers);
const WARM_UP_SECONDS = 2;
/** Each caller has at least two users who are only its own. */
const USERS_PER_CALLER = 2;
const OPENINGS_PER_USER = 10;
/** The setup ends when each opening has a rule; this is only the limit. */
const SETUP_SECONDS = 120;
const LAG_POLL_MS = 50;
const LAG_TIMEOUT_MS = 300_000;
const PERCENT = 100;
const BYTES_PER_KB = 1_000;
const MICROSECONDS_PER_MS = 1_000;

/** @typedef {import('./write-scale/write-topology.mjs').WriteTopology} WriteTopology */
/** @typedef {import('./write-scale/write-topology.mjs').Metrics} Metrics */
/** @typedef {Omit<import('./write-scale/load-process.mjs').LoadPhase, 'seconds'> & { name: string }} Load */

/** @type {readonly Load[]} */
const LOADS = [
  { name: 'rules', kind: 'commands', callers, batchSize: 1 },
  { name: 'one reading', kind: 'readings', callers, batchSize: 1 },
  { name: '100 readings', kind: 'readings', callers: Math.max(1, callers / 4), batchSize: 100 },
];

/** Reads the CPU times that are compared, in ms. @param {WriteTopology} topology @param {number} samplerPid */
const readUsage = ({ monitoring, postgresPid, replicaPid, redisPid }, samplerPid) => ({
  monitoring: monitoring.reduce((sum, { pid }) => sum + readCpuMs(pid), 0),
  postgres: readFamilyCpuMs(postgresPid) - readCpuMs(samplerPid),
  replica: replicaPid === undefined ? 0 : readFamilyCpuMs(replicaPid),
  redis: readCpuMs(redisPid),
});

/** @param {readonly Metrics[]} metrics @param {string} name @returns {number} the sum over all instances */
const sumMetric = (metrics, name) => metrics.reduce((sum, each) => sum + (each.get(name) ?? 0), 0);

/**
 * What the instances did between two reads of their metrics.
 * @param {readonly Metrics[]} before @param {readonly Metrics[]} after
 */
function compareMetrics(before, after) {
  const count = (/** @type {string} */ name) => sumMetric(after, name) - sumMetric(before, name);
  const summarize = (/** @type {string} */ name) => {
    const total = count(`${name}_count`);
    const bounds = [...(after[0]?.keys() ?? [])]
      .filter((key) => key.startsWith(`${name}_bucket `))
      .map((key) => Number(key.split(' ')[1]?.replace('+Inf', 'Infinity')))
      .sort((a, b) => a - b);
    // The bucket in which the percentile lies: its upper bound.
    const p99 = bounds.find(
      (bound) =>
        count(`${name}_bucket ${bound === Infinity ? '+Inf' : String(bound)}`) >= total * (99 / PERCENT),
    );
    return { total, meanMs: (count(`${name}_sum`) / total) * 1_000, p99Ms: (p99 ?? NaN) * 1_000 };
  };
  return {
    held: summarize('abc_log_head_lock_held_seconds'),
    waited: summarize('abc_log_head_lock_wait_seconds'),
    committed: count('abc_commands_committed_total'),
    /** Of the write connections together. */
    busySeconds: count('abc_postgres_transaction_duration_seconds_sum'),
    repeated: count('abc_transactions_repeated_total'),
    busyUsers: count('abc_busy_users_total'),
  };
}

/**
 * Waits until processes have read the whole event log.
 * @param {() => Promise<Metrics[]>} readMetrics @param {string} metric how many entries a process is behind
 * @returns {Promise<{ entries: number, seconds: number }>} how far it was behind, and how long it took
 */
async function waitForLag(readMetrics, metric) {
  const startedAt = performance.now();
  const readLag = async () => sumMetric(await readMetrics(), metric);
  const entries = await readLag();
  for (let lag = entries; lag > 0; lag = await readLag()) {
    if (performance.now() - startedAt > LAG_TIMEOUT_MS) throw new Error(`${metric} does not become 0.`);
    await sleep(LAG_POLL_MS);
  }
  return { entries, seconds: (performance.now() - startedAt) / 1_000 };
}

/** Waits for the relay, and then for reports. @param {WriteTopology} topology */
async function waitForReaders({ readMetrics, monitoring, reports }) {
  const relay = await waitForLag(() => readMetrics(monitoring), 'abc_relay_lag_entries');
  const projection = await waitForLag(
    () => readMetrics(reports ? [reports] : []),
    'abc_projection_lag_entries',
  );
  return { relay, projection };
}

/**
 * Sends one kind of load and measures it.
 * @param {WriteTopology} topology @param {Awaited<ReturnType<typeof startLoad>>} load
 * @param {Awaited<ReturnType<typeof connectSampler>>} sampler @param {Load} phase
 */
async function measureLoad(topology, load, sampler, phase) {
  await load.run({ ...phase, seconds: WARM_UP_SECONDS });
  await waitForReaders(topology);
  const readMetrics = () => topology.readMetrics(topology.monitoring);
  const reportsPid = topology.reports?.pid;
  const readReportsCpu = () => (reportsPid === undefined ? 0 : readCpuMs(reportsPid));
  const metricsBefore = await readMetrics();
  const sizesBefore = await sampler.readSizes();
  const usageBefore = readUsage(topology, sampler.pid);
  const reportsCpuBefore = readReportsCpu();
  const samples = sampler.sample();
  const result = await load.run({ ...phase, seconds });
  const { counts, meanWaitingLocks } = await samples.stop();
  const usageAfter = readUsage(topology, sampler.pid);
  const metrics = compareMetrics(metricsBefore, await readMetrics());
  const sizesAfter = await sampler.readSizes();
  const { relay, projection } = await waitForReaders(topology);
  if (result.count === 0) throw new Error(`All commands failed: ${result.failures.join('\n')}`);
  if (result.failureCount > 0)
    console.error(`${String(result.failureCount)} commands failed: ${result.failures.join('\n')}`);
  const items = result.count * phase.batchSize;
  const getCpu = (/** @type {keyof typeof usageBefore} */ name) =>
    ((usageAfter[name] - usageBefore[name]) * MICROSECONDS_PER_MS) / items;
  const sampled = [...counts.values()].reduce((sum, each) => sum + each, 0);
  return {
    ...{ phase, result, metrics, relay, projection, meanWaitingLocks },
    itemsPerSecond: items / result.seconds,
    cpu: {
      monitoring: getCpu('monitoring'),
      postgres: getCpu('postgres'),
      replica: getCpu('replica'),
      redis: getCpu('redis'),
      // It has read all of the entries now.
      reports: ((readReportsCpu() - reportsCpuBefore) * MICROSECONDS_PER_MS) / items,
      load: (result.cpuMs * MICROSECONDS_PER_MS) / items,
    },
    bytes: {
      database: (sizesAfter.database - sizesBefore.database) / items,
      wal: (sizesAfter.wal - sizesBefore.wal) / items,
    },
    shares: new Map([...counts].map(([place, count]) => [place, (count / sampled) * PERCENT])),
  };
}

/** @param {number} instances @param {boolean} isSynchronous */
async function measureInstances(instances, isSynchronous) {
  const topology = await startWriteTopology({ instances, isSynchronous, hasReports: values.reports });
  try {
    const users = await Promise.all(
      Array.from({ length: callers * USERS_PER_CALLER }, async (_, index) => {
        const id = `user-${String(index)}`;
        return { id, headers: await topology.authorize(id) };
      }),
    );
    const urls = topology.monitoring.map(({ url }) => `${url}/graphql`);
    const load = await startLoad({ urls, users, openingsPerUser: OPENINGS_PER_USER });
    const sampler = await connectSampler(topology.superuserUrl);
    try {
      const setup = await load.run({ kind: 'setup', callers, seconds: SETUP_SECONDS, batchSize: 1 });
      if (setup.count < users.length * OPENINGS_PER_USER)
        throw new Error(`The rules were not created: ${setup.failures.join('\n')}`);
      const results = [];
      for (const phase of LOADS) {
        const result = await measureLoad(topology, load, sampler, phase);
        results.push(result);
        console.log(formatProgress(instances, isSynchronous, result));
      }
      return results;
    } finally {
      await sampler.close();
      await load.close();
    }
  } finally {
    await topology.close();
  }
}

/** @typedef {Awaited<ReturnType<typeof measureLoad>>} Measurement */
/** @typedef {{ instances: number, replication: string, result: Measurement }} Row */

const round = (/** @type {number} */ value) => Math.round(value).toLocaleString('en-US');
/** @param {number} value @param {number} [digits] */
const format = (value, digits = 1) => value.toFixed(digits);

/** @param {number} instances @param {boolean} isSynchronous @param {Measurement} measurement */
function formatProgress(
  instances,
  isSynchronous,
  { phase, itemsPerSecond, cpu, metrics, relay, projection, result },
) {
  return [
    `${String(instances)} instance(s), ${isSynchronous ? 'synchronous' : 'no'} replica, ${phase.name}: ${round(itemsPerSecond)}/s`,
    `load ${round(cpu.load)} µs of CPU each in ${format(result.seconds)} s`,
    `${String(metrics.repeated)} transactions repeated, ${String(metrics.busyUsers)} waits for a user`,
    `relay ${String(relay.entries)} entries behind, ${format(relay.seconds)} s`,
    ...(values.reports
      ? [`reports ${String(projection.entries)} entries behind, ${format(projection.seconds)} s`]
      : []),
  ].join('; ');
}

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} rows */
const formatTable = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** @param {readonly Row[]} rows */
function printTables(rows) {
  const getLabels = (/** @type {Row} */ { instances, replication, result }) => [
    replication,
    String(instances),
    result.phase.name,
  ];
  const labels = ['replica', 'instances', 'load'];
  console.log('\nA second, and CPU for each command or reading:\n');
  console.log(
    formatTable(
      [
        ...labels,
        'a second',
        'latency: p50, p99',
        'CPU: monitoring',
        'PostgreSQL',
        'replica',
        'Redis',
        'reports',
      ],
      rows.map((row) => {
        const { itemsPerSecond, result, cpu } = row.result;
        return [
          ...getLabels(row),
          round(itemsPerSecond),
          `${format(result.p50)}, ${format(result.p99)} ms`,
          `${round(cpu.monitoring)} µs`,
          `${round(cpu.postgres)} µs`,
          row.replication === 'sync' ? `${round(cpu.replica)} µs` : 'none',
          `${round(cpu.redis)} µs`,
          values.reports ? `${round(cpu.reports)} µs` : 'none',
        ];
      }),
    ),
  );
  console.log('\nThe head of the event log:\n');
  console.log(
    formatTable(
      [
        ...labels,
        ...[
          'connections busy',
          'commits a second',
          'commands in each',
          'waited: mean, p99',
          'held: mean, p99',
          'bound a second',
        ],
        ...['database, WAL'],
      ],
      rows.map((row) => {
        const { metrics, result, bytes, itemsPerSecond } = row.result;
        const { held, waited, committed, busySeconds } = metrics;
        const inEach = committed / held.total;
        return [
          ...getLabels(row),
          `${round((busySeconds / result.seconds / row.instances) * PERCENT)} %`,
          round(held.total / result.seconds),
          format(inEach),
          `${format(waited.meanMs)}, ≤ ${format(waited.p99Ms)} ms`,
          `${format(held.meanMs)}, ≤ ${format(held.p99Ms)} ms`,
          round(((itemsPerSecond * result.seconds) / held.total / held.meanMs) * 1_000),
          `${format(bytes.database / BYTES_PER_KB)}, ${format(bytes.wal / BYTES_PER_KB)} kB`,
        ];
      }),
    ),
  );
  console.log('\nWhere backends with an open transaction are, in percent of the samples:\n');
  console.log(
    formatTable(
      [...labels, ...BACKEND_PLACES, 'mean locks waited for'],
      rows.map((row) => [
        ...getLabels(row),
        ...BACKEND_PLACES.map((place) => round(row.result.shares.get(place) ?? 0)),
        format(row.result.meanWaitingLocks, 2),
      ]),
    ),
  );
}

/** @type {Row[]} */
const rows = [];
for (const replication of replications)
  for (const instances of instanceCounts)
    for (const result of await measureInstances(instances, replication === 'sync'))
      rows.push({ instances, replication, result });
printTables(rows);
