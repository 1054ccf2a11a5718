// What readings cost: flat in history and in openings, growing with the rules of an opening; and a backlog beside live readings.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { createLogger } from '@seguridad-abc/platform';
import { startTemporaryPlatform } from '../scripts/installation/temporary-platform.mjs';
import { ensureRedisProgram } from '../scripts/install/redis-program.mjs';
import { getPercentile } from '../scripts/cli/latency.mjs';

const usage = `node bench/readings.mjs [--only history|openings|rules|backlog|gateway] [--backlog 1000000] [--huge]
At the command handler of the built monitoring app, over a real file with synchronous=FULL: recordReadings one a command (16
callers) and 1,000 a command, with 10^4 to 10^6 (--huge: 10^7) readings on record, with 1 to 100,000 openings that are open,
with 1, 10 and 100 rules an opening; CPU is the whole process's. Then a backlog after an outage, in batches of 1,000 by 8
senders, and beside it live readings, 20 a second, that raise an alarm at once, and openings whose time runs out, 20 a second.
With --only gateway the backlog (100,000 by default) goes through the gateway of a built platform of its own.`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    backlog: { type: 'string' },
    huge: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
});

const BATCH = 1_000;
const SENDERS = 8;
const CALLERS = 16;
const ONES = 4_000;
const LIVE_EVERY_MS = 50;
const DELAY_RESOLUTION_MS = 1;

/** @typedef {{ id: string, opening: string, state: 'OPEN' | 'CLOSED', at: string }} Reading */
/** @typedef {(readings: Reading[]) => Promise<{ accepted: number }>} Record */
/** @typedef {import('../apps/monitoring/src/domain/create-rule.js').CreateRule} Rule */

let ids = 0;
/** @param {string} opening @param {boolean} open @param {number} at @returns {Reading} */
const reading = (opening, open, at) => ({
  id: `reading-${String(++ids)}`,
  opening,
  state: open ? 'OPEN' : 'CLOSED',
  at: new Date(at).toISOString(),
});

/** Allowed but for a second a day, and for an hour at a time: judged, and hardly ever broken. @returns {Rule} */
const ordinaryRule = (/** @type {string} */ opening, index = 0) => ({
  name: `Rule ${String(index)}`,
  opening,
  opensAt: '00:00',
  closesAt: '23:59:59',
  timeZone: 'Europe/Madrid',
  maxOpenSeconds: 3_600 + index,
  severity: 'WARNING',
  enabled: true,
  effectiveFrom: '2000-01-01T00:00:00Z',
});
/** Broken at once. @returns {Rule} */
const neverRule = (/** @type {string} */ opening) => ({ ...ordinaryRule(opening), days: [] });
/** Broken after a second. @returns {Rule} */
const secondRule = (/** @type {string} */ opening) => ({
  ...ordinaryRule(opening),
  opensAt: null,
  closesAt: null,
  maxOpenSeconds: 1,
});

/** @template T @param {string} path @returns {Promise<T>} a module of the built app */
const built = async (path) => {
  const url = new URL(`../apps/monitoring/dist/${path}`, import.meta.url).href;
  const module = /** @type {unknown} */ (await import(url));
  return /** @type {T} */ (module);
};

/** Commands over a file of their own, with its timers. */
async function handler() {
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
    maxGroup: 256,
    allowanceMs: 0,
    zoneData: '',
    now,
    appended: () => undefined,
    logger: createLogger('bench', 'error'),
  });
  stores.timekeeper.start();
  let rules = 0;
  const commandsOf = commandsFactory({ ...stores, now, newId: () => `rule-${String(++rules)}` });
  const commands = commandsOf({ id: 'bench', role: 'operator' });
  /** @type {Record} */
  const record = (readings) => commands.recordReadings({ readings });
  return {
    commands,
    record,
    sqlite: database.db.$client,
    async close() {
      await stores.timekeeper.stop();
      database.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** @param {number} count @param {number} callers @param {(index: number, caller: number) => Promise<unknown>} send */
async function each(count, callers, send) {
  let next = 0;
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      while (next < count) await send(next++, caller);
    }),
  );
}

/**
 * @param {string} label @param {number} readings that are sent
 * @param {() => Promise<unknown>} send
 */
async function measure(label, readings, send) {
  const cpu = process.cpuUsage();
  const started = performance.now();
  await send();
  const seconds = (performance.now() - started) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const rate = String(Math.round(readings / seconds)).padStart(7);
  const perReading = ((user + system) / readings).toFixed(1).padStart(7);
  console.log(`${label.padEnd(48)} ${rate} readings/s  ${perReading} µs of CPU each`);
}

/** Live readings of the openings `<prefix> 0..15`, one a command and a thousand a command. @param {Record} record */
async function measureBoth(/** @type {string} */ label, record, prefix = 'Door') {
  await measure(`${label}, one a command`, ONES, () =>
    each(ONES, CALLERS, (i, caller) =>
      record([reading(`${prefix} ${String(caller)}`, Math.floor(i / CALLERS) % 2 === 0, Date.now())]),
    ),
  );
  const batches = 20;
  let at = Date.now() - batches * BATCH * 10;
  await measure(`${label}, 1,000 a command`, batches * BATCH, () =>
    each(batches, 1, () =>
      record(Array.from({ length: BATCH }, (_, i) => reading(`${prefix} 3`, i % 2 === 0, (at += 10)))),
    ),
  );
}

/** @param {Awaited<ReturnType<typeof handler>>} on @param {number} openings @param {number} rules of each */
async function createRules({ commands }, openings, rules) {
  await each(openings * rules, 256, (i) =>
    commands.createRule(ordinaryRule(`Door ${String(i % openings)}`, Math.floor(i / openings))),
  );
}

async function history() {
  const on = await handler();
  await createRules(on, CALLERS, 1);
  let filled = 0;
  let at = Date.parse('2001-01-01T00:00:00Z');
  for (const size of [1e4, 1e5, 1e6, ...(values.huge ? [1e7] : [])]) {
    await measure(`  to ${size.toLocaleString('en')} on record`, size - filled, async () => {
      for (; filled < size; filled += BATCH) {
        await on.record(
          Array.from({ length: BATCH }, (_, i) =>
            reading(`Door ${String((i >> 1) % CALLERS)}`, i % 2 === 0, (at += 10_000)),
          ),
        );
      }
    });
    await measureBoth(`${size.toLocaleString('en')} on record`, on.record);
    const late = 2_000;
    const span = at - Date.parse('2001-01-01T00:00:00Z');
    await measure(`${size.toLocaleString('en')} on record, late by years, one a command`, late, () =>
      each(late, CALLERS, (i, caller) =>
        on.record([reading(`Door ${String(caller)}`, i % 2 === 0, at - Math.floor(Math.random() * span))]),
      ),
    );
  }
  await on.close();
}

async function openings() {
  for (const count of [16, 1_000, 100_000]) {
    const on = await handler();
    await createRules(on, count, 1);
    for (let from = 0; from < count; from += BATCH) {
      await on.record(
        Array.from({ length: Math.min(BATCH, count - from) }, (_, i) =>
          reading(`Door ${String(from + i)}`, true, Date.now()),
        ),
      );
    }
    await measureBoth(`${count.toLocaleString('en')} openings are open`, on.record);
    await on.close();
  }
}

async function rules() {
  for (const count of [1, 10, 100]) {
    const on = await handler();
    await createRules(on, CALLERS, count);
    await measureBoth(`${String(count)} rules an opening`, on.record);
    await on.close();
  }
}

/** @param {string} label @param {number[]} times in ms */
function printTimes(label, times) {
  times.sort((a, b) => a - b);
  const ms = (/** @type {number} */ time) => `${time.toFixed(1)} ms`;
  console.log(
    `${label.padEnd(48)} p50 ${ms(getPercentile(times, 50))}  p99 ${ms(getPercentile(times, 99))}  max ${ms(times.at(-1) ?? 0)}  (${String(times.length)})`,
  );
}

/**
 * @param {number} count @param {Record} record
 * @param {(rule: Rule) => Promise<unknown>} createRule
 */
async function backlogBeside(count, record, createRule) {
  const sensors = 1_000;
  await each(sensors, CALLERS, (i) => createRule(ordinaryRule(`Sensor ${String(i)}`)));
  await createRule(neverRule('Live'));
  const timed = 200;
  await each(timed, CALLERS, (i) => createRule(secondRule(`Timed ${String(i)}`)));

  /** @type {number[]} */
  const answered = [];
  let lives = 0;
  /** @type {Promise<unknown>[]} */
  const sent = [];
  const live = setInterval(() => {
    const started = performance.now();
    const n = lives++;
    sent.push(
      record([reading('Live', true, Date.now())]).then(async () => {
        answered.push(performance.now() - started);
        await record([reading('Live', false, Date.now())]);
      }),
      record([reading(`Timed ${String(n % timed)}`, Math.floor(n / timed) % 2 === 0, Date.now())]),
    );
  }, LIVE_EVERY_MS);
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delay.enable();
  // Each sender has sensors of its own, and sends what each has to say in order.
  const outage = Date.now() - 24 * 3_600_000;
  await measure(`backlog of ${count.toLocaleString('en')}, 8 senders`, count, () =>
    each(count / BATCH, SENDERS, (batch, sender) =>
      record(
        Array.from({ length: BATCH }, (_, i) =>
          reading(
            `Sensor ${String(((i >> 1) % 125) * SENDERS + sender)}`,
            i % 2 === 0,
            outage + batch * BATCH * 50 + i * 50,
          ),
        ),
      ),
    ),
  );
  delay.disable();
  clearInterval(live);
  await Promise.all(sent);
  printTimes('live reading to answer, its alarm raised', answered);
  const held = (/** @type {number} */ ns) => `${(ns / 1e6 - DELAY_RESOLUTION_MS).toFixed(1)} ms`;
  console.log(
    `${'event loop of the senders held'.padEnd(48)} p50 ${held(delay.percentile(50))}  p99 ${held(delay.percentile(99))}  max ${held(delay.max)}`,
  );
}

async function backlog() {
  const on = await handler();
  await backlogBeside(Number(values.backlog ?? 1_000_000), on.record, (rule) => on.commands.createRule(rule));
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const rows = /** @type {{ raisedAt: string, at: string }[]} */ (
    on.sqlite
      .prepare(
        `select at, data ->> '$.alarm.raisedAt' as raisedAt from events
         where type = 'AlarmRaised' and data ->> '$.alarm.opening' like 'Timed%'`,
      )
      .all()
  );
  printTimes(
    'timer due to alarm raised',
    rows.map(({ at, raisedAt }) => Date.parse(at) - Date.parse(raisedAt)),
  );
  await on.close();
}

async function throughGateway() {
  const { signal } = new AbortController();
  const redisProgram = await ensureRedisProgram({ log: console.log, signal });
  const platform = await startTemporaryPlatform({ redisProgram, signal });
  /** @template T @param {string} query @param {object} input @returns {Promise<T>} */
  const send = async (query, input) => {
    const response = await fetch(platform.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(await platform.authorize()) },
      body: JSON.stringify({ query, variables: { input } }),
    });
    const { data, errors } = /** @type {{ data: T, errors?: unknown }} */ (await response.json());
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  };
  try {
    await backlogBeside(
      Number(values.backlog ?? 100_000),
      async (readings) => {
        /** @type {{ recordReadings: { accepted: number } }} */
        const { recordReadings } = await send(
          'mutation ($input: RecordReadingsInput!) { recordReadings(input: $input) { accepted refused { message } } }',
          { readings },
        );
        return recordReadings;
      },
      (rule) =>
        send('mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }', rule),
    );
  } finally {
    await platform.close();
  }
}

const PARTS = { history, openings, rules, backlog, gateway: throughGateway };

if (values.help) {
  console.log(usage);
} else {
  for (const [name, run] of Object.entries(PARTS)) {
    if (values.only === undefined || values.only === name) {
      console.log(`\n${name}`);
      await run();
    }
  }
}
