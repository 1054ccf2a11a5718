import { randomBytes, randomInt } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { CommandContext } from '../../command-line/command-host.js';
import { defineCommand } from '../../command-line/define-command.js';
import { addGatewayUrlOption, gatewayUrlOption } from '../../command-line/gateway-option.js';
import { durationOption, wholeNumberOption } from '../../command-line/option-values.js';
import { createProgressDisplay } from '../../command-line/progress.js';
import { createOperatorClient } from '../../graphql/gateway-client.js';
import { checkGatewayAccess, type GraphQLClient } from '../../graphql/graphql-client.js';
import { EXIT_CODES, UnreachableError } from '../../shared/errors.js';
import { createSeededRandom, type SeededRandom } from '../../shared/seeded-random.js';
import { findInstallationRedis } from '../../start/redis/local-redis.js';
import { CheckAccessDocument } from '../../graphql/generated.js';
import { createProbes } from './probe-kinds.js';
import { formatResultTable, formatRoundLine, listProblems } from './probe-report.js';
import { deleteProbeRules, runProbeRound } from './probe-round.js';

const MAX_COUNT = 100_000;
const MAX_CONCURRENCY = 256;
const MAX_SEED = 2 ** 32 - 1;

/** Name under which the command sends heartbeats. */
const SERVICE_NAME = 'probe';

/** `npm run probe`. */
export const createProbeCommand = defineCommand({
  command: 'probe',
  describe: `Sends a random mix of valid and invalid requests to the gateway and checks each response.

It also measures how long a created rule takes to be readable in reports. It uses its own user (probe-...) and deletes its rules at the end, also after Ctrl-C.

Exit codes: 0 every response was correct; 1 a response was wrong, or a rule could not be deleted; 2 wrong usage, or the gateway does not answer; 130 interrupted (with --every, Ctrl-C is the normal end: 0 or 1).`,
  isReadOnly: false,
  examples: [
    ['npm run probe -- --count 1000 --concurrency 32', ''],
    ['npm run probe -- --every 10s', 'watches an installation'],
  ],
  builder: (yargs) =>
    addGatewayUrlOption(
      yargs
        .option('count', {
          type: 'string',
          requiresArg: true,
          default: '100',
          describe: `Requests in a round, 1 to ${MAX_COUNT}`,
        })
        .option('concurrency', {
          type: 'string',
          requiresArg: true,
          default: '8',
          describe: `Requests at the same time, 1 to ${MAX_CONCURRENCY}`,
        })
        .option('seed', {
          type: 'string',
          requiresArg: true,
          describe: 'Repeats the mix of an earlier run, which printed its seed. Default: random',
        })
        .option('every', {
          type: 'string',
          requiresArg: true,
          describe:
            'Repeats the round at this interval (10s, 5m, ...) until Ctrl-C, and prints a line per round. The command then ' +
            'sends heartbeats as the service probe, over REDIS_URL or the Redis of npm start',
        }),
    ),
  options: z.object({
    count: wholeNumberOption({ min: 1, max: MAX_COUNT }),
    concurrency: wholeNumberOption({ min: 1, max: MAX_CONCURRENCY }),
    seed: wholeNumberOption({ min: 0, max: MAX_SEED }).optional(),
    every: durationOption().optional(),
    ...gatewayUrlOption,
  }),
  async run({ count, concurrency, seed = randomInt(MAX_SEED), every, url }, context) {
    const client = createOperatorClient(url, context);
    const plan = {
      client,
      count,
      concurrency,
      random: createSeededRandom(seed),
      userId: `probe-${randomBytes(4).toString('hex')}`,
    };
    const heading = `${client.url.href}, user ${plan.userId}, seed ${seed}`;
    if (every !== undefined) return probeRepeatedly(plan, context, { heading, intervalMs: every });
    await checkGatewayAccess(client);
    context.print(heading);
    return probeOnce(plan, context);
  },
});

interface ProbePlan {
  readonly client: GraphQLClient;
  /** Probes in a round. */
  readonly count: number;
  readonly concurrency: number;
  readonly random: SeededRandom;
  /** Owner of the rules. */
  readonly userId: string;
}

/** Runs one round and prints its table. @returns the exit code */
async function probeOnce(
  { client, count, concurrency, random, userId }: ProbePlan,
  { signal, print, warn }: CommandContext,
): Promise<number> {
  const progress = createProgressDisplay('probes');
  const round = await runProbeRound(client, createProbes(count, { random, userId, firstNumber: 1 }), {
    concurrency,
    signal,
    onProgress: (done) => progress.update(done, count),
  });
  const remaining = await deleteProbeRules(client, userId, round);
  progress.end();

  print(formatResultTable(round.results));
  const problems = listProblems(round.results);
  print(problems.length > 0 ? ['Wrong:', ...problems].join('\n') : 'Every response was correct.');
  if (remaining !== undefined) warn(`Not deleted: ${remaining}.`);
  signal.throwIfAborted();
  return problems.length > 0 || remaining !== undefined ? EXIT_CODES.failure : EXIT_CODES.success;
}

/**
 * Runs rounds until the signal is aborted, and prints one line per round. Sends heartbeats meanwhile.
 * @returns the exit code
 */
async function probeRepeatedly(
  { client, count, concurrency, random, userId }: ProbePlan,
  context: CommandContext,
  { heading, intervalMs }: { readonly heading: string; readonly intervalMs: number },
): Promise<number> {
  const { signal, print } = context;
  /** What the last round found, for the heartbeats. */
  let heartbeatError: string | undefined;
  let exitCode: number = EXIT_CODES.success;
  let mayHaveEarlierRules = false;
  const stopHeartbeats = await startHeartbeats(context, () => heartbeatError);
  print(heading);
  try {
    for (let firstNumber = 1; !signal.aborted; firstNumber += count) {
      const startedAt = performance.now();
      // A gateway may accept ids of documents only. One that is away makes the probes fail.
      await client.execute(CheckAccessDocument, {}).catch(() => undefined);
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
      print([`${new Date().toISOString()} ${formatRoundLine(results)}`, ...problems].join('\n  '));
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
 * @param getError returns the current problem
 * @returns sends the last heartbeat and stops
 * @throws UnreachableError if no Redis is known
 */
async function startHeartbeats(
  { settings, env }: CommandContext,
  getError: () => string | undefined,
): Promise<() => Promise<void>> {
  const redis = findInstallationRedis(settings);
  if (redis === undefined) {
    throw new UnreachableError(
      "There is no Redis for heartbeats: run npm start, or set REDIS_URL to the installation's Redis.",
    );
  }
  const platform = await import('@seguridad-abc/platform');
  const { HEARTBEAT_INTERVAL_MS } = platform.readSettings(
    { HEARTBEAT_INTERVAL_MS: platform.commonSettings.HEARTBEAT_INTERVAL_MS },
    env,
  );
  // Log lines would mix with the results. Live health shows a Redis that is down.
  const pubsub = platform.createRedisPubSubClient(redis, platform.createLogger(SERVICE_NAME, 'silent'));
  const stopSender = platform.startHeartbeatSender({
    service: SERVICE_NAME,
    instance: `${hostname()}:${process.pid}`,
    intervalMs: HEARTBEAT_INTERVAL_MS,
    pubsub,
    condition: () => ({ error: getError() }),
  });
  return async () => {
    await stopSender();
    pubsub.close();
  };
}
