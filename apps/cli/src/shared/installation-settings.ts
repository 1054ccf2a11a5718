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

/** The settings that the commands need. `scripts/shared/installation-settings.mjs` reads them. */
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
