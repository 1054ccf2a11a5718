import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authorizer } from '../identity.mjs';
import { ownRedis } from '../redis/own.mjs';
import { SERVICES } from '../services.mjs';
import { serviceProgram } from '../supervise/service-program.mjs';
import { stopAll } from '../supervise/stop-all.mjs';
import { OPERATOR } from '../tools/client/endpoint.mjs';
import { freePorts } from './free-ports.mjs';
import { runProgram } from './run-program.mjs';
import { unsetSettings } from './unset.mjs';

const HOST = '127.0.0.1';
const OWN_IDENTITY = { required: true, issuer: undefined, secret: undefined, token: undefined };

/**
 * @typedef {object} OwnPlatform
 * @property {URL} url of the gateway's GraphQL endpoint
 * @property {import('../identity.mjs').Authorize} authorize as an operator
 * @property {string} redisUrl
 * @property {(name: string) => Promise<void>} start a service that does not run; resolves when it is ready
 * @property {(name: string) => Promise<void>} kill a service as a crash would; resolves when it is gone
 * @property {() => Promise<void>} close ends all in order, and removes its data
 */

/**
 * Built services over a Redis, a data folder and free ports of their own. They are not started again by themselves.
 *
 * @param {object} options
 * @param {string} options.redisProgram
 * @param {readonly string[]} [options.services] names of folders under apps/: all by default
 * @param {Readonly<Record<string, string>>} [options.settings] for all of them
 * @param {boolean} [options.show] passes on what they write, to stderr
 * @param {AbortSignal} options.signal of the start; what has started is ended then
 * @returns {Promise<OwnPlatform>}
 * @throws {import('../failure.mjs').Failure} where one of them does not start
 */
export async function startOwnPlatform({ redisProgram, services, settings = {}, show = false, signal }) {
  const folder = mkdtempSync(join(tmpdir(), 'seguridad-abc-'));
  const ports = await freePorts();
  /** @type {Map<string, import('./run-program.mjs').Running>} */
  const running = new Map();
  const close = async () => {
    await stopAll([...running.values()]);
    rmSync(folder, { recursive: true, force: true });
  };
  /** @param {import('../supervise/program.mjs').Program} program */
  const run = async (program) => void running.set(program.name, await runProgram(program, { signal, show }));

  try {
    const redis = await ownRedis(redisProgram, folder);
    await run(redis.program);
    const env = {
      ...unsetSettings(),
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
      await run(serviceProgram(service, { host: HOST, ports }, env));
    };
    const starts = await Promise.allSettled((services ?? SERVICES.map(({ name }) => name)).map(start));
    for (const settled of starts) if (settled.status === 'rejected') throw settled.reason;
    return {
      url: new URL(`http://${HOST}:${ports['GATEWAY_PORT'] ?? ''}/graphql`),
      authorize: authorizer({ dataDir: folder, identity: OWN_IDENTITY }, OPERATOR),
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
