import { issueToken } from './identity.mjs';
import { OPERATOR } from './tools/client/endpoint.mjs';
import { createOutput } from './output.mjs';
import { checkGivenRedis } from './redis/given.mjs';
import { ownRedis } from './redis/own.mjs';
import { SERVICES } from './services.mjs';
import { keepRunning } from './supervise/keep-running.mjs';
import { serviceProgram } from './supervise/service-program.mjs';
import { stopAll } from './supervise/stop-all.mjs';
import { untilAllStarted } from './supervise/until-all-started.mjs';
import { welcome } from './welcome.mjs';

/**
 * @typedef {object} Operation what runs
 * @property {readonly import('./supervise/keep-running.mjs').Kept[]} services
 * @property {ReturnType<typeof createOutput>} output
 * @property {AbortSignal} signal aborted when it shall stop
 *
 * @typedef {(operation: Operation) => Promise<void>} UntilStop resolves when it shall stop
 */

/**
 * Runs Redis, where none is given, and the services, until it is told to stop; then stops them in order.
 *
 * @param {object} options
 * @param {import('./settings.mjs').Settings} options.settings
 * @param {string | undefined} options.redisProgram of an own server
 * @param {Promise<void>} options.built what the services wait for, and Redis need not
 * @param {AbortSignal} options.signal
 * @param {AbortSignal} options.kill ends all at once, and this process
 * @param {UntilStop} options.untilStop what is done while all runs
 * @param {number} options.began
 * @throws {import('./failure.mjs').Failure} where one of them cannot start; nothing is left running then either
 */
export async function operate({ settings, redisProgram, built, signal, kill, untilStop, began }) {
  const { dataDir, host, ports } = settings;
  const output = createOutput({
    names: [...SERVICES.map(({ name }) => name), 'redis'],
    colour: process.stdout.isTTY && !process.env['NO_COLOR'],
    write: (text) => void process.stdout.write(text),
  });
  /** @type {import('./supervise/keep-running.mjs').Kept[]} */
  const kept = [];
  kill.addEventListener('abort', () => {
    for (const program of kept) program.kill();
    process.exit(1);
  });

  try {
    const [redis, build] = await Promise.allSettled([startRedis(), built]);
    if (build.status === 'rejected') throw build.reason;
    if (redis.status === 'rejected') throw redis.reason;
    const redisUrl = redis.value;
    const env = { ...ports, HOST: host, DATA_DIR: dataDir, REDIS_URL: redisUrl };
    const services = SERVICES.map((service) => keepRunning(serviceProgram(service, settings, env), output));
    kept.push(...services);
    await untilAllStarted(services, { signal, say: output.say });
    const pidOf = (/** @type {string} */ name) => services.find((service) => service.name === name)?.pid();
    const authorization = await operatorAuthorization(settings);
    output.say(welcome({ host, ports, pidOf, tookMs: performance.now() - began, authorization }));
    await untilStop({ services, output, signal });
    output.notice('Stopping. Ctrl-C again ends it at once.');
  } finally {
    await stopAll(kept);
  }

  /** @returns {Promise<string>} its URL */
  async function startRedis() {
    if (redisProgram === undefined) {
      const given = settings.redisUrl ?? '';
      await checkGivenRedis(given, signal);
      return given;
    }
    const { url, program } = await ownRedis(redisProgram, dataDir);
    const redis = keepRunning(program, output);
    kept.push(redis);
    await untilAllStarted([redis], { signal, say: output.say });
    return url;
  }
}

/** Who tries things out at the terminal is an operator for so long. */
const TOKEN_MS = 12 * 3_600_000; // 12 hours

/** @param {import('./settings.mjs').Settings} settings */
async function operatorAuthorization(settings) {
  const { required, issuer } = settings.identity;
  if (!required) return undefined;
  if (issuer !== undefined) return `Bearer <a token of ${issuer}>`;
  return `Bearer ${await issueToken(settings, OPERATOR, TOKEN_MS)}`;
}
