// Measures recordReadings: how its cost grows with history, openings and rules, and how a backlog affects live readings.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { CREATE_RULE, sendOperation, startBenchPlatform } from './lib/bench-platform.mjs';
import { openMonitoringCommands } from './lib/monitoring-commands.mjs';
import { computePercentile } from './lib/statistics.mjs';

const USAGE = `node bench/readings.mjs [--only history|openings|rules|backlog|gateway] [--backlog 1000000] [--huge]
Calls recordReadings at the command handler of the built monitoring app, with a database file (synchronous=FULL). Each part
measures one reading per command (16 callers) and 1,000 readings per command. CPU is that of the whole process.
history   with 10^4 to 10^6 stored readings (--huge: 10^7)
openings  with 1 to 100,000 open intervals
rules     with 1, 10 and 100 rules for each opening
backlog   8 senders deliver the backlog of an outage in batches of 1,000. At the same time 20 live readings per second raise
          alarms at once, and 20 timers per second expire
gateway   the same through the gateway of a built platform (backlog of 100,000 by default)`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    backlog: { type: 'string' },
    huge: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
});

const BATCH_SIZE = 1_000;
const BACKLOG_SENDERS = 8;
const CALLERS = 16;
/** Number of commands with a single reading in each measurement. */
const SINGLE_READING_COMMANDS = 4_000;
const LIVE_READING_INTERVAL_MS = 50;
const DELAY_RESOLUTION_MS = 1;
const LABEL_WIDTH = 48;

/** @typedef {{ id: string, opening: string, state: 'OPEN' | 'CLOSED', at: string }} Reading */
/** @typedef {(readings: Reading[]) => Promise<unknown>} RecordReadings */
/** @typedef {import('../apps/monitoring/src/domain/rule-decisions.js').CreateRuleCommand} RuleInput */

let readingCount = 0;
/** @param {string} opening @param {boolean} isOpen @param {number} at @returns {Reading} */
const createReading = (opening, isOpen, at) => ({
  id: `reading-${String(++readingCount)}`,
  opening,
  state: isOpen ? 'OPEN' : 'CLOSED',
  at: new Date(at).toISOString(),
});

/** A rule that every reading is evaluated against and almost no reading breaks. @returns {RuleInput} */
const createOrdinaryRule = (/** @type {string} */ opening, index = 0) => ({
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
/** A rule that is broken as soon as the opening opens. @returns {RuleInput} */
const createNeverAllowedRule = (/** @type {string} */ opening) => ({
  ...createOrdinaryRule(opening),
  days: [],
});
/** A rule that is broken after one second. @returns {RuleInput} */
const createOneSecondRule = (/** @type {string} */ opening) => ({
  ...createOrdinaryRule(opening),
  opensAt: null,
  closesAt: null,
  maxOpenSeconds: 1,
});

/** Opens a command handler with running timers. */
async function openHandler() {
  const handler = await openMonitoringCommands({ maxGroup: 256, logLevel: 'error' });
  handler.startTimers();
  /** @type {RecordReadings} */
  const record = (readings) => handler.recordReadings(readings);
  return { ...handler, record };
}

/** @typedef {Awaited<ReturnType<typeof openHandler>>} Handler */

/**
 * Calls `send` for each index, with a limited number of concurrent callers.
 * @param {number} count @param {number} callers @param {(index: number, caller: number) => Promise<unknown>} send
 */
async function sendConcurrently(count, callers, send) {
  let next = 0;
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      while (next < count) await send(next++, caller);
    }),
  );
}

/**
 * Prints readings per second and CPU per reading.
 * @param {string} label @param {number} readings the number of readings that `send` sends
 * @param {() => Promise<unknown>} send
 */
async function measureReadings(label, readings, send) {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await send();
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const rate = String(Math.round(readings / seconds)).padStart(7);
  const cpuPerReading = ((user + system) / readings).toFixed(1).padStart(7);
  console.log(`${label.padEnd(LABEL_WIDTH)} ${rate} readings/s  ${cpuPerReading} µs of CPU each`);
}

/** Measures live readings of the openings `Door 0..15`. @param {string} label @param {RecordReadings} record */
async function measureLiveReadings(label, record) {
  await measureReadings(`${label}, one a command`, SINGLE_READING_COMMANDS, () =>
    sendConcurrently(SINGLE_READING_COMMANDS, CALLERS, (i, caller) =>
      record([createReading(`Door ${String(caller)}`, Math.floor(i / CALLERS) % 2 === 0, Date.now())]),
    ),
  );
  const batches = 20;
  let at = Date.now() - batches * BATCH_SIZE * 10;
  await measureReadings(`${label}, 1,000 a command`, batches * BATCH_SIZE, () =>
    sendConcurrently(batches, 1, () =>
      record(Array.from({ length: BATCH_SIZE }, (_, i) => createReading('Door 3', i % 2 === 0, (at += 10)))),
    ),
  );
}

/** @param {Handler} handler @param {number} openings @param {number} rulesPerOpening */
async function createRules({ createRule }, openings, rulesPerOpening) {
  await sendConcurrently(openings * rulesPerOpening, 256, (i) =>
    createRule(createOrdinaryRule(`Door ${String(i % openings)}`, Math.floor(i / openings))),
  );
}

async function benchHistory() {
  const handler = await openHandler();
  await createRules(handler, CALLERS, 1);
  let stored = 0;
  const start = Date.parse('2001-01-01T00:00:00Z');
  let at = start;
  for (const size of [1e4, 1e5, 1e6, ...(values.huge ? [1e7] : [])]) {
    const label = `${size.toLocaleString('en')} on record`;
    await measureReadings(`  to ${label}`, size - stored, async () => {
      for (; stored < size; stored += BATCH_SIZE) {
        await handler.record(
          Array.from({ length: BATCH_SIZE }, (_, i) =>
            createReading(`Door ${String((i >> 1) % CALLERS)}`, i % 2 === 0, (at += 10_000)),
          ),
        );
      }
    });
    await measureLiveReadings(label, handler.record);
    const lateCount = 2_000;
    const spanMs = at - start;
    await measureReadings(`${label}, late by years, one a command`, lateCount, () =>
      sendConcurrently(lateCount, CALLERS, (i, caller) => {
        const lateAt = at - Math.floor(Math.random() * spanMs);
        return handler.record([createReading(`Door ${String(caller)}`, i % 2 === 0, lateAt)]);
      }),
    );
  }
  await handler.close();
}

async function benchOpenings() {
  for (const count of [16, 1_000, 100_000]) {
    const handler = await openHandler();
    await createRules(handler, count, 1);
    for (let from = 0; from < count; from += BATCH_SIZE) {
      await handler.record(
        Array.from({ length: Math.min(BATCH_SIZE, count - from) }, (_, i) =>
          createReading(`Door ${String(from + i)}`, true, Date.now()),
        ),
      );
    }
    await measureLiveReadings(`${count.toLocaleString('en')} openings are open`, handler.record);
    await handler.close();
  }
}

async function benchRules() {
  for (const count of [1, 10, 100]) {
    const handler = await openHandler();
    await createRules(handler, CALLERS, count);
    await measureLiveReadings(`${String(count)} rules an opening`, handler.record);
    await handler.close();
  }
}

/** @param {string} label @param {readonly number[]} times in milliseconds */
function printTimes(label, times) {
  const ms = (/** @type {number} */ p) => `${computePercentile(times, p).toFixed(1)} ms`;
  console.log(
    `${label.padEnd(LABEL_WIDTH)} p50 ${ms(50)}  p99 ${ms(99)}  max ${ms(100)}  (${String(times.length)})`,
  );
}

/**
 * Delivers a backlog, with live readings and expiring timers at the same time.
 * @param {number} count readings in the backlog
 * @param {RecordReadings} record
 * @param {(rule: RuleInput) => Promise<unknown>} createRule
 */
async function runBacklog(count, record, createRule) {
  const sensors = 1_000;
  await sendConcurrently(sensors, CALLERS, (i) => createRule(createOrdinaryRule(`Sensor ${String(i)}`)));
  await createRule(createNeverAllowedRule('Live'));
  const timedOpenings = 200;
  await sendConcurrently(timedOpenings, CALLERS, (i) =>
    createRule(createOneSecondRule(`Timed ${String(i)}`)),
  );

  /** @type {number[]} */
  const liveLatencies = [];
  let liveCount = 0;
  /** @type {Promise<unknown>[]} */
  const pending = [];
  const liveTimer = setInterval(() => {
    const sentAt = performance.now();
    const n = liveCount++;
    const timedOpening = `Timed ${String(n % timedOpenings)}`;
    pending.push(
      record([createReading('Live', true, Date.now())]).then(async () => {
        liveLatencies.push(performance.now() - sentAt);
        await record([createReading('Live', false, Date.now())]);
      }),
      record([createReading(timedOpening, Math.floor(n / timedOpenings) % 2 === 0, Date.now())]),
    );
  }, LIVE_READING_INTERVAL_MS);
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delay.enable();
  // Each sender delivers the readings of its sensors in order.
  const outageStart = Date.now() - 24 * 3_600_000;
  await measureReadings(`backlog of ${count.toLocaleString('en')}, 8 senders`, count, () =>
    sendConcurrently(count / BATCH_SIZE, BACKLOG_SENDERS, (batch, sender) =>
      record(
        Array.from({ length: BATCH_SIZE }, (_, i) =>
          createReading(
            `Sensor ${String(((i >> 1) % 125) * BACKLOG_SENDERS + sender)}`,
            i % 2 === 0,
            outageStart + batch * BATCH_SIZE * 50 + i * 50,
          ),
        ),
      ),
    ),
  );
  delay.disable();
  clearInterval(liveTimer);
  await Promise.all(pending);
  printTimes('live reading until its response, alarm raised', liveLatencies);
  const held = (/** @type {number} */ ns) => `${(ns / 1e6 - DELAY_RESOLUTION_MS).toFixed(1)} ms`;
  console.log(
    `${'event loop of the senders held'.padEnd(LABEL_WIDTH)} p50 ${held(delay.percentile(50))}  p99 ${held(delay.percentile(99))}  max ${held(delay.max)}`,
  );
}

async function benchBacklog() {
  const handler = await openHandler();
  await runBacklog(Number(values.backlog ?? 1_000_000), handler.record, (rule) => handler.createRule(rule));
  // Let the last timers expire.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const rows = /** @type {{ raisedAt: string, at: string }[]} */ (
    handler.sqlite
      .prepare(
        `select at, data ->> '$.alarm.raisedAt' as raisedAt from events
         where type = 'AlarmRaised' and data ->> '$.alarm.opening' like 'Timed%'`,
      )
      .all()
  );
  printTimes(
    'timer expired until alarm raised',
    rows.map(({ at, raisedAt }) => Date.parse(at) - Date.parse(raisedAt)),
  );
  await handler.close();
}

async function benchBacklogThroughGateway() {
  const platform = await startBenchPlatform();
  const recordReadings =
    'mutation ($input: RecordReadingsInput!) { recordReadings(input: $input) { accepted refused { message } } }';
  try {
    await runBacklog(
      Number(values.backlog ?? 100_000),
      (readings) => sendOperation(platform, recordReadings, { input: { readings } }),
      (rule) => sendOperation(platform, CREATE_RULE, { input: rule }),
    );
  } finally {
    await platform.close();
  }
}

const PARTS = {
  history: benchHistory,
  openings: benchOpenings,
  rules: benchRules,
  backlog: benchBacklog,
  gateway: benchBacklogThroughGateway,
};

if (values.help) {
  console.log(USAGE);
} else {
  for (const [name, run] of Object.entries(PARTS)) {
    if (values.only === undefined || values.only === name) {
      console.log(`\n${name}`);
      await run();
    }
  }
}
