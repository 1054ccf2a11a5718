import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Actor } from '@seguridad-abc/contracts';
import { issueEmbeddedToken } from '@seguridad-abc/platform';
import { freePort, startRedis, temporaryFolder, type TestRedis } from '@seguridad-abc/platform/testing';
import { authorise } from './clients.js';

const TOKEN_MS = 3_600_000; // 1 hour
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export const SERVICES = ['monitoring', 'reports', 'heartbeat', 'gateway'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** Short, so that a test need not wait long; everything that depends on time is given in intervals. */
export const INTERVAL_MS = 300;

export interface Platform {
  readonly redis: TestRedis;
  readonly folder: string;
  /** The gateway's GraphQL endpoint. */
  readonly url: string;
  readonly socketUrl: string;
  origin(name: ServiceName): string;
  /** Starts a service that is not running; resolves when it answers. */
  start(name: ServiceName): Promise<void>;
  signal(name: ServiceName, signal: NodeJS.Signals): void;
  /** Sends a signal that ends the service, and waits for its end. */
  end(name: ServiceName, signal?: NodeJS.Signals): Promise<void>;
  /** Of a user of this platform, for an hour. */
  authorization(actor: Actor): Promise<string>;
  /** What a service has written, for a message of a failing test. */
  output(name: ServiceName): string;
  close(): Promise<void>;
}

export interface PlatformOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Where reports finds Redis, if not where the others do. @param port of the others' */
  readonly redisOfReports?: (port: number) => Promise<number>;
  readonly intervalMs?: number;
}

/** The four built services as real processes, over a Redis and a data folder of their own. */
export async function startPlatform({
  env = {},
  intervalMs = INTERVAL_MS,
  redisOfReports = (port) => Promise.resolve(port),
}: PlatformOptions = {}): Promise<Platform> {
  const redis = await startRedis();
  const folder = temporaryFolder();
  const ports = {
    monitoring: await freePort(),
    reports: await freePort(),
    heartbeat: await freePort(),
    gateway: await freePort(),
  };
  const environment = {
    PATH: process.env['PATH'],
    REDIS_URL: redis.url,
    DATA_DIR: folder.path,
    LOG_LEVEL: 'debug',
    HEARTBEAT_INTERVAL_MS: String(intervalMs),
    ...Object.fromEntries(SERVICES.map((name) => [`${name.toUpperCase()}_PORT`, String(ports[name])])),
    ...env,
  };
  const reportsRedis = `redis://127.0.0.1:${await redisOfReports(redis.port)}`;
  const running = new Map<ServiceName, ChildProcess>();
  const outputs = new Map<ServiceName, string>();

  const platform: Platform = {
    redis,
    folder: folder.path,
    url: `http://127.0.0.1:${ports.gateway}/graphql`,
    socketUrl: `ws://127.0.0.1:${ports.gateway}/graphql`,
    origin: (name) => `http://127.0.0.1:${ports[name]}`,
    async start(name) {
      const child = spawn(process.execPath, [`apps/${name}/dist/main.js`], {
        cwd: ROOT,
        env: name === 'reports' ? { ...environment, REDIS_URL: reportsRedis } : environment,
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      });
      running.set(name, child);
      const keep = (chunk: Buffer) => outputs.set(name, (outputs.get(name) ?? '') + chunk.toString());
      child.stdout?.on('data', keep);
      child.stderr?.on('data', keep);
      const ended = once(child, 'exit').then(() => {
        throw new Error(`${name} did not start:\n${platform.output(name)}`);
      });
      await Promise.race([once(child, 'message'), ended]);
      ended.catch(() => undefined);
    },
    signal: (name, signal) => void running.get(name)?.kill(signal),
    async end(name, signal = 'SIGKILL') {
      const child = running.get(name);
      if (child?.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await once(child, 'exit');
    },
    authorization: async (actor) => `Bearer ${await issueEmbeddedToken(folder.path, actor, TOKEN_MS)}`,
    output: (name) => outputs.get(name) ?? '',
    async close() {
      for (const name of [...SERVICES].reverse()) {
        platform.signal(name, 'SIGCONT');
        await platform.end(name, 'SIGTERM');
      }
      await redis.close();
      folder.remove();
    },
  };
  await Promise.all(SERVICES.map((name) => platform.start(name)));
  authorise(platform.url, await platform.authorization({ id: 'olga', role: 'operator' }));
  return platform;
}
