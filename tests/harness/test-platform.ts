import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Actor } from '@seguridad-abc/contracts';
import { issueEmbeddedToken } from '@seguridad-abc/platform';
import {
  freePort,
  startPostgres,
  startRedis,
  temporaryFolder,
  type TestRedis,
} from '@seguridad-abc/platform/testing';
import { setDefaultAuthorization } from './graphql-clients.js';

const TOKEN_LIFETIME_MS = 3_600_000; // 1 hour
const PROJECT_FOLDER = fileURLToPath(new URL('../..', import.meta.url));

export const SERVICES = ['monitoring', 'reports', 'heartbeat', 'gateway'] as const;
export type ServiceName = (typeof SERVICES)[number];

/**
 * Shorter than the default, so that tests of health are fast, but long enough that a busy machine seldom delays a heartbeat by
 * 5 intervals, which would be DOWN. Tests express time limits in this interval.
 */
export const HEARTBEAT_INTERVAL_MS = 600;

export interface TestPlatform {
  readonly redis: TestRedis;
  /** The data folder. */
  readonly folder: string;
  /** The settings of its PostgreSQL database; empty on SQLite. */
  readonly databaseEnv: Readonly<Record<string, string>>;
  /** The gateway's GraphQL endpoint. */
  readonly url: string;
  readonly webSocketUrl: string;
  getOrigin(name: ServiceName): string;
  /** Starts a service that does not run; resolves when it is ready. */
  start(name: ServiceName): Promise<void>;
  /** The id of the process of a service that was started. */
  getProcessId(name: ServiceName): number;
  isRunning(name: ServiceName): boolean;
  sendSignal(name: ServiceName, signal: NodeJS.Signals): void;
  /** Sends a signal that ends the service (SIGKILL by default), and resolves when it has ended. */
  stop(name: ServiceName, signal?: NodeJS.Signals): Promise<void>;
  /** Issues a token for an hour, as the value of an `authorization` header. */
  createAuthorization(actor: Actor): Promise<string>;
  /** All that a service has written to stdout and stderr. */
  getOutput(name: ServiceName): string;
  close(): Promise<void>;
}

export interface TestPlatformOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** The data folder. @default a temporary folder */
  readonly folder?: ReturnType<typeof temporaryFolder>;
  /** Returns the Redis port for reports, from the port of the other services. By default they are the same. */
  readonly getReportsRedisPort?: (port: number) => Promise<number>;
  /** Returns the port at which reports reads the log of monitoring, from monitoring's port. By default they are the same. */
  readonly getReportsMonitoringPort?: (port: number) => Promise<number>;
  readonly heartbeatIntervalMs?: number;
}

const INSTALLATION_SECRET = 'the secret of an installation under test';

/**
 * Starts the four built services as processes, with their own Redis and data folder. With `E2E_POSTGRES=1`, they also have a PostgreSQL
 * server. The default caller of the GraphQL clients becomes an operator.
 */
export async function startTestPlatform({
  env = {},
  folder = temporaryFolder(),
  heartbeatIntervalMs = HEARTBEAT_INTERVAL_MS,
  getReportsRedisPort = (port) => Promise.resolve(port),
  getReportsMonitoringPort = (port) => Promise.resolve(port),
}: TestPlatformOptions = {}): Promise<TestPlatform> {
  const redis = await startRedis();
  const postgres = process.env['E2E_POSTGRES'] === '1' ? await startPostgres() : undefined;
  const databaseEnv: { DATABASE_URL?: string; INSTALLATION_SECRET?: string } = postgres
    ? { DATABASE_URL: postgres.url, INSTALLATION_SECRET }
    : {};
  const ports = {
    monitoring: await freePort(),
    reports: await freePort(),
    heartbeat: await freePort(),
    gateway: await freePort(),
  };
  const serviceEnv = {
    PATH: process.env['PATH'],
    REDIS_URL: redis.url,
    DATA_DIR: folder.path,
    LOG_LEVEL: 'debug',
    // Requests to a service that a test has stopped fail at once.
    SUBGRAPH_WAIT_MS: '0',
    HEARTBEAT_INTERVAL_MS: String(heartbeatIntervalMs),
    ...Object.fromEntries(SERVICES.map((name) => [`${name.toUpperCase()}_PORT`, String(ports[name])])),
    ...databaseEnv,
    ...env,
  };
  const reportsEnv = {
    REDIS_URL: `redis://127.0.0.1:${await getReportsRedisPort(redis.port)}`,
    MONITORING_URL: `http://127.0.0.1:${await getReportsMonitoringPort(ports.monitoring)}`,
  };
  const children = new Map<ServiceName, ChildProcess>();
  const outputs = new Map<ServiceName, string>();

  const platform: TestPlatform = {
    redis,
    folder: folder.path,
    databaseEnv,
    url: `http://127.0.0.1:${ports.gateway}/graphql`,
    webSocketUrl: `ws://127.0.0.1:${ports.gateway}/graphql`,
    getOrigin: (name) => `http://127.0.0.1:${ports[name]}`,
    async start(name) {
      const child = spawn(process.execPath, [`apps/${name}/dist/main.js`], {
        cwd: PROJECT_FOLDER,
        env: name === 'reports' ? { ...serviceEnv, ...reportsEnv } : serviceEnv,
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      });
      children.set(name, child);
      const addOutput = (chunk: Buffer) => outputs.set(name, (outputs.get(name) ?? '') + chunk.toString());
      child.stdout?.on('data', addOutput);
      child.stderr?.on('data', addOutput);
      const exited = once(child, 'exit').then(() => {
        throw new Error(`${name} did not start:\n${platform.getOutput(name)}`);
      });
      await Promise.race([once(child, 'message'), exited]);
      exited.catch(() => undefined);
    },
    getProcessId(name) {
      const pid = children.get(name)?.pid;
      if (pid === undefined) throw new Error(`${name} was not started.`);
      return pid;
    },
    isRunning(name) {
      const child = children.get(name);
      return child?.exitCode === null && child.signalCode === null;
    },
    sendSignal: (name, signal) => void children.get(name)?.kill(signal),
    async stop(name, signal = 'SIGKILL') {
      const child = children.get(name);
      if (!child || !platform.isRunning(name)) return;
      child.kill(signal);
      await once(child, 'exit');
    },
    createAuthorization: async (actor) =>
      `Bearer ${await issueEmbeddedToken(folder.path, actor, TOKEN_LIFETIME_MS, databaseEnv.INSTALLATION_SECRET)}`,
    getOutput: (name) => outputs.get(name) ?? '',
    async close() {
      for (const name of [...SERVICES].reverse()) {
        platform.sendSignal(name, 'SIGCONT');
        await platform.stop(name, 'SIGTERM');
      }
      await redis.close();
      await postgres?.close();
      folder.remove();
    },
  };
  await Promise.all(SERVICES.map((name) => platform.start(name)));
  setDefaultAuthorization(platform.url, await platform.createAuthorization({ id: 'olga', role: 'operator' }));
  return platform;
}
