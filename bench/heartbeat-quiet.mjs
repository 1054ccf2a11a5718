// Whether live health stays quiet where nothing is wrong but the machine is busy.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { HEALTH_CHANNEL, healthReportSchema } from '@seguridad-abc/contracts';
import { Redis } from 'ioredis';
import { startTemporaryPlatform } from '../scripts/installation/temporary-platform.mjs';
import { ensureRedisProgram } from '../scripts/install/redis-program.mjs';

const usage = `node bench/heartbeat-quiet.mjs [--minutes 10] [--services monitoring,reports,heartbeat,gateway]
                                 [--interval-ms 2000] [--burners ${String(availableParallelism())}]
Starts built services (npm run build) over a Redis of their own, waits until all are UP, keeps the cores busy, one burner
each, and counts the changes of status that the monitor publishes in that time. None is due. Exit code 1 where a service was
called LATE or DOWN.`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    services: { type: 'string', default: 'monitoring,reports,heartbeat,gateway' },
    'interval-ms': { type: 'string', default: '2000' },
    burners: { type: 'string', default: String(availableParallelism()) },
    help: { type: 'boolean', short: 'h' },
  },
});

/** All services are UP within this time, or something is wrong with the run. */
const START_MS = 30_000;

/** @typedef {import('@seguridad-abc/contracts').HealthReport} HealthReport */

/** @param {string} redisUrl @param {(report: HealthReport) => void} listener */
async function subscribe(redisUrl, listener) {
  const redis = new Redis(redisUrl);
  redis.on('message', (_channel, message) => listener(healthReportSchema.parse(JSON.parse(message))));
  await redis.subscribe(HEALTH_CHANNEL);
  return redis;
}

async function main() {
  const services = values.services.split(',');
  const minutes = Number(values.minutes);
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  const { signal } = interrupted;
  const platform = await startTemporaryPlatform({
    redisProgram: await ensureRedisProgram({ log: console.log, signal }),
    services,
    settings: { HEARTBEAT_EXPECTED: values.services, HEARTBEAT_INTERVAL_MS: values['interval-ms'] },
    show: true,
    signal,
  });
  /** @type {Worker[]} */
  const burners = [];
  /** @type {Redis | undefined} */
  let redis;
  try {
    /** @type {Map<string, string>} */
    const statuses = new Map();
    /** @type {Map<string, number>} */
    const changes = new Map();
    let reports = 0;
    let counting = false;
    redis = await subscribe(platform.redisUrl, (report) => {
      if (counting) reports += 1;
      for (const { name, status, reason } of report.services) {
        if (counting && statuses.get(name) !== status) {
          changes.set(status, (changes.get(status) ?? 0) + 1);
          console.log(`${report.at} ${name}: ${String(statuses.get(name))} -> ${status}, ${reason}`);
        }
        statuses.set(name, status);
      }
    });

    const until = performance.now() + START_MS;
    while (!services.every((name) => statuses.get(name) === 'UP')) {
      if (performance.now() > until) throw new Error(`Not all are UP: ${JSON.stringify([...statuses])}`);
      await sleep(100);
    }
    for (let i = 0; i < Number(values.burners); i++) burners.push(new Worker('for (;;);', { eval: true }));
    console.log(
      `${values.services}: all UP; ${values.minutes} minutes with ${values.burners} burners begin.`,
    );
    counting = true;
    await sleep(minutes * 60_000, undefined, { signal }).catch(() => undefined);
    counting = false;
    if (interrupted.signal.aborted) console.log('Interrupted.');

    const count = (/** @type {string} */ status) => changes.get(status) ?? 0;
    const others = [...changes].filter(([status]) => status !== 'LATE' && status !== 'DOWN');
    const sum = others.reduce((total, [, n]) => total + n, 0);
    console.log(
      `minutes=${values.minutes} reports=${String(reports)} LATE=${String(count('LATE'))} DOWN=${String(count('DOWN'))} others=${String(sum)}`,
    );
    if (count('LATE') + count('DOWN') > 0 || reports === 0) process.exitCode = 1;
  } finally {
    await Promise.all(burners.map((burner) => burner.terminate()));
    redis?.disconnect();
    await platform.close();
  }
}

if (values.help) console.log(usage);
else await main();
