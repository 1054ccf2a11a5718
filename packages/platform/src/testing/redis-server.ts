import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { readRedisSettings, type RedisSettings } from '../redis.js';

/** A `redis-server` process of one test, which the test may kill, freeze and restart on the same port. */
export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** Settings with its URL. */
  readonly settings: RedisSettings;
  /** Resolves when the server answers. With `empty`, it starts without its earlier data. */
  start(options?: { empty?: boolean }): Promise<void>;
  /** Kills the process, as a crash would. Data on disk is kept. */
  kill(): Promise<void>;
  /** Suspends the process, with its connections open, until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** Kills the process and removes its files. */
  close(): Promise<void>;
}

/**
 * Below the range of ephemeral ports. While a test's server is stopped, the system could otherwise give its port to any
 * outgoing connection, even to one that connects to that server.
 */
const MIN_PORT = 10_000;
/** Each worker of Vitest has its own ports: some time passes until a port that a test has found is in use. */
const PORTS_PER_WORKER = 2_500;
const MAX_WORKERS = 8;
const firstPort = MIN_PORT + (Number(process.env['VITEST_POOL_ID'] ?? 0) % MAX_WORKERS) * PORTS_PER_WORKER;
/** Ports that this process has found before are found again only after all others. */
let nextPort = randomInt(PORTS_PER_WORKER);

/** Finds a loopback port that no process listens on. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = firstPort + (nextPort++ % PORTS_PER_WORKER);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** Starts a real `redis-server` on a free port. It writes each command to disk before it replies. */
export async function startRedis(): Promise<TestRedis> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'redis-'));
  let child: ChildProcess | undefined;

  const url = `redis://127.0.0.1:${port}`;
  const redis: TestRedis = {
    url,
    port,
    settings: readRedisSettings({ REDIS_URL: url }),
    async start({ empty = false } = {}) {
      if (empty) rmSync(join(folder, 'appendonlydir'), { recursive: true, force: true });
      const options = {
        port,
        bind: '127.0.0.1',
        dir: folder,
        save: '',
        appendonly: 'yes',
        appendfsync: 'always',
      };
      const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
      child = spawn('redis-server', args, { stdio: 'ignore' });
      await waitUntilAnswering(redis.url);
    },
    async kill() {
      if (child?.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    async close() {
      await redis.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await redis.start();
  return redis;
}

async function waitUntilAnswering(url: string): Promise<void> {
  const probe = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  probe.on('error', () => undefined);
  await probe.ping();
  probe.disconnect();
}
