import type { Authorize } from './identity.js';
import type { InstallationSettings, ServiceName } from './installation-settings.js';

/**
 * What the scripts that install and start the project offer to the commands. These scripts run before anything is built, so
 * they are no part of this app; `scripts/cli.mjs` passes them.
 */
export interface ProjectScripts {
  /** Installs and builds what is missing, and resolves with the path of the Redis server. */
  prepareProject(options: ScriptOptions): Promise<string>;
  /** Builds the apps and packages that have changed. Rejects with the reason if the build fails. */
  buildServices(options: ScriptOptions): Promise<void>;
  /** Starts the installation as `npm start` does. Ends this process when `runUntilStop` resolves. */
  startInstallation(options: {
    readonly runUntilStop: (installation: RunningInstallation) => Promise<void>;
    /** Apply if neither the environment nor `.env` has them. */
    readonly defaultSettings?: Readonly<Record<string, string>>;
  }): Promise<void>;
  /** Starts built services with a Redis, a temporary data folder and free ports. */
  startTemporaryPlatform(options: {
    readonly redisProgram: string;
    readonly settings: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
  }): Promise<TemporaryPlatform>;
  /** The URL of the installation's Redis; undefined if REDIS_URL is not set and none was ever started. */
  findInstallationRedisUrl(settings: InstallationSettings): Promise<string | undefined>;
  /** Checks that a Redis answers. */
  checkRedis(url: string, timeoutMs: number): Promise<RedisCheck>;
}

export interface RedisCheck {
  /** Without credentials. */
  readonly url: string;
  /** Why the Redis cannot be used. */
  readonly fault?: string;
}

export interface ScriptOptions {
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/** The installation that `npm start` or `npm run dev` runs. */
export interface RunningInstallation {
  readonly services: readonly { readonly name: string; restart(): void }[];
  readonly output: { readonly onNotice: (text: string) => void };
  /** Aborted when the installation is asked to stop. */
  readonly signal: AbortSignal;
}

/** Services with temporary data, which `close` removes. */
export interface TemporaryPlatform {
  /** The gateway's GraphQL endpoint. */
  readonly url: URL;
  /** As an operator. */
  readonly authorize: Authorize;
  /** Starts a service that does not run; resolves when it is ready. */
  start(name: ServiceName): Promise<void>;
  /** Ends a service with SIGKILL; resolves when it has ended. */
  kill(name: ServiceName): Promise<void>;
  /** Stops all programs in order, and removes the data. */
  close(): Promise<void>;
}
