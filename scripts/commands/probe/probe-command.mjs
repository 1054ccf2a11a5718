import { randomBytes, randomInt } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseDuration, parseWholeNumber } from '../../cli/option-values.mjs';
import { runTool } from '../../cli/run-tool.mjs';
import { createProgressDisplay } from '../../cli/terminal.mjs';
import {
  checkGatewayAccess,
  createGraphQLClient,
  resolveGatewayUrl,
  GATEWAY_URL_HELP,
  GATEWAY_URL_OPTION,
} from '../../graphql/graphql-client.mjs';
import { findInstallationRedisUrl } from '../../redis/local-redis.mjs';
import { EXIT_CODES, UnreachableError } from '../../shared/errors.mjs';
import { createAuthorizer, loadPlatformPackage, OPERATOR_ACTOR } from '../../shared/identity.mjs';
import { createProbes, createSeededRandom } from './probe-kinds.mjs';
import { formatResultTable, formatRoundLine, listProblems } from './probe-report.mjs';
import { deleteProbeRules, runProbeRound } from './probe-round.mjs';

const usage = `npm run probe -- [--count 100] [--concurrency 8] [--seed N] [--every TIME] [--url URL]

Sends a random mix of valid and invalid requests to the gateway and checks each response. It also measures how long a
created rule takes to be readable in reports. It uses its own user (probe-...) and deletes its rules at the end, also
after Ctrl-C.

  --count N              requests in a round (100)
  --concurrency N        requests at the same time (8)
  --seed N               repeats the mix of an earlier run, which printed its seed; by default random
  --every TIME           repeats the round at this interval (10s, 5m, ...) until Ctrl-C, and prints a line per round. The
                         command then sends heartbeats as the service probe, over REDIS_URL or the Redis of npm start
${GATEWAY_URL_HELP}

Exit codes: 0 every response was correct; 1 a response was wrong, or a rule could not be deleted; 2 wrong usage, or the
gateway does not answer; 130 interrupted (with --every, Ctrl-C is the normal end: 0 or 1).`;

const options = /** @type {const} */ ({
  count: { type: 'string', default: '100' },
  concurrency: { type: 'string', default: '8' },
  seed: { type: 'string' },
  every: { type: 'string' },
  ...GATEWAY_URL_OPTION,
});

const MAX_SEED = 2 ** 32 - 1;

/** Name under which the command sends heartbeats. */
const SERVICE_NAME = 'probe';

/**
 * @typedef {object} ProbePlan
 * @property {import('../../graphql/graphql-client.mjs').GraphQLClient} client
 * @property {number} count probes in a round
 * @property {number} concurrency
 * @property {import('./probe-kinds.mjs').SeededRandom} random
 * @property {string} userId owner of the rules
 * @property {AbortSignal} signal
 */

/** @param {string[]} args */
export const runProbeCommand = (args) => runTool({ usage, options, run }, args);

/** @param {import('../../cli/run-tool.mjs').ToolContext<typeof options>} context */
async function run({ values, settings, signal }) {
  const client = createGraphQLClient(resolveGatewayUrl(values.url, settings), {
    authorize: createAuthorizer(settings, OPERATOR_ACTOR),
  });
  const seed =
    values.seed === undefined
      ? randomInt(MAX_SEED)
      : parseWholeNumber('--seed', values.seed, { min: 0, max: MAX_SEED });
  const plan = {
    client,
    count: parseWholeNumber('--count', values.count, { min: 1, max: 100_000 }),
    concurrency: parseWholeNumber('--concurrency', values.concurrency, { min: 1, max: 256 }),
    random: createSeededRandom(seed),
    userId: `probe-${randomBytes(4).toString('hex')}`,
    signal,
  };
  const intervalMs = values.every === undefined ? undefined : parseDuration('--every', values.every);
  const heading = `${client.url.href}, user ${plan.userId}, seed ${seed}`;
  if (intervalMs !== undefined) return probeRepeatedly(plan, { heading, intervalMs, settings });
  await checkGatewayAccess(client);
  console.log(heading);
  return probeOnce(plan);
}

/** Runs one round and prints its table. @param {ProbePlan} plan @returns {Promise<number>} the exit code */
async function probeOnce({ client, count, concurrency, random, userId, signal }) {
  const progress = createProgressDisplay();
  const round = await runProbeRound(client, createProbes(count, { random, userId, firstNumber: 1 }), {
    concurrency,
    signal,
    onProgress: (done) => progress.update(`${done} of ${count} probes`),
  });
  progress.update('Deleting the rules');
  const remaining = await deleteProbeRules(client, userId, round);
  progress.end();

  console.log(formatResultTable(round.results));
  const problems = listProblems(round.results);
  console.log(problems.length > 0 ? ['Wrong:', ...problems].join('\n') : 'Every response was correct.');
  if (remaining !== undefined) console.error(`Not deleted: ${remaining}.`);
  signal.throwIfAborted();
  return problems.length > 0 || remaining !== undefined ? EXIT_CODES.failure : EXIT_CODES.success;
}

/**
 * Runs rounds until the signal is aborted, and prints one line per round. Sends heartbeats meanwhile.
 *
 * @param {ProbePlan} plan
 * @param {{ heading: string, intervalMs: number, settings: import('../../shared/installation-settings.mjs').InstallationSettings }} options
 * @returns {Promise<number>} the exit code
 */
async function probeRepeatedly(plan, { heading, intervalMs, settings }) {
  const { client, count, concurrency, random, userId, signal } = plan;
  /** What the last round found, for the heartbeats. @type {string | undefined} */
  let heartbeatError;
  let exitCode = EXIT_CODES.success;
  let mayHaveEarlierRules = false;
  const stopHeartbeats = await startHeartbeats(settings, () => heartbeatError);
  console.log(heading);
  try {
    for (let firstNumber = 1; !signal.aborted; firstNumber += count) {
      const startedAt = performance.now();
      const probes = createProbes(count, { random, userId, firstNumber });
      const { results, createdIds, mayHaveMore } = await runProbeRound(client, probes, {
        concurrency,
        signal,
      });
      const remaining = await deleteProbeRules(client, userId, {
        createdIds,
        mayHaveMore: mayHaveMore || mayHaveEarlierRules,
      });
      mayHaveEarlierRules = remaining !== undefined;
      const problems = [
        ...listProblems(results),
        ...(remaining === undefined ? [] : [`not deleted: ${remaining}`]),
      ];
      const others = problems.length > 1 ? ` (and ${problems.length - 1} other problems)` : '';
      heartbeatError = problems[0] === undefined ? undefined : `in the last round ${problems[0]}${others}`;
      if (heartbeatError !== undefined) exitCode = EXIT_CODES.failure;
      console.log([`${new Date().toISOString()} ${formatRoundLine(results)}`, ...problems].join('\n  '));
      const delayMs = Math.max(0, intervalMs - (performance.now() - startedAt));
      await sleep(delayMs, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await stopHeartbeats();
  }
  return exitCode;
}

/**
 * Sends heartbeats as a service of the installation, so that live health shows the results of the probes.
 *
 * @param {import('../../shared/installation-settings.mjs').InstallationSettings} settings
 * @param {() => string | undefined} getError the current problem
 * @returns {Promise<() => Promise<void>>} sends the last heartbeat and stops
 * @throws {UnreachableError} if no Redis is known
 */
async function startHeartbeats(settings, getError) {
  const url = findInstallationRedisUrl(settings);
  if (url === undefined) {
    throw new UnreachableError(
      "There is no Redis for heartbeats: run npm start, or set REDIS_URL to the installation's Redis.",
    );
  }
  const platform = await loadPlatformPackage();
  const { HEARTBEAT_INTERVAL_MS } = platform.commonSettings;
  const { intervalMs } = platform.readSettings(
    { intervalMs: HEARTBEAT_INTERVAL_MS },
    { intervalMs: process.env['HEARTBEAT_INTERVAL_MS'] },
  );
  // Log lines would mix with the results. Live health shows a Redis that is down.
  const pubsub = platform.createRedisPubSubClient(url, platform.createLogger(SERVICE_NAME, 'silent'));
  const stopSender = platform.startHeartbeatSender({
    service: SERVICE_NAME,
    instance: `${hostname()}:${process.pid}`,
    intervalMs,
    pubsub,
    condition: () => ({ error: getError() }),
  });
  return async () => {
    await stopSender();
    pubsub.close();
  };
}
