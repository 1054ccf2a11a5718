import type { Actor } from '@seguridad-abc/contracts';
import type { EnvironmentVariables } from '@seguridad-abc/platform';
import type { InstallationSettings, ServiceName } from './installation-settings.js';

export type HttpHeaders = Readonly<Record<string, string>>;

/** Returns the headers that identify the caller of the next request. */
export type Authorize = () => Promise<HttpHeaders>;

/** The caller that the commands act as. Access to the data folder gives access to every user's data. */
export const OPERATOR_ACTOR = { id: 'operator', role: 'operator' } as const satisfies Actor;

/**
 * What the scripts that install and start the project offer to the commands. These scripts run before anything is built, so
 * they are no part of this app; `scripts/cli.mjs` passes them.
 */
export interface ProjectScripts {
  /** Listens for signals that ask this process to stop. */
  listenForInterrupts(): Interrupts;
  /** Adds the variables of the file `.env` that are not in the environment. */
  loadEnvFile(): void;
  readInstallationSettings(env: EnvironmentVariables): InstallationSettings;
  /**
   * Issues a token that is signed with the installation's key. Rejects if another issuer is configured.
   * @param ttlMs lifetime
   */
  issueToken(settings: InstallationSettings, actor: Actor, ttlMs: number): Promise<string>;
  /** AUTH_TOKEN if it is set, otherwise an issued token, which is renewed before it expires. */
  createAuthorizer(settings: InstallationSettings, actor: Actor): Authorize;
  /** Headers with which the processes of one installation identify themselves to each other. */
  getInstallationHeaders(settings: InstallationSettings): Promise<HttpHeaders>;
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

export interface Interrupts {
  /** Aborts at the first request to stop. */
  readonly stop: AbortSignal;
  /** Aborts at the second request. */
  readonly kill: AbortSignal;
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
