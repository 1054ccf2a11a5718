import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { getErrorMessage, UserFacingError } from './errors.mjs';
import { PROJECT_FOLDER } from './project-files.mjs';

/**
 * @typedef {object} ServiceInfo
 * @property {string} name also the folder under apps/
 * @property {string} portSetting name of the setting that holds its port
 * @property {number} stopOrder programs with a lower number stop before those with a higher one
 */

/**
 * The services of an installation. The gateway stops first, so that clients never see half an installation. Heartbeat
 * stops last, so that it receives the other services' last heartbeats.
 *
 * @type {readonly ServiceInfo[]}
 */
export const SERVICES = [
  { name: 'monitoring', portSetting: 'MONITORING_PORT', stopOrder: 2 },
  { name: 'reports', portSetting: 'REPORTS_PORT', stopOrder: 2 },
  { name: 'heartbeat', portSetting: 'HEARTBEAT_PORT', stopOrder: 3 },
  { name: 'gateway', portSetting: 'GATEWAY_PORT', stopOrder: 1 },
];

/** Redis stops after every service. */
export const REDIS_STOP_ORDER = 4;

/**
 * The settings that the start process and the commands need. They work before anything is built, so they do not use the
 * services' own schemas. The services validate all settings and report what is wrong.
 *
 * @typedef {object} InstallationSettings
 * @property {string} host
 * @property {string} dataDir absolute path
 * @property {string | undefined} redisUrl
 * @property {IdentitySettings} identity
 * @property {Readonly<Record<string, string>>} ports by the name of their setting, not validated
 *
 * @typedef {object} IdentitySettings
 * @property {boolean} required whether callers need a token
 * @property {string | undefined} issuer of tokens, if it is not the installation itself
 * @property {string | undefined} secret of the installation, if it is set explicitly
 * @property {string | undefined} token that commands send instead of one that they issue themselves
 */

/** Adds the variables of the file `.env` that are not in the environment. @throws {UserFacingError} */
export function loadEnvFile() {
  const file = join(PROJECT_FOLDER, '.env');
  if (!existsSync(file)) return;
  try {
    process.loadEnvFile(file);
  } catch (error) {
    throw new UserFacingError(
      `The file .env cannot be read (${getErrorMessage(error)}): correct or remove it.`,
    );
  }
}

/**
 * Reads the default of every setting from `.env.example`. A test checks that the services have the same defaults.
 *
 * @returns {Record<string, string>} by the name of the setting; empty if it has no default
 */
export function readDefaultSettings() {
  const example = readFileSync(join(PROJECT_FOLDER, '.env.example'), 'utf8');
  return Object.fromEntries(
    [...example.matchAll(/^# ([A-Z][A-Z0-9_]*)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
}

/** @param {Readonly<Record<string, string | undefined>>} env @returns {InstallationSettings} */
export function readInstallationSettings(env) {
  const defaults = readDefaultSettings();
  // An empty variable counts as absent, as it does for the services.
  const read = (/** @type {string} */ name) => {
    const value = env[name]?.trim();
    return value === '' ? undefined : value;
  };
  const readOrDefault = (/** @type {string} */ name) => read(name) ?? defaults[name] ?? '';
  return {
    host: readOrDefault('HOST'),
    dataDir: resolve(PROJECT_FOLDER, readOrDefault('DATA_DIR')),
    // Without REDIS_URL the start process runs its own Redis, so the services' default does not apply.
    redisUrl: read('REDIS_URL'),
    identity: {
      required: read('AUTH') !== 'off',
      issuer: read('AUTH_ISSUER'),
      secret: read('INSTALLATION_SECRET'),
      token: read('AUTH_TOKEN'),
    },
    ports: Object.fromEntries(SERVICES.map(({ portSetting }) => [portSetting, readOrDefault(portSetting)])),
  };
}

/**
 * Host and port under which a program on this machine reaches a service, as in a URL. A wildcard address becomes
 * loopback.
 *
 * @param {string} host that the service listens on
 * @param {string} port
 */
export function toReachableAddress(host, port) {
  const reachable = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return `${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
