// Measures a moment at which many timers are due at once: rules that want their openings to be opened by 09:00.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { openMonitoringCommands } from './lib/monitoring-commands.mjs';
import { computePercentile } from './lib/statistics.mjs';

const USAGE = `node bench/timers.mjs [--rules 10000] [--history 0]
Creates rules with openBy at 09:00, one for each opening, and sets the clock to 09:00 with running timers. Every second opening has been
opened in time. At the same time, one reading at a time of another opening is sent. It prints how long it takes until all rules are
evaluated, CPU per rule (with the readings), and how long commands wait. --history: earlier readings of each opening.`;

const { values } = parseArgs({
  options: {
    rules: { type: 'string', default: '10000' },
    history: { type: 'string', default: '0' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const ruleCount = Number(values.rules);
const historyLength = Number(values.history);
const CONCURRENT_COMMANDS = 256;
const BATCH_SIZE = 1_000;
const MINUTE_MS = 60_000;
const DUE_AT = Date.parse('2026-03-02T09:00:00Z'); // a Monday

let clock = DUE_AT - 30 * MINUTE_MS;
const handler = await openMonitoringCommands({ maxGroup: 256, logLevel: 'error', getClock: () => clock });
const nameOpening = (/** @type {number} */ index) => `Shop ${String(index)}`;
const format = (/** @type {number} */ at) => new Date(at).toISOString();

let next = 0;
await Promise.all(
  Array.from({ length: CONCURRENT_COMMANDS }, async () => {
    while (next < ruleCount) {
      const opening = nameOpening(next++);
      await handler.createRule({
        name: 'Open by nine',
        opening,
        windows: [{ days: null, opensAt: '08:00', closesAt: '18:00', openBy: '09:00' }],
        timeZone: 'UTC',
        severity: 'WARNING',
        enabled: true,
        effectiveFrom: format(DUE_AT - 24 * 60 * MINUTE_MS),
      });
    }
  }),
);

/** Sends readings in commands of 1,000. @param {Parameters<typeof handler.recordReadings>[0]} readings */
async function sendAll(readings) {
  for (let from = 0; from < readings.length; from += BATCH_SIZE)
    await handler.recordReadings(readings.slice(from, from + BATCH_SIZE));
}
for (let step = 0; step < historyLength; step++) {
  const at = format(DUE_AT - (historyLength - step + 60) * MINUTE_MS);
  await sendAll(
    Array.from({ length: ruleCount }, (_, index) => ({
      id: `history ${String(step)}`,
      opening: nameOpening(index),
      state: /** @type {'OPEN' | 'CLOSED'} */ (step % 2 === 0 ? 'OPEN' : 'CLOSED'),
      at,
    })),
  );
}
/** @type {readonly ('OPEN' | 'CLOSED')[]} */
const IN_TIME = ['OPEN', 'CLOSED'];
const openedAt = DUE_AT - 45 * MINUTE_MS;
await sendAll(
  Array.from({ length: Math.floor(ruleCount / 2) }, (_, index) =>
    IN_TIME.map((state, offset) => ({
      id: `${state} in time`,
      opening: nameOpening(index * 2),
      state,
      at: format(openedAt + offset * MINUTE_MS),
    })),
  ).flat(),
);
const countLate = () =>
  /** @type {{ count: number }} */ (
    handler.sqlite
      .prepare("select count(*) as count from alarms where kind = 'NOT_OPENED' and raised_at = ?")
      .get(format(DUE_AT))
  ).count;
const expected = ruleCount - Math.floor(ruleCount / 2);
const countDue = () =>
  /** @type {{ count: number }} */ (
    handler.sqlite.prepare('select count(*) as count from timers where due <= ?').get(DUE_AT)
  ).count;

clock = DUE_AT;
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const cpuBefore = process.cpuUsage();
const startedAt = performance.now();
handler.startTimers();
/** @type {number[]} */
const latencies = [];
for (let index = 0; countDue() > 0; index++) {
  const sentAt = performance.now();
  await handler.recordReadings([
    {
      id: `live ${String(index)}`,
      opening: 'Another',
      state: index % 2 === 0 ? 'OPEN' : 'CLOSED',
      at: format(DUE_AT - 1_000_000 + index),
    },
  ]);
  latencies.push(performance.now() - sentAt);
}
const seconds = (performance.now() - startedAt) / 1_000;
const { user, system } = process.cpuUsage(cpuBefore);
delay.disable();
if (countLate() !== expected) throw new Error(`${String(countLate())} alarms instead of ${String(expected)}`);
const ms = (/** @type {number} */ p) => `${computePercentile(latencies, p).toFixed(1)} ms`;
console.log(
  `${ruleCount.toLocaleString('en')} rules due at once: ${seconds.toFixed(1)} s, ${String(expected)} alarms, ` +
    `${((user + system) / ruleCount).toFixed(0)} µs of CPU for each rule`,
);
console.log(
  `a reading meanwhile: p50 ${ms(50)}  p99 ${ms(99)}  max ${ms(100)} (${String(latencies.length)}); ` +
    `event loop held for ${(delay.max / 1e6).toFixed(1)} ms at most`,
);
await handler.close();
