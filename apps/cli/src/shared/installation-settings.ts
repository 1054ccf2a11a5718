import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { EnvironmentVariables } from '@seguridad-abc/platform';
import { PROJECT_FOLDER } from './project-folder.js';

/** The services of an installation, each with the setting of its port. Their names are also their folders under apps/. */
export const SERVICES = [
  { name: 'monitoring', portSetting: 'MONITORING_PORT' },
  { name: 'reports', portSetting: 'REPORTS_PORT' },
  { name: 'heartbeat', portSetting: 'HEARTBEAT_PORT' },
  { name: 'gateway', portSetting: 'GATEWAY_PORT' },
] as const;

export type Service = (typeof SERVICES)[number];
export type ServiceName = Service['name'];
export type PortSetting = Service['portSetting'];

/** The settings that the commands need. The services validate all settings and report what is wrong. */
export interface InstallationSettings {
  readonly host: string;
  /** Absolute path. */
  readonly dataDir: string;
  /** Undefined: `npm start` runs a Redis. */
  readonly redisUrl: string | undefined;
  readonly identity: IdentitySettings;
  /** By the name of their setting, not validated. */
  readonly ports: Readonly<Record<PortSetting, string>>;
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

/** Reads the default of every setting from `.env.example`. A test checks that the services have the same defaults. */
export function readDefaultSettings(): Readonly<Record<string, string>> {
  const example = readFileSync(join(PROJECT_FOLDER, '.env.example'), 'utf8');
  return Object.fromEntries(
    [...example.matchAll(/^# ([A-Z][A-Z0-9_]*)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
}

export function readInstallationSettings(env: EnvironmentVariables): InstallationSettings {
  const defaults = readDefaultSettings();
  // An empty variable counts as absent, as it does for the services.
  const read = (name: string) => {
    const value = env[name]?.trim();
    return value === '' ? undefined : value;
  };
  const readOrDefault = (name: string) => read(name) ?? defaults[name] ?? '';
  return {
    host: readOrDefault('HOST'),
    dataDir: resolve(PROJECT_FOLDER, readOrDefault('DATA_DIR')),
    // Without REDIS_URL npm start runs its own Redis, so the services' default does not apply.
    redisUrl: read('REDIS_URL'),
    identity: {
      required: read('AUTH') !== 'off',
      issuer: read('AUTH_ISSUER'),
      secret: read('INSTALLATION_SECRET'),
      token: read('AUTH_TOKEN'),
    },
    ports: Object.fromEntries(
      SERVICES.map(({ portSetting }) => [portSetting, readOrDefault(portSetting)]),
    ) as Record<PortSetting, string>,
  };
}
