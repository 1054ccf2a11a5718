import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { EnvironmentVariables } from '@seguridad-abc/platform';
import { z } from 'zod';
import { PROJECT_FOLDER, UserFacingError } from './bootstrap.js';
import { readDefaultSettings } from './default-settings.js';
import { findRunningStart } from './running-start.js';

/**
 * The services of an installation, each with the setting of its port. Their names are also their folders under apps/.
 *
 * Programs with a lower `stopOrder` stop before those with a higher one. The gateway stops first, so that clients never see
 * half an installation. Heartbeat stops last, so that it receives the other services' last heartbeats.
 */
export const SERVICES = [
  { name: 'monitoring', portSetting: 'MONITORING_PORT', stopOrder: 2 },
  { name: 'reports', portSetting: 'REPORTS_PORT', stopOrder: 2 },
  { name: 'heartbeat', portSetting: 'HEARTBEAT_PORT', stopOrder: 3 },
  { name: 'gateway', portSetting: 'GATEWAY_PORT', stopOrder: 1 },
] as const;

/** Redis stops after every service. */
export const REDIS_STOP_ORDER = 4;

export type Service = (typeof SERVICES)[number];
export type ServiceName = Service['name'];
export type PortSetting = Service['portSetting'];
/** By the name of their setting, not validated: the services report what is wrong. */
export type ServicePorts = Readonly<Record<PortSetting, string>>;

/** The settings that the start and the commands need. The services validate all settings and report what is wrong. */
export interface InstallationSettings {
  readonly host: string;
  /** Absolute path. */
  readonly dataDir: string;
  /** The PostgreSQL database of monitoring. Undefined: SQLite in the data folder. */
  readonly databaseUrl: string | undefined;
  /** Undefined: `npm start` runs a Redis. */
  readonly redisUrl: string | undefined;
  /** The other settings of Redis that are set, by name. Who connects to Redis validates them. */
  readonly redisVariables: Readonly<Record<string, string>>;
  /** Whether there are no pages for developers. */
  readonly isProduction: boolean;
  /** Whether the gateway serves the console. */
  readonly hasConsole: boolean;
  readonly identity: IdentitySettings;
  readonly ports: ServicePorts;
  /** How long the services go on after their start process was killed, in ms. As it was set: the start checks it. */
  readonly unsupervisedLifetimeMs: string;
  /** A service that does not respond for this time is killed and restarts, in ms; 0: never. As it was set. */
  readonly watchdogTimeoutMs: string;
}

export interface IdentitySettings {
  /** Whether callers need a token. */
  readonly required: boolean;
  /** The issuer of tokens, if it is not the installation itself. */
  readonly issuer: string | undefined;
  /** The secret of the installation, if it is set explicitly. */
  readonly secret: string | undefined;
  /** The token that commands send instead of one that they issue themselves. */
  readonly token: string | undefined;
}

/** An empty variable counts as absent, as it does for the services. */
const optionalText = z
  .string()
  .trim()
  .transform((text) => (text === '' ? undefined : text))
  .optional();

/** The settings of Redis besides REDIS_URL. */
const redisVariablesSchema = z.object({
  REDIS_SENTINELS: optionalText,
  REDIS_SENTINEL_NAME: optionalText,
  REDIS_SENTINEL_USERNAME: optionalText,
  REDIS_SENTINEL_PASSWORD: optionalText,
  REDIS_CA_FILE: optionalText,
  REDIS_PREFIX: optionalText,
});

const listPresent = (
  variables: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

const settingsSchema = redisVariablesSchema
  .extend({
    HOST: optionalText,
    DATA_DIR: optionalText,
    DATABASE_URL: optionalText,
    REDIS_URL: optionalText,
    NODE_ENV: optionalText,
    AUTH: optionalText,
    AUTH_ISSUER: optionalText,
    AUTH_TOKEN: optionalText,
    INSTALLATION_SECRET: optionalText,
    GATEWAY_PORT: optionalText,
    MONITORING_PORT: optionalText,
    REPORTS_PORT: optionalText,
    HEARTBEAT_PORT: optionalText,
    CONSOLE: optionalText,
    UNSUPERVISED_LIFETIME_MS: optionalText,
    WATCHDOG_TIMEOUT_MS: optionalText,
  })
  .transform((env) => {
    const defaults = readDefaultSettings();
    const read = (name: keyof typeof env) => env[name] ?? defaults[name] ?? '';
    return {
      host: read('HOST'),
      dataDir: resolve(PROJECT_FOLDER, read('DATA_DIR')),
      databaseUrl: env.DATABASE_URL,
      // Without both settings the start runs its own Redis, so the services' default does not apply.
      redisUrl: env.REDIS_URL ?? (env.REDIS_SENTINELS === undefined ? undefined : read('REDIS_URL')),
      redisVariables: listPresent(redisVariablesSchema.parse(env)),
      isProduction: read('NODE_ENV') === 'production',
      hasConsole: read('CONSOLE') !== 'off',
      identity: {
        required: env.AUTH !== 'off',
        issuer: env.AUTH_ISSUER,
        secret: env.INSTALLATION_SECRET,
        token: env.AUTH_TOKEN,
      },
      ports: createPorts(read),
      unsupervisedLifetimeMs: read('UNSUPERVISED_LIFETIME_MS'),
      watchdogTimeoutMs: read('WATCHDOG_TIMEOUT_MS'),
    };
  });

/** Reads the settings of the installation from environment variables. */
export const readInstallationSettings = (env: EnvironmentVariables): InstallationSettings =>
  settingsSchema.parse(env);

/**
 * Reads the settings with which a command finds this installation. While a start uses the data folder, its addresses take
 * precedence over `.env` and the defaults: they may be in the environment of the start only.
 * @param env the environment, with the variables of `.env`
 * @param givenEnv the environment without them
 */
export function readCommandSettings(
  env: EnvironmentVariables,
  givenEnv: EnvironmentVariables,
): InstallationSettings {
  const settings = readInstallationSettings(env);
  const addresses = findRunningStart(settings.dataDir)?.addresses;
  if (!addresses) return settings;
  const given = Object.entries(givenEnv).filter(([, value]) => value?.trim());
  return readInstallationSettings({ ...env, ...addresses, ...Object.fromEntries(given) });
}

/**
 * Adds the variables of `.env` to the environment of this process, and reads the settings of {@link readCommandSettings}.
 * @param env `process.env`
 */
export function loadCommandSettings(env: EnvironmentVariables): InstallationSettings {
  const givenEnv = { ...env };
  loadEnvFile();
  return readCommandSettings(env, givenEnv);
}

/** @throws UserFacingError if the file cannot be read */
function loadEnvFile(): void {
  const file = join(PROJECT_FOLDER, '.env');
  try {
    if (existsSync(file)) process.loadEnvFile(file);
  } catch (error) {
    throw new UserFacingError(`The file .env cannot be read (${String(error)}): correct or remove it.`);
  }
}

/** Creates the ports of all services. */
export const createPorts = (getPort: (setting: PortSetting) => string): ServicePorts => ({
  MONITORING_PORT: getPort('MONITORING_PORT'),
  REPORTS_PORT: getPort('REPORTS_PORT'),
  HEARTBEAT_PORT: getPort('HEARTBEAT_PORT'),
  GATEWAY_PORT: getPort('GATEWAY_PORT'),
});
