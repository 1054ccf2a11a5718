import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Failure, messageOf } from './failure.mjs';
import { SERVICES } from './services.mjs';

/**
 * What the start itself must know. The services judge their settings, these included, and tell what is wrong with them.
 *
 * @typedef {object} Settings
 * @property {string} host
 * @property {string} dataDir absolute
 * @property {string | undefined} redisUrl
 * @property {Readonly<Record<string, string>>} ports by the name of their setting, as given
 */

/** Adds what `.env` says and the environment does not. */
export function loadEnvFile() {
  if (!existsSync('.env')) return;
  try {
    process.loadEnvFile('.env');
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
    dataDir: resolve(given('DATA_DIR') ?? 'data'),
    redisUrl: given('REDIS_URL'),
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
