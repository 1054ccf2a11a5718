// Measures what another client notices while an attacker sends expensive requests.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { CREATE_RULE, sendOperation, startBenchPlatform } from './lib/bench-platform.mjs';
import { importBuilt } from './lib/import-built.mjs';
import { computePercentile } from './lib/statistics.mjs';
import {
  ATTACKER_ID,
  ATTACKER_OPENINGS,
  ATTACKER_RULES_PER_OPENING,
  ATTACKS,
  getAttackerId,
} from './security/attacks.mjs';
import { readCpuMs, readMemoryMib } from './security/process-usage.mjs';

const { issueEmbeddedToken } = /** @type {typeof import('@seguridad-abc/platform')} */ (
  await importBuilt('@seguridad-abc/platform')
);

const USAGE = `node bench/security.mjs [--mode production|development] [--only text,text] [--seconds 5] [--concurrency 4]
Starts built services (npm run build) with their own Redis. Sends one attack after the other. At the same time other
customers send a query every 20 ms, and a command every 100 ms. Linux only.
query, command   latency of the other customer: p50 / p99 / maximum, in milliseconds
own              longest delay of the process that measures, in milliseconds: latencies contain it
CPU              of gateway, monitoring, reports, the attacker, and this process during the attack, in percent of one core
ms               CPU of the gateway for each request of the attack; that of the other client is subtracted
memory           of gateway, monitoring and reports after the attack, in MiB
answers          number of answers by error code or status
The rows "none" and "control" send no attack. In "control", the attacker computes without a pause and sends nothing: latencies
above those of "none" come from the machine, which attacker, services and clients share.
--mode   production by default
--only   attacks whose name contains one of the texts
Exit code 1 if a p99 exceeds 100 ms.`;

const { values } = parseArgs({
  options: {
    mode: { type: 'string', default: 'production' },
    only: { type: 'string', default: '' },
    seconds: { type: 'string', default: '5' },
    concurrency: { type: 'string', default: '4' },
    help: { type: 'boolean', short: 'h' },
  },
});

/** Another client waits no longer than this, at the 99th percentile. */
const MAX_P99_MS = 100;
const QUERY_INTERVAL_MS = 20;
const COMMAND_INTERVAL_MS = 100;
const TOKEN_LIFETIME_MS = 3_600_000;
const MEASURED_SERVICES = /** @type {const} */ (['gateway', 'monitoring', 'reports']);
/** The other client sends as one of these customers in turn, so that no limit of a customer applies to it. */
const VICTIM_COUNT = 10;
/** Work of an attack that goes on when its requests are answered does not count for the next one. */
const PAUSE_MS = 1_000;
const US_PER_MS = 1_000;
const NS_PER_MS = 1_000_000;

/** @typedef {Awaited<ReturnType<typeof startBenchPlatform>>} BenchPlatform */
/** @typedef {import('./security/attacks.mjs').Attack} Attack */
/** @typedef {import('./security/attacker-process.mjs').AttackResult} AttackResult */
/** @typedef {{ query: number[], command: number[], failures: string[] }} Latencies */

const VICTIM_QUERY = '{ viewer { id rules(first: 20) { nodes { id name } } } }';

/**
 * Sends operations at a steady rate until the signal is aborted. An operation does not wait for the one before.
 * @param {readonly { url: URL, authorize: () => Promise<Record<string, string>> }[]} endpoints of customers that take turns
 * @param {AbortSignal} signal
 * @returns {Promise<Latencies>}
 */
async function measureOtherClient(endpoints, signal) {
  /** @type {Latencies} */
  const latencies = { query: [], command: [], failures: [] };
  /** @type {Promise<unknown>[]} */
  const pending = [];
  let turn = 0;
  /** @param {'query' | 'command'} kind @param {string} document @param {Record<string, unknown>} variables */
  const measure = async (kind, document, variables) => {
    const endpoint = endpoints[turn % endpoints.length];
    if (!endpoint) throw new Error('There is no other client.');
    const sentAt = performance.now();
    try {
      await sendOperation(endpoint, document, variables);
    } catch (error) {
      latencies.failures.push(error instanceof Error ? error.message : String(error));
    }
    latencies[kind].push(performance.now() - sentAt);
  };
  for (; !signal.aborted; turn += 1) {
    pending.push(measure('query', VICTIM_QUERY, {}));
    if (turn % (COMMAND_INTERVAL_MS / QUERY_INTERVAL_MS) === 0) {
      const reading = {
        id: `v${String(Date.now())}`,
        opening: 'Door',
        state: turn % 2 === 0 ? 'OPEN' : 'CLOSED',
        at: new Date().toISOString(),
      };
      pending.push(measure('command', RECORD_READINGS, { input: { readings: [reading] } }));
    }
    await sleep(QUERY_INTERVAL_MS);
  }
  await Promise.all(pending);
  return latencies;
}
const RECORD_READINGS =
  'mutation ($input: RecordReadingsInput!) { recordReadings(input: $input) { accepted } }';

/** @param {import('./security/attacker-process.mjs').AttackJob} job @returns {Promise<AttackResult>} */
async function runAttacker(job) {
  // In its own session: Linux can give a whole session a lower priority.
  const child = fork(new URL('security/attacker-process.mjs', import.meta.url), { detached: true });
  child.send(job);
  const exited = once(child, 'exit');
  const result = await Promise.race([
    /** @type {Promise<AttackResult>} */ (new Promise((resolve) => child.once('message', resolve))),
    exited.then(() => Promise.reject(new Error('The attacker has ended without a result.'))),
  ]);
  child.disconnect();
  await exited;
  return result;
}

/** @param {BenchPlatform} platform */
const readUsage = (platform) =>
  MEASURED_SERVICES.map((name) => {
    const pid = platform.getProcessId(name);
    return { cpuMs: readCpuMs(pid), memoryMib: readMemoryMib(pid) };
  });

/** CPU time of this process since its start, in milliseconds. */
function readOwnCpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / US_PER_MS;
}

/** @param {readonly number[]} times */
const formatLatencies = (times) =>
  [50, 99, 100].map((p) => computePercentile(times, p).toFixed(0)).join(' / ');

async function main() {
  const platform = await startBenchPlatform({
    settings: { NODE_ENV: values.mode, PUBLIC_STATUS: 'true', MAX_OPENINGS_PER_USER: '1000' },
  });
  const issueToken = (/** @type {string} */ id, /** @type {'customer' | 'device' | 'operator'} */ role) =>
    issueEmbeddedToken(
      platform.dataDir,
      { id, role, ...(role === 'device' && { openings: ATTACKER_OPENINGS }) },
      TOKEN_LIFETIME_MS,
    );
  try {
    const victimIds = Array.from({ length: VICTIM_COUNT }, (_, index) => `victim-${String(index)}`);
    const victims = await Promise.all(
      victimIds.map(async (id) => {
        const authorization = `Bearer ${await issueToken(id, 'customer')}`;
        return { url: platform.url, authorize: () => Promise.resolve({ authorization }) };
      }),
    );
    const seed = async (
      /** @type {string} */ userId,
      /** @type {number} */ openings,
      /** @type {number} */ rules,
    ) => {
      for (let index = 0; index < openings * rules; index += 1) {
        const input = {
          userId,
          name: `Rule ${String(index)}`,
          opening: `opening-${String(index % openings)}`,
          maxOpenSeconds: 1 + (index % 7),
          effectiveFrom: '2026-01-01T00:00:00Z',
        };
        await sendOperation(platform, CREATE_RULE, { input });
      }
    };
    await seed(ATTACKER_ID, ATTACKER_OPENINGS.length, ATTACKER_RULES_PER_OPENING);
    for (const id of victimIds) await seed(id, 1, 5);
    // Latencies of the first requests include compilation.
    await measureOtherClient(victims, AbortSignal.timeout(3_000));

    const seconds = Number(values.seconds);
    console.log(
      `| attack | query | command | own | CPU % | ms | memory MiB | requests/s | slowest ms | answers |`,
    );
    console.log('|---|---|---|---|---|---|---|---|---|---|');
    /** @type {string[]} */
    const slowAttacks = [];
    /** CPU of the gateway without an attack, in milliseconds per millisecond. */
    let idleCpu = 0;
    const measureAttack = async (
      /** @type {string} */ name,
      /** @type {() => Promise<AttackResult>} */ attack,
    ) => {
      const before = readUsage(platform);
      const ownCpuBefore = readOwnCpuMs();
      const startedAt = performance.now();
      const end = new AbortController();
      const ownDelay = monitorEventLoopDelay({ resolution: 1 });
      ownDelay.enable();
      const measuring = measureOtherClient(victims, end.signal);
      const result = await attack();
      end.abort();
      const latencies = await measuring;
      ownDelay.disable();
      const wallMs = performance.now() - startedAt;
      const after = readUsage(platform);
      const usedMs = after.map(({ cpuMs }, i) => cpuMs - (before[i]?.cpuMs ?? 0));
      const gatewayCpuMs = usedMs[0] ?? 0;
      const cpu = [...usedMs, result.cpuMs, readOwnCpuMs() - ownCpuBefore].map((ms) =>
        ((ms * 100) / wallMs).toFixed(0),
      );
      if (result.count === 0) idleCpu = gatewayCpuMs / wallMs;
      const cpuMsPerRequest = Math.max(0, gatewayCpuMs - idleCpu * wallMs) / result.count;
      const memory = after.map(({ memoryMib }) => memoryMib.toFixed(0));
      if ([latencies.query, latencies.command].some((times) => computePercentile(times, 99) > MAX_P99_MS)) {
        slowAttacks.push(name);
      }
      const answers = Object.entries(result.answers).map(([code, count]) => `${code} ${String(count)}`);
      if (latencies.failures.length > 0) {
        answers.push(
          `**${String(latencies.failures.length)} failures of the other client: ${String(latencies.failures[0])}**`,
        );
      }
      console.log(
        `| ${name} | ${formatLatencies(latencies.query)} | ${formatLatencies(latencies.command)} | ${(ownDelay.max / NS_PER_MS).toFixed(0)} | ${cpu.join(' ')} | ${result.count > 0 ? cpuMsPerRequest.toFixed(1) : '-'} | ${memory.join(' ')} | ${(result.count / seconds).toFixed(0)} | ${result.slowestMs?.toFixed(0) ?? '-'} | ${answers.join(', ')} |`,
      );
      await sleep(PAUSE_MS);
    };
    await measureAttack('none', async () => {
      await sleep(seconds * 1_000);
      return { count: 0, cpuMs: 0, answers: {} };
    });
    const job = { origin: platform.url.origin, seconds, concurrency: Number(values.concurrency) };
    await measureAttack('control', () => runAttacker(job));
    const isMeasured = (/** @type {string} */ name) =>
      values.only.split(',').some((text) => name.includes(text));
    for (const [index, { name, role }] of ATTACKS.entries()) {
      if (!isMeasured(name)) continue;
      const token = role === 'anonymous' ? undefined : await issueToken(getAttackerId(index), role);
      await measureAttack(`${name} (${role})`, () =>
        runAttacker({ ...job, index, ...(token !== undefined && { token }) }),
      );
    }
    if (slowAttacks.length > 0) {
      console.log(`The other client waited longer than ${String(MAX_P99_MS)} ms: ${slowAttacks.join('; ')}`);
      process.exitCode = 1;
    }
  } finally {
    await platform.close();
  }
}

if (values.help) console.log(USAGE);
else await main();
