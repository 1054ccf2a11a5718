// What it costs to tell many subscribers of one event, and few of many.
import { rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ALARM_CHANGES_CHANNEL, HEALTH_CHANNEL, RULE_CHANGES_CHANNEL } from '@seguridad-abc/contracts';
import { Redis } from 'ioredis';
import { startTemporaryPlatform } from '../scripts/installation/temporary-platform.mjs';
import { ensureRedisProgram } from '../scripts/install/redis-program.mjs';
import { getPercentile } from '../scripts/cli/latency.mjs';
import { startBareServer, startClients, startGateway } from './fanout/parts.mjs';
import { usageOf } from './fanout/usage.mjs';

const usage = `node bench/fanout.mjs [--subscribers 1000,5000] [--events 20] [--rounds 3] [--every-ms 1000]
                       [--distinct alarmChanged|ruleChanged] [--concerned 50]
The built gateway (npm run build) over a Redis of its own; subscribers are WebSockets of another process. Linux only.
shared    every subscriber runs the same heartbeat; a bare server that sends the same frames takes turns with it in one run
distinct  every subscriber listens to the changes of another user, of whom each event concerns so many
CPU is the serving process's, user and system, an event, without what it uses while nothing happens.`;

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
const SETTLE_MS = 2_000;

const now = () => new Date().toISOString();
const median = (/** @type {readonly number[]} */ numbers) =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN;

/** @param {number} sequence */
const report = (sequence) => ({
  v: 1,
  run: 'bench',
  sequence,
  at: now(),
  intervalMs: 3_600_000,
  services: ['gateway', 'heartbeat', 'monitoring', 'reports'].map((name) => ({
    name,
    status: 'UP',
    reason: `t=${String(Date.now())}`,
    // Of one service the status begins anew.
    since: name === 'reports' ? new Date(sequence * 1_000).toISOString() : '2026-01-01T00:00:00.000Z',
    lastBeatAt: now(),
    instances: [],
  })),
});

const AT = '2026-01-01T00:00:00.000Z';
let position = 0;
/** @type {Record<string, { channel: string, query: string, change: (userId: string) => object }>} */
const DISTINCT = {
  alarmChanged: {
    channel: ALARM_CHANGES_CHANNEL,
    query: 'subscription ($user: ID) { alarmChanged(userId: $user) { kind alarm { id status reason } } }',
    change: (userId) => ({
      v: 1,
      kind: 'RAISED',
      since: position,
      position: ++position,
      alarm: {
        ...{ id: userId, ruleId: 'r', userId, opening: 'door', kind: 'OPEN_TOO_LONG', severity: 'WARNING' },
        ...{ status: 'ACTIVE', raisedAt: AT, clearedAt: null, acknowledgedAt: null, acknowledgedBy: null },
        ...{ note: null, reason: `t=${String(Date.now())}`, updatedAt: AT, version: 1 },
      },
    }),
  },
  ruleChanged: {
    channel: RULE_CHANGES_CHANNEL,
    query: 'subscription ($user: ID) { ruleChanged(userId: $user) { kind rule { id name version } } }',
    change: (userId) => ({
      v: 1,
      kind: 'UPDATED',
      position: ++position,
      rule: {
        ...{
          id: '00000000-0000-4000-8000-000000000000',
          userId,
          name: `t=${String(Date.now())}`,
          opening: 'door',
        },
        ...{
          opensAt: null,
          closesAt: null,
          days: ['MONDAY'],
          timeZone: 'America/Bogota',
          maxOpenSeconds: 60,
        },
        ...{ severity: 'WARNING', enabled: true, effectiveFrom: AT, createdAt: AT, updatedAt: AT },
        ...{ deletedAt: null, version: 1 },
      },
    }),
  },
};

/** @param {number} pid @param {() => void} publish @param {Awaited<ReturnType<typeof startClients>>} clients */
async function measure(pid, publish, clients) {
  const duration = events * everyMs;
  const idleFrom = usageOf(pid).cpuMs;
  await sleep(duration / 2);
  const idleMs = 2 * (usageOf(pid).cpuMs - idleFrom);
  await clients.reset();
  const from = usageOf(pid).cpuMs;
  for (let n = 0; n < events; n += 1) {
    publish();
    await sleep(everyMs);
  }
  const cpuMs = (usageOf(pid).cpuMs - from - idleMs) / events;
  const { latencies, lastFrame } = await clients.report();
  const sorted = latencies.sort((a, b) => a - b);
  return {
    cpuMs,
    heard: sorted.length / events,
    p50: getPercentile(sorted, 50),
    p99: getPercentile(sorted, 99),
    lastFrame,
  };
}

/** @param {string} name @param {readonly Awaited<ReturnType<typeof measure>>[]} rounds */
function tell(name, rounds) {
  const cpu = rounds.map(({ cpuMs }) => cpuMs);
  console.log(
    `  ${name.padEnd(10)} CPU an event ${median(cpu).toFixed(1)} ms [${Math.min(...cpu).toFixed(1)}-${Math.max(...cpu).toFixed(1)}]` +
      `  p50 ${String(median(rounds.map(({ p50 }) => p50)))} ms  p99 ${String(median(rounds.map(({ p99 }) => p99)))} ms` +
      `  heard by ${median(rounds.map(({ heard }) => heard)).toFixed(0)}`,
  );
}

/**
 * Subscribers, and what memory each takes, in KB; the process has had a tenth as many before.
 * @param {{ pid: number, url: string }} server @param {{ count: number, query?: string, first: boolean }} order
 * @returns {Promise<[Awaited<ReturnType<typeof startClients>>, number]>}
 */
async function connected({ pid, url }, order) {
  const warm = await startClients({ ...order, url, count: order.count / 10 });
  await warm.close();
  await sleep(SETTLE_MS);
  const before = usageOf(pid).rss;
  const clients = await startClients({ ...order, url });
  await sleep(SETTLE_MS);
  return [clients, (usageOf(pid).rss - before) / order.count / 1_000];
}

/** @param {string} redisUrl @param {Redis} redis @param {number} count @param {string} folder */
async function shared(redisUrl, redis, count, folder) {
  const gateway = await startGateway(redisUrl, folder, () => position);
  let sequence = 1;
  const publish = () => void redis.publish(HEALTH_CHANNEL, JSON.stringify(report(++sequence)));
  publish();
  const bare = await startBareServer();
  const query = 'subscription { heartbeat { name status reason since lastBeatAt } }';
  const [clients, memory] = await connected(gateway, { count, query, first: true });
  const [bareClients, bareMemory] = await connected(bare, { count, first: false });
  /** @type {Awaited<ReturnType<typeof measure>>[]} */
  const rounds = [];
  /** @type {Awaited<ReturnType<typeof measure>>[]} */
  const bareRounds = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const own = await measure(gateway.pid, publish, clients);
    rounds.push(own);
    const send = () => bare.send(own.lastFrame.replace(/t=\d+/, `t=${String(Date.now())}`));
    bareRounds.push(await measure(bare.pid, send, bareClients));
  }
  console.log(`shared, ${String(count)} subscribers`);
  tell('gateway', rounds);
  tell('bare', bareRounds);
  const ratios = rounds.map(({ cpuMs }, n) => cpuMs / (bareRounds[n]?.cpuMs ?? NaN));
  console.log(
    `  CPU against bare: ${median(ratios).toFixed(2)} times [${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}]` +
      `  memory a subscriber: ${memory.toFixed(1)} KB, bare ${bareMemory.toFixed(1)} KB`,
  );
  await Promise.all([clients.close(), bareClients.close()]);
  bare.close();
  await gateway.close();
}

/** @param {string} redisUrl @param {Redis} redis @param {number} count @param {string} folder */
async function distinct(redisUrl, redis, count, folder) {
  const kind = DISTINCT[values.distinct];
  if (!kind) throw new Error(usage);
  const gateway = await startGateway(redisUrl, folder, () => position);
  const clients = await startClients({ url: gateway.url, count, query: kind.query, first: false });
  await sleep(SETTLE_MS);
  console.log(`distinct (${values.distinct}), ${String(count)} subscribers`);
  for (const concerned of [Number(values.concerned), Number(values.concerned) / 5]) {
    const publish = () => {
      for (let n = 0; n < concerned; n += 1) {
        const user = Math.floor((n * count) / concerned);
        void redis.publish(kind.channel, JSON.stringify(kind.change(`user-${String(user)}`)));
      }
    };
    const rounds = [];
    for (let round = 0; round < Number(values.rounds); round += 1) {
      rounds.push(await measure(gateway.pid, publish, clients));
    }
    tell(`${String(concerned)} of them`, rounds);
  }
  await clients.close();
  await gateway.close();
}

async function main() {
  const { signal } = new AbortController();
  const redisProgram = await ensureRedisProgram({ log: console.log, signal });
  const platform = await startTemporaryPlatform({ redisProgram, services: [], signal });
  const redis = new Redis(platform.redisUrl);
  const folder = mkdtempSync(join(tmpdir(), 'fanout-'));
  try {
    for (const count of values.subscribers.split(',').map(Number)) {
      await shared(platform.redisUrl, redis, count, folder);
      await distinct(platform.redisUrl, redis, count, folder);
    }
  } finally {
    redis.disconnect();
    await platform.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (values.help) console.log(usage);
else await main();
