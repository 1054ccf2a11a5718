import { checkConfiguredRedis } from '../redis/redis-connection.mjs';
import { prepareLocalRedis } from '../redis/local-redis.mjs';
import { issueToken, OPERATOR_ACTOR } from '../shared/identity.mjs';
import { SERVICES } from '../shared/installation-settings.mjs';
import { createServiceProgram } from '../supervise/service-program.mjs';
import { stopInOrder, superviseProgram, waitUntilStarted } from '../supervise/supervisor.mjs';
import { createConsoleOutput } from './console-output.mjs';
import { formatWelcomeMessage } from './welcome-message.mjs';

/** Lifetime of the operator token in the welcome message. */
const WELCOME_TOKEN_LIFETIME_MS = 12 * 3_600_000; // 12 hours

/**
 * @typedef {object} RunningInstallation
 * @property {readonly import('../supervise/supervisor.mjs').SupervisedProgram[]} services
 * @property {ReturnType<typeof createConsoleOutput>} output
 * @property {AbortSignal} signal aborted when the installation is asked to stop
 *
 * @typedef {(installation: RunningInstallation) => Promise<void>} RunUntilStop the installation stops when it resolves
 */

/**
 * Runs the services, and a Redis unless REDIS_URL is set, until the installation is asked to stop. Then stops all of
 * them in order.
 *
 * @param {object} options
 * @param {import('../shared/installation-settings.mjs').InstallationSettings} options.settings
 * @param {string | undefined} options.redisProgram path of the Redis server; undefined with REDIS_URL
 * @param {Promise<void>} options.built the build, which only the services need
 * @param {AbortSignal} options.signal asks the installation to stop
 * @param {AbortSignal} options.kill kills all programs and ends this process
 * @param {RunUntilStop} options.runUntilStop
 * @param {number} options.startedAt as `performance.now()` returns it
 * @throws {import('../shared/errors.mjs').UserFacingError} if a program cannot start; all others are stopped then
 */
export async function runInstallation({
  settings,
  redisProgram,
  built,
  signal,
  kill,
  runUntilStop,
  startedAt,
}) {
  const { dataDir, host, ports } = settings;
  const output = createConsoleOutput({
    names: [...SERVICES.map(({ name }) => name), 'redis'],
    useColor: process.stdout.isTTY && !process.env['NO_COLOR'],
    write: (text) => void process.stdout.write(text),
  });
  /** @type {import('../supervise/supervisor.mjs').SupervisedProgram[]} */
  const programs = [];
  kill.addEventListener('abort', () => {
    for (const program of programs) program.kill();
    process.exit(1);
  });

  try {
    const [redis, build] = await Promise.allSettled([startRedis(), built]);
    if (build.status === 'rejected') throw build.reason;
    if (redis.status === 'rejected') throw redis.reason;
    const env = { ...ports, HOST: host, DATA_DIR: dataDir, REDIS_URL: redis.value };
    const services = SERVICES.map((service) =>
      superviseProgram(createServiceProgram(service, settings, env), output),
    );
    programs.push(...services);
    await waitUntilStarted(services, { signal, log: output.log });
    const getPid = (/** @type {string} */ name) =>
      services.find((service) => service.name === name)?.getPid();
    const authorization = await createOperatorAuthorization(settings);
    const startMs = performance.now() - startedAt;
    output.log(formatWelcomeMessage({ host, ports, getPid, startMs, authorization }));
    await runUntilStop({ services, output, signal });
    output.onNotice('Stopping. Press Ctrl-C again to end at once.');
  } finally {
    await stopInOrder(programs);
  }

  /** @returns {Promise<string>} the URL of a Redis that answers */
  async function startRedis() {
    if (redisProgram === undefined) {
      const configuredUrl = settings.redisUrl ?? '';
      await checkConfiguredRedis(configuredUrl, signal);
      return configuredUrl;
    }
    const { url, program } = await prepareLocalRedis(redisProgram, dataDir);
    const redis = superviseProgram(program, output);
    programs.push(redis);
    await waitUntilStarted([redis], { signal, log: output.log });
    return url;
  }
}

/**
 * @param {import('../shared/installation-settings.mjs').InstallationSettings} settings
 * @returns {Promise<string | undefined>} the header's value; undefined if callers need none
 */
async function createOperatorAuthorization(settings) {
  const { required, issuer } = settings.identity;
  if (!required) return undefined;
  if (issuer !== undefined) return `Bearer <a token of ${issuer}>`;
  return `Bearer ${await issueToken(settings, OPERATOR_ACTOR, WELCOME_TOKEN_LIFETIME_MS)}`;
}
