// Checks that the monitor reports no LATE or DOWN service while every CPU core is busy.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Redis } from 'ioredis';
import { startBenchPlatform } from './lib/bench-platform.mjs';
import { importBuilt } from './lib/import-built.mjs';

const { DEFAULT_REDIS_NAMES, healthReportSchema } = /** @type {typeof import('@seguridad-abc/contracts')} */ (
  await importBuilt('@seguridad-abc/contracts')
);

const USAGE = `node bench/heartbeat-quiet.mjs [--minutes 10] [--services monitoring,reports,heartbeat,gateway]
                                 [--interval-ms 2000] [--burners ${String(availableParallelism())}]
Starts built services (npm run build) with their own Redis and waits until all are UP. Then keeps the CPU busy with burner
threads and counts the status changes in health reports. No change is expected. Exit code 1 if a service was LATE or DOWN.`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    services: { type: 'string', default: 'monitoring,reports,heartbeat,gateway' },
    'interval-ms': { type: 'string', default: '2000' },
    burners: { type: 'string', default: String(availableParallelism()) },
    help: { type: 'boolean', short: 'h' },
  },
});

/** Maximum time until all services are UP. */
const START_TIMEOUT_MS = 30_000;

/** @typedef {import('@seguridad-abc/contracts').HealthReport} HealthReport */

/** @param {string} redisUrl @param {(report: HealthReport) => void} onReport */
async function subscribeToReports(redisUrl, onReport) {
  const redis = new Redis(redisUrl);
  redis.on('message', (_channel, message) => onReport(healthReportSchema.parse(JSON.parse(message))));
  await redis.subscribe(DEFAULT_REDIS_NAMES.healthChannel);
  return redis;
}

async function main() {
  const services = values.services.split(',');
  const interruption = new AbortController();
  process.once('SIGINT', () => interruption.abort());
  const { signal } = interruption;
  const platform = await startBenchPlatform({
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
    const changeCounts = new Map();
    let reportCount = 0;
    let isCounting = false;
    redis = await subscribeToReports(platform.redisUrl, (report) => {
      if (isCounting) reportCount += 1;
      for (const { name, status, reason } of report.services) {
        if (isCounting && statuses.get(name) !== status) {
          changeCounts.set(status, (changeCounts.get(status) ?? 0) + 1);
          console.log(`${report.at} ${name}: ${String(statuses.get(name))} -> ${status}, ${reason}`);
        }
        statuses.set(name, status);
      }
    });

    const deadline = performance.now() + START_TIMEOUT_MS;
    while (!services.every((name) => statuses.get(name) === 'UP')) {
      if (performance.now() > deadline) {
        throw new Error(
          `Not all services are UP after ${String(START_TIMEOUT_MS / 1_000)} s: ${JSON.stringify([...statuses])}`,
        );
      }
      await sleep(100);
    }
    for (let i = 0; i < Number(values.burners); i++) burners.push(new Worker('for (;;);', { eval: true }));
    console.log(
      `${values.services}: all UP. Running ${values.burners} burners for ${values.minutes} minutes.`,
    );
    isCounting = true;
    await sleep(Number(values.minutes) * 60_000, undefined, { signal }).catch(() => undefined);
    isCounting = false;
    if (signal.aborted) console.log('Interrupted.');

    const late = changeCounts.get('LATE') ?? 0;
    const down = changeCounts.get('DOWN') ?? 0;
    const total = [...changeCounts.values()].reduce((sum, count) => sum + count, 0);
    console.log(
      `minutes=${values.minutes} reports=${String(reportCount)} LATE=${String(late)} DOWN=${String(down)} others=${String(total - late - down)}`,
    );
    if (late + down > 0 || reportCount === 0) process.exitCode = 1;
  } finally {
    await Promise.all(burners.map((burner) => burner.terminate()));
    redis?.disconnect();
    await platform.close();
  }
}

if (values.help) console.log(USAGE);
else await main();
