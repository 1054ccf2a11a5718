import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareLocalRedis } from '../redis/local-redis.mjs';
import { UserFacingError } from '../shared/errors.mjs';
import { createAuthorizer, OPERATOR_ACTOR } from '../shared/identity.mjs';
import { readDefaultSettings, SERVICES } from '../shared/installation-settings.mjs';
import { findFreeServicePorts } from '../shared/ports.mjs';
import {
  createProgramOutputBuffer,
  startChildProcess,
  stopChildProcess,
} from '../supervise/child-process.mjs';
import { createServiceProgram } from '../supervise/service-program.mjs';
import { stopInOrder } from '../supervise/supervisor.mjs';

const HOST = '127.0.0.1';
const IDENTITY = { required: true, issuer: undefined, secret: undefined, token: undefined };

/**
 * @typedef {object} TemporaryPlatform
 * @property {URL} url of the gateway's GraphQL endpoint
 * @property {import('../shared/identity.mjs').Authorize} authorize as an operator
 * @property {string} redisUrl
 * @property {(name: string) => Promise<void>} start starts a service that does not run; resolves when it is ready
 * @property {(name: string) => Promise<void>} kill ends a service with SIGKILL; resolves when it has ended
 * @property {() => Promise<void>} close stops all programs in order, and removes the data
 *
 * @typedef {object} RunningProgram
 * @property {number} stopOrder
 * @property {(signal: NodeJS.Signals) => void} signal
 * @property {() => Promise<void>} stop
 * @property {Promise<unknown>} ended
 */

/**
 * Starts built services with a Redis, a temporary data folder and free ports. Services that end are not restarted.
 *
 * @param {object} options
 * @param {string} options.redisProgram path of the Redis server
 * @param {readonly string[]} [options.services] names of the services; all by default
 * @param {Readonly<Record<string, string>>} [options.settings] for all services
 * @param {boolean} [options.show] writes the services' output to stderr
 * @param {AbortSignal} options.signal aborts the start and stops what has started
 * @returns {Promise<TemporaryPlatform>}
 * @throws {UserFacingError} if a program does not start
 */
export async function startTemporaryPlatform({
  redisProgram,
  services,
  settings = {},
  show = false,
  signal,
}) {
  const folder = mkdtempSync(join(tmpdir(), 'seguridad-abc-'));
  const ports = await findFreeServicePorts();
  /** @type {Map<string, RunningProgram>} */
  const running = new Map();
  const close = async () => {
    await stopInOrder([...running.values()]);
    rmSync(folder, { recursive: true, force: true });
  };
  /** @param {import('../supervise/child-process.mjs').Program} program */
  const run = async (program) =>
    void running.set(program.name, await startUntilReady(program, { signal, show }));

  try {
    const redis = await prepareLocalRedis(redisProgram, folder);
    await run(redis.program);
    const env = {
      ...createEmptySettings(),
      ...ports,
      HOST,
      DATA_DIR: folder,
      REDIS_URL: redis.url,
      LOG_LEVEL: 'warn',
      ...settings,
    };
    const start = async (/** @type {string} */ name) => {
      const service = SERVICES.find((known) => known.name === name);
      if (!service) throw new Error(`There is no service ${name}.`);
      await run(createServiceProgram(service, { host: HOST, ports }, env));
    };
    const starts = await Promise.allSettled((services ?? SERVICES.map(({ name }) => name)).map(start));
    for (const result of starts) if (result.status === 'rejected') throw result.reason;
    return {
      url: new URL(`http://${HOST}:${ports['GATEWAY_PORT'] ?? ''}/graphql`),
      authorize: createAuthorizer({ dataDir: folder, identity: IDENTITY }, OPERATOR_ACTOR),
      redisUrl: redis.url,
      start,
      async kill(name) {
        running.get(name)?.signal('SIGKILL');
        await running.get(name)?.ended;
        running.delete(name);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Creates an environment in which every setting is empty, which counts as absent. Neither our environment nor the file
 * `.env` changes the services then.
 *
 * @returns {Record<string, string>}
 */
export const createEmptySettings = () =>
  Object.fromEntries(Object.keys(readDefaultSettings()).map((name) => [name, '']));

/**
 * Starts a program, and resolves when it is ready.
 *
 * @param {import('../supervise/child-process.mjs').Program} program
 * @param {{ signal: AbortSignal, show?: boolean }} options
 * @returns {Promise<RunningProgram>}
 * @throws {UserFacingError} with the program's output if it ends before it is ready
 */
async function startUntilReady(program, { signal, show = false }) {
  const buffer = createProgramOutputBuffer(() => undefined);
  const write =
    show && !program.isQuiet
      ? (/** @type {string} */ line) => void process.stderr.write(`${line}\n`)
      : buffer.add;
  const { child, ended } = startChildProcess(program, { onStdout: write, onStderr: write });
  const exited = new AbortController();
  const earlyExit = ended.then(({ description }) => {
    exited.abort();
    throw new UserFacingError(
      `${program.name} ended with ${description} before it was ready: ${buffer.take()}`,
    );
  });
  const running = {
    stopOrder: program.stopOrder,
    ended,
    signal: (/** @type {NodeJS.Signals} */ name) => void child.kill(name),
    stop: () => stopChildProcess(child, ended),
  };
  try {
    await Promise.race([program.waitUntilReady(child, AbortSignal.any([signal, exited.signal])), earlyExit]);
    earlyExit.catch(() => undefined);
    return running;
  } catch (error) {
    earlyExit.catch(() => undefined);
    await running.stop();
    signal.throwIfAborted();
    throw error;
  }
}
