// Measures the cost of fan-out: one event for many subscribers, and many events for a few subscribers each.
import { rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import {
  readProcessUsage,
  startBareServer,
  startGateway,
  startSubscribers,
} from './fanout/child-processes.mjs';
import { startBenchPlatform } from './lib/bench-platform.mjs';
import { importBuilt } from './lib/import-built.mjs';
import { computeMedian, computePercentile, formatMedianWithRange } from './lib/statistics.mjs';

const { DEFAULT_REDIS_NAMES } = /** @type {typeof import('@seguridad-abc/contracts')} */ (
  await importBuilt('@seguridad-abc/contracts')
);

const USAGE = `node bench/fanout.mjs [--subscribers 1000,5000] [--events 20] [--rounds 3] [--every-ms 1000]
                       [--distinct alarmChanged|ruleChanged] [--concerned 50]
Runs the built gateway (npm run build) with its own Redis. Subscribers are WebSockets in another process. Linux only.
shared    every subscriber runs the same heartbeat subscription; a bare WebSocket server sends the same frames in alternating
          rounds for comparison
distinct  every subscriber subscribes to the changes of another user; --concerned subscribers receive one of the events that
          are published together
CPU is user and system time of the serving process per event, minus its usage while idle.`;

const { values } = parseArgs({
  options: {
    subscribers: { type: 'string', default: '1000,5000' },
    events: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
    'every-ms': { type: 'string', default: '1000' },
    distinct: { type: 'string', default: 'alarmChanged' },
    concerned: { type: 'string', default: '50' },
    help: { type: 'boolean', short: 'h' },
  },
});
const events = Number(values.events);
const everyMs = Number(values['every-ms']);
/** Time for connections and memory to settle before a measurement. */
const SETTLE_MS = 2_000;

/** @typedef {Awaited<ReturnType<typeof measureEvents>>} RoundResult */
/** @typedef {import('./fanout/child-processes.mjs').ServerProcess} ServerProcess */
/** @typedef {import('./fanout/child-processes.mjs').Subscribers} Subscribers */

/** Subscribers read the publication time from this text. */
const createTimestamp = () => `t=${String(Date.now())}`;

/** Creates a health report in which the status of one service has changed. @param {number} sequence */
function createReport(sequence) {
  const now = new Date().toISOString();
  return {
    v: 1,
    run: 'bench',
    sequence,
    at: now,
    intervalMs: 3_600_000,
    services: ['gateway', 'heartbeat', 'monitoring', 'reports'].map((name) => ({
      name,
      status: 'UP',
      reason: createTimestamp(),
      since: name === 'reports' ? new Date(sequence * 1_000).toISOString() : '2026-01-01T00:00:00.000Z',
      lastBeatAt: now,
      instances: [],
    })),
  };
}

const CREATED_AT = '2026-01-01T00:00:00.000Z';
let position = 0;
/** @type {Record<string, { channel: string, query: string, createChange: (userId: string) => object }>} */
const DISTINCT_SUBSCRIPTIONS = {
  alarmChanged: {
    channel: DEFAULT_REDIS_NAMES.alarmChangesChannel,
    query: 'subscription ($user: ID) { alarmChanged(userId: $user) { kind alarm { id status reason } } }',
    createChange: (userId) => ({
      v: 1,
      kind: 'RAISED',
      since: position,
      position: ++position,
      alarm: {
        id: userId,
        ruleId: 'r',
        userId,
        opening: 'door',
        kind: 'OPEN_TOO_LONG',
        severity: 'WARNING',
        status: 'ACTIVE',
        reason: createTimestamp(),
        raisedAt: CREATED_AT,
        clearedAt: null,
        acknowledgedAt: null,
        acknowledgedBy: null,
        note: null,
        updatedAt: CREATED_AT,
        version: 1,
      },
    }),
  },
  ruleChanged: {
    channel: DEFAULT_REDIS_NAMES.ruleChangesChannel,
    query: 'subscription ($user: ID) { ruleChanged(userId: $user) { kind rule { id name version } } }',
    createChange: (userId) => ({
      v: 1,
      kind: 'UPDATED',
      position: ++position,
      rule: {
        id: '00000000-0000-4000-8000-000000000000',
        userId,
        name: createTimestamp(),
        opening: 'door',
        opensAt: null,
        closesAt: null,
        days: ['MONDAY'],
        timeZone: 'America/Bogota',
        maxOpenSeconds: 60,
        severity: 'WARNING',
        enabled: true,
        effectiveFrom: CREATED_AT,
        createdAt: CREATED_AT,
        updatedAt: CREATED_AT,
        deletedAt: null,
        version: 1,
      },
    }),
  },
};

/**
 * Publishes events at the given rate and measures CPU and latency.
 * @param {number} pid of the serving process @param {() => void} publish @param {Subscribers} subscribers
 */
async function measureEvents(pid, publish, subscribers) {
  const durationMs = events * everyMs;
  const idleStart = readProcessUsage(pid).cpuMs;
  await sleep(durationMs / 2);
  const idleMs = 2 * (readProcessUsage(pid).cpuMs - idleStart);
  await subscribers.reset();
  const start = readProcessUsage(pid).cpuMs;
  for (let n = 0; n < events; n += 1) {
    publish();
    await sleep(everyMs);
  }
  const cpuMs = (readProcessUsage(pid).cpuMs - start - idleMs) / events;
  const { latencies, lastFrame } = await subscribers.getReport();
  return {
    cpuMs,
    receivers: latencies.length / events,
    p50: computePercentile(latencies, 50),
    p99: computePercentile(latencies, 99),
    lastFrame,
  };
}

/** @param {string} label @param {readonly RoundResult[]} rounds */
function printRounds(label, rounds) {
  const median = (/** @type {'receivers' | 'p50' | 'p99'} */ key) =>
    computeMedian(rounds.map((round) => round[key]));
  const cpu = formatMedianWithRange(
    rounds.map(({ cpuMs }) => cpuMs),
    1,
  );
  console.log(
    `  ${label.padEnd(10)} CPU per event ${cpu} ms  p50 ${String(median('p50'))} ms  p99 ${String(median('p99'))} ms` +
      `  received by ${median('receivers').toFixed(0)}`,
  );
}

/**
 * Connects subscribers and measures the memory of each one. A first tenth of them connects and disconnects before, so that
 * one-time costs do not count.
 * @param {ServerProcess} server
 * @param {Omit<import('./fanout/subscriber-process.mjs').SubscriberOptions, 'url'>} options
 * @returns {Promise<{ subscribers: Subscribers, memoryKb: number }>}
 */
async function connectAndMeasureMemory({ pid, url }, options) {
  const warmUp = await startSubscribers({ ...options, url, count: options.count / 10 });
  await warmUp.close();
  await sleep(SETTLE_MS);
  const before = readProcessUsage(pid).residentBytes;
  const subscribers = await startSubscribers({ ...options, url });
  await sleep(SETTLE_MS);
  const memoryKb = (readProcessUsage(pid).residentBytes - before) / options.count / 1_000;
  return { subscribers, memoryKb };
}

/** @param {string} redisUrl @param {Redis} redis @param {number} count @param {string} folder */
async function benchShared(redisUrl, redis, count, folder) {
  const gateway = await startGateway(redisUrl, folder, () => position);
  let sequence = 1;
  const publish = () =>
    void redis.publish(DEFAULT_REDIS_NAMES.healthChannel, JSON.stringify(createReport(++sequence)));
  publish();
  const bareServer = await startBareServer();
  const query = 'subscription { heartbeat { name status reason since lastBeatAt } }';
  const own = await connectAndMeasureMemory(gateway, { count, query, hasInitialPayload: true });
  const bare = await connectAndMeasureMemory(bareServer, { count, hasInitialPayload: false });
  // If the gateway missed the first report, the next one changes every service instead of one. Publish it before measuring.
  publish();
  /** @type {RoundResult[]} */
  const ownRounds = [];
  /** @type {RoundResult[]} */
  const bareRounds = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const result = await measureEvents(gateway.pid, publish, own.subscribers);
    ownRounds.push(result);
    const sendFrame = () => bareServer.sendFrame(result.lastFrame.replace(/t=\d+/, createTimestamp()));
    bareRounds.push(await measureEvents(bareServer.pid, sendFrame, bare.subscribers));
  }
  console.log(`shared, ${String(count)} subscribers`);
  printRounds('gateway', ownRounds);
  printRounds('bare', bareRounds);
  const ratios = ownRounds.map(({ cpuMs }, n) => cpuMs / (bareRounds[n]?.cpuMs ?? NaN));
  console.log(
    `  CPU compared with bare: ${formatMedianWithRange(ratios, 2)} times` +
      `  memory per subscriber: ${own.memoryKb.toFixed(1)} KB, bare ${bare.memoryKb.toFixed(1)} KB`,
  );
  await Promise.all([own.subscribers.close(), bare.subscribers.close()]);
  bareServer.close();
  await gateway.close();
}

/** @param {string} redisUrl @param {Redis} redis @param {number} count @param {string} folder */
async function benchDistinct(redisUrl, redis, count, folder) {
  const subscription = DISTINCT_SUBSCRIPTIONS[values.distinct];
  if (!subscription) throw new Error(USAGE);
  const { channel, query, createChange } = subscription;
  const gateway = await startGateway(redisUrl, folder, () => position);
  const subscribers = await startSubscribers({ url: gateway.url, count, query, hasInitialPayload: false });
  await sleep(SETTLE_MS);
  console.log(`distinct (${values.distinct}), ${String(count)} subscribers`);
  for (const receivers of [Number(values.concerned), Number(values.concerned) / 5]) {
    const publish = () => {
      for (let n = 0; n < receivers; n += 1) {
        const user = Math.floor((n * count) / receivers);
        void redis.publish(channel, JSON.stringify(createChange(`user-${String(user)}`)));
      }
    };
    const rounds = [];
    for (let round = 0; round < Number(values.rounds); round += 1) {
      rounds.push(await measureEvents(gateway.pid, publish, subscribers));
    }
    printRounds(`${String(receivers)} of them`, rounds);
  }
  await subscribers.close();
  await gateway.close();
}

async function main() {
  const platform = await startBenchPlatform({ services: [] });
  const redis = new Redis(platform.redisUrl);
  const folder = mkdtempSync(join(tmpdir(), 'fanout-'));
  try {
    for (const count of values.subscribers.split(',').map(Number)) {
      await benchShared(platform.redisUrl, redis, count, folder);
      await benchDistinct(platform.redisUrl, redis, count, folder);
    }
  } finally {
    redis.disconnect();
    await platform.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (values.help) console.log(USAGE);
else await main();
