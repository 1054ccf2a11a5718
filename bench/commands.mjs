// Measures group commit: commands per second and latency, at the command handler and through the gateway.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { CREATE_RULE, sendOperation, startBenchPlatform } from './lib/bench-platform.mjs';
import { openMonitoringCommands } from './lib/monitoring-commands.mjs';
import { computeMedian, computePercentile } from './lib/statistics.mjs';

const USAGE = `node bench/commands.mjs [--seconds 3] [--rounds 3] [--no-gateway]
Runs createRule with 1, 16 and 64 concurrent callers, with one commit per command and with group commit. Rounds alternate
between the two; the output shows medians, and the range of commands per second in brackets.
handler  the command handler of the built monitoring app, in this process
gateway  end to end through the gateways of two built platforms
"held" is how long the event loop of the callers' process was blocked, as 99th percentile and maximum. At the handler, that
process also commits.`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    gateway: { type: 'boolean', default: true },
    help: { type: 'boolean', short: 'h' },
  },
  allowNegative: true,
});

const CALLER_COUNTS = [1, 16, 64];
/** The default of GROUP_COMMIT_MAX. */
const DEFAULT_GROUP_SIZE = 256;
const DELAY_RESOLUTION_MS = 1;

let ruleCount = 0;
const createRuleInput = () => ({
  userId: 'bench',
  name: `Rule ${String(++ruleCount)} ${String(process.pid)} ${String(Date.now())}`,
  opening: 'Door',
  maxOpenSeconds: 60,
  timeZone: 'America/Bogota',
  severity: /** @type {const} */ ('WARNING'),
  enabled: true,
});

/**
 * @typedef {object} LoadResult
 * @property {number} perSecond commands per second
 * @property {number} p50 latency in milliseconds
 * @property {number} p99 latency in milliseconds
 * @property {number} heldP99 event-loop delay in milliseconds
 * @property {number} heldMax event-loop delay in milliseconds
 */

/**
 * Lets callers send commands for `--seconds`, each as fast as it gets responses.
 * @param {number} callers @param {() => Promise<unknown>} sendCommand
 * @returns {Promise<LoadResult>}
 */
async function runLoad(callers, sendCommand) {
  /** @type {number[]} */
  const latencies = [];
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delay.enable();
  const startedAt = performance.now();
  const endsAt = startedAt + Number(values.seconds) * 1_000;
  const runCaller = async () => {
    while (performance.now() < endsAt) {
      const sentAt = performance.now();
      await sendCommand();
      latencies.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: callers }, runCaller));
  const seconds = (performance.now() - startedAt) / 1_000;
  delay.disable();
  return {
    perSecond: latencies.length / seconds,
    p50: computePercentile(latencies, 50),
    p99: computePercentile(latencies, 99),
    heldP99: delay.percentile(99) / 1e6 - DELAY_RESOLUTION_MS,
    heldMax: delay.max / 1e6 - DELAY_RESOLUTION_MS,
  };
}

/** @param {number} callers @param {number} maxGroup */
async function runLoadAtHandler(callers, maxGroup) {
  const handler = await openMonitoringCommands({ maxGroup, logLevel: 'silent' });
  try {
    return await runLoad(callers, () => handler.createRule(createRuleInput()));
  } finally {
    await handler.close();
  }
}

/**
 * Prints the medians of the rounds.
 * @param {string} label @param {readonly LoadResult[]} rounds
 * @returns {number} the median of commands per second
 */
function printRounds(label, rounds) {
  const median = (/** @type {keyof LoadResult} */ key) => computeMedian(rounds.map((round) => round[key]));
  const ms = (/** @type {keyof LoadResult} */ key) => `${median(key).toFixed(1)} ms`;
  const rates = rounds.map(({ perSecond }) => Math.round(perSecond));
  const range = `${String(Math.min(...rates))}-${String(Math.max(...rates))}`;
  console.log(
    `${label.padEnd(38)} ${String(Math.round(median('perSecond'))).padStart(6)}/s [${range}]` +
      `  p50 ${ms('p50')}  p99 ${ms('p99')}  held p99 ${ms('heldP99')} max ${ms('heldMax')}`,
  );
  return median('perSecond');
}

/**
 * Compares one commit per command with group commit, in alternating rounds.
 * @param {string} level @param {(callers: number, maxGroup: number) => Promise<LoadResult>} run
 */
async function compareCommits(level, run) {
  for (const callers of CALLER_COUNTS) {
    /** @type {LoadResult[]} */
    const singleCommits = [];
    /** @type {LoadResult[]} */
    const groupCommits = [];
    for (let round = 0; round < Number(values.rounds); round++) {
      singleCommits.push(await run(callers, 1));
      groupCommits.push(await run(callers, DEFAULT_GROUP_SIZE));
    }
    const singleRate = printRounds(`${level}, ${String(callers)}: one commit per command`, singleCommits);
    const groupRate = printRounds(`${level}, ${String(callers)}: group commit`, groupCommits);
    console.log(`${' '.repeat(38)} ${(groupRate / singleRate).toFixed(1).padStart(6)} times`);
  }
}

/** Starts two platforms that differ only in GROUP_COMMIT_MAX. */
async function compareCommitsThroughGateway() {
  const start = (/** @type {number} */ maxGroup) =>
    startBenchPlatform({ settings: { GROUP_COMMIT_MAX: String(maxGroup) } });
  const single = await start(1);
  const group = await start(DEFAULT_GROUP_SIZE);
  try {
    await compareCommits('gateway', (callers, maxGroup) =>
      runLoad(callers, () =>
        sendOperation(maxGroup === 1 ? single : group, CREATE_RULE, { input: createRuleInput() }),
      ),
    );
  } finally {
    await single.close();
    await group.close();
  }
}

if (values.help) {
  console.log(USAGE);
} else {
  await compareCommits('handler', runLoadAtHandler);
  if (values.gateway) await compareCommitsThroughGateway();
}
