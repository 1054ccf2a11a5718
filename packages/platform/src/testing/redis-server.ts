import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { readRedisSettings, type RedisSettings } from '../redis.js';
import { freePort } from './free-port.js';

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
