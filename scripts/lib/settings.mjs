import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Failure, messageOf } from './failure.mjs';
import { ROOT } from './root.mjs';
import { SERVICES } from './services.mjs';

/**
 * What the start itself must know. The services judge their settings, these included, and tell what is wrong with them.
 *
 * @typedef {object} Settings
 * @property {string} host
 * @property {string} dataDir absolute
 * @property {string | undefined} redisUrl
 * @property {Identity} identity
 * @property {Readonly<Record<string, string>>} ports by the name of their setting, as given
 */

/**
 * @typedef {object} Identity how callers are known
 * @property {boolean} required whether they have to say who they are
 * @property {string | undefined} issuer of tokens, where that is not the installation itself
 * @property {string | undefined} secret of the installation, where it is given
 * @property {string | undefined} token that tools shall use
 */

/** Adds what `.env` says and the environment does not. */
export function loadEnvFile() {
  const file = join(ROOT, '.env');
  if (!existsSync(file)) return;
  try {
    process.loadEnvFile(file);
  } catch (error) {
    throw new Failure(`.env cannot be read: ${messageOf(error)}.`);
  }
}

/** @param {Readonly<Record<string, string | undefined>>} env @returns {Settings} */
export function readSettings(env) {
  // An empty variable counts as absent, as it does for the services.
  const given = (/** @type {string} */ name) => {
    const value = env[name]?.trim();
    return value === '' ? undefined : value;
  };
  return {
    host: given('HOST') ?? '127.0.0.1',
    dataDir: resolve(ROOT, given('DATA_DIR') ?? 'data'),
    redisUrl: given('REDIS_URL'),
    identity: {
      required: given('AUTH') !== 'off',
      issuer: given('AUTH_ISSUER'),
      secret: given('INSTALLATION_SECRET'),
      token: given('AUTH_TOKEN'),
    },
    ports: Object.fromEntries(
      SERVICES.map(({ portSetting, port }) => [portSetting, given(portSetting) ?? String(port)]),
    ),
  };
}

/**
 * Where a program on this machine reaches what listens on a host and port.
 *
 * @param {string} host
 * @param {string} port
 */
export function localAddress(host, port) {
  const reachable = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return `${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
