// What sharing a commit gives: commands a second and latency, at the command handler and through the gateway.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { createLogger } from '@seguridad-abc/platform';
import { startTemporaryPlatform } from '../scripts/installation/temporary-platform.mjs';
import { ensureRedisProgram } from '../scripts/install/redis-program.mjs';
import { getPercentile } from '../scripts/cli/latency.mjs';

const usage = `node bench/commands.mjs [--seconds 3] [--rounds 3] [--no-gateway]
createRule with 1, 16 and 64 concurrent callers, one commit a command and group commit in turn, in rounds (medians; the range
of commands a second in brackets): at the command handler of the built monitoring app, and end to end through the gateways of
two built platforms of their own. "held" is how long the event loop of the callers' process was held at most, and at the 99th
percentile: at the handler that is the one which commits.`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    gateway: { type: 'boolean', default: true },
    help: { type: 'boolean', short: 'h' },
  },
  allowNegative: true,
});

const CALLERS = [1, 16, 64];
/** The default of GROUP_COMMIT_MAX. */
const GROUP = 256;
const DELAY_RESOLUTION_MS = 1;

let made = 0;
const input = () => ({
  userId: 'bench',
  name: `Rule ${String(++made)} ${String(process.pid)} ${String(Date.now())}`,
  opening: 'Door',
  maxOpenSeconds: 60,
  timeZone: 'America/Bogota',
  severity: /** @type {const} */ ('WARNING'),
  enabled: true,
});

/**
 * @param {number} callers @param {() => Promise<unknown>} send
 * @returns {Promise<{ rate: number, p50: number, p99: number, held99: number, heldMax: number }>} commands a second, and ms
 */
async function load(callers, send) {
  /** @type {number[]} */
  const times = [];
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delay.enable();
  const started = performance.now();
  const end = started + Number(values.seconds) * 1_000;
  const caller = async () => {
    while (performance.now() < end) {
      const sent = performance.now();
      await send();
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const seconds = (performance.now() - started) / 1_000;
  delay.disable();
  times.sort((a, b) => a - b);
  return {
    rate: times.length / seconds,
    p50: getPercentile(times, 50),
    p99: getPercentile(times, 99),
    held99: delay.percentile(99) / 1e6 - DELAY_RESOLUTION_MS,
    heldMax: delay.max / 1e6 - DELAY_RESOLUTION_MS,
  };
}

/** @template T @param {string} path @returns {Promise<T>} a module of the built app */
const built = async (path) => {
  const url = new URL(`../apps/monitoring/dist/${path}`, import.meta.url).href;
  const module = /** @type {unknown} */ (await import(url));
  return /** @type {T} */ (module);
};

/** @param {number} maxGroup */
async function handler(maxGroup) {
  const { openMonitoringDatabase } = /** @type {typeof import('../apps/monitoring/src/db/open.js')} */ (
    await built('db/open.js')
  );
  const { createStores } = /** @type {typeof import('../apps/monitoring/src/stores.js')} */ (
    await built('stores.js')
  );
  const { commandsFactory } = /** @type {typeof import('../apps/monitoring/src/commands/commands.js')} */ (
    await built('commands/commands.js')
  );
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const database = openMonitoringDatabase(folder);
  const now = () => new Date().toISOString();
  const stores = createStores(database.db, {
    maxGroup,
    allowanceMs: 0,
    zoneData: '',
    now,
    appended: () => undefined,
    logger: createLogger('bench', 'silent'),
  });
  let ids = 0;
  const commandsOf = commandsFactory({ ...stores, now, newId: () => `rule-${String(++ids)}` });
  const commands = commandsOf({ id: 'bench', role: 'operator' });
  return {
    send: () => commands.createRule(input()),
    close: () => {
      database.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** @param {number} callers @param {number} maxGroup */
async function atHandler(callers, maxGroup) {
  const { send, close } = await handler(maxGroup);
  try {
    return await load(callers, send);
  } finally {
    close();
  }
}

/** @param {number} callers @param {import('../scripts/installation/temporary-platform.mjs').TemporaryPlatform} platform */
const throughGateway = (callers, { url, authorize }) =>
  load(callers, async () => {
    const query = 'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }';
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(await authorize()) },
      body: JSON.stringify({ query, variables: { input: input() } }),
    });
    const { errors } = /** @type {{ errors?: unknown }} */ (await response.json());
    if (errors) throw new Error(JSON.stringify(errors));
  });

/** @param {string} label @param {Awaited<ReturnType<typeof load>>[]} rounds */
function print(label, rounds) {
  const median = (/** @type {keyof (typeof rounds)[0]} */ key) =>
    getPercentile(
      rounds.map((round) => round[key]).sort((a, b) => a - b),
      50,
    );
  const rates = rounds.map(({ rate }) => Math.round(rate));
  const range = `${String(Math.min(...rates))}-${String(Math.max(...rates))}`;
  const ms = (/** @type {keyof (typeof rounds)[0]} */ key) => `${median(key).toFixed(1)} ms`;
  console.log(
    `${label.padEnd(36)} ${String(Math.round(median('rate'))).padStart(6)}/s [${range}]` +
      `  p50 ${ms('p50')}  p99 ${ms('p99')}  held p99 ${ms('held99')} max ${ms('heldMax')}`,
  );
  return median('rate');
}

/**
 * @param {string} where
 * @param {(callers: number, maxGroup: number) => ReturnType<typeof load>} once
 */
async function compare(where, once) {
  for (const callers of CALLERS) {
    /** @type {Awaited<ReturnType<typeof load>>[]} */
    const single = [];
    /** @type {typeof single} */
    const group = [];
    for (let round = 0; round < Number(values.rounds); round++) {
      single.push(await once(callers, 1));
      group.push(await once(callers, GROUP));
    }
    const before = print(`${where}, ${String(callers)}: a commit a command`, single);
    const after = print(`${where}, ${String(callers)}: group commit`, group);
    console.log(`${' '.repeat(36)} ${(after / before).toFixed(1).padStart(6)} times`);
  }
}

/** Two platforms side by side: what differs is the setting alone. */
async function compareThroughGateways() {
  const { signal } = new AbortController();
  const redisProgram = await ensureRedisProgram({ log: console.log, signal });
  const start = (/** @type {number} */ maxGroup) =>
    startTemporaryPlatform({ redisProgram, settings: { GROUP_COMMIT_MAX: String(maxGroup) }, signal });
  const single = await start(1);
  const group = await start(GROUP);
  try {
    await compare('gateway', (callers, maxGroup) => throughGateway(callers, maxGroup === 1 ? single : group));
  } finally {
    await single.close();
    await group.close();
  }
}

if (values.help) {
  console.log(usage);
} else {
  await compare('handler', atHandler);
  if (values.gateway) await compareThroughGateways();
}
