import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { freePort, startRedis, temporaryFolder } from '@seguridad-abc/platform/testing';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { onPath } from '../../scripts/lib/command.mjs';
import { checkGivenRedis } from '../../scripts/lib/redis/given.mjs';
import { endOrphan } from '../../scripts/lib/redis/orphan.mjs';
import { ownRedis } from '../../scripts/lib/redis/own.mjs';
import { keepRunning, type Kept } from '../../scripts/lib/supervise/keep-running.mjs';

const SERVER = onPath(['valkey-server', 'redis-server'])!;
const { signal } = new AbortController();

describe('the Redis of REDIS_URL', () => {
  test('will do where it answers', async () => {
    const redis = await startRedis();
    await expect(checkGivenRedis(redis.url, signal)).resolves.toBeUndefined();
    await redis.close();
  });

  test('is named where it does not, without its password', async () => {
    const port = await freePort();
    const checked = checkGivenRedis(`redis://me:secret@127.0.0.1:${port}`, signal, 100);
    await expect(checked).rejects.toThrow(
      `The Redis of REDIS_URL, redis://***@127.0.0.1:${port}, does not answer (connect ECONNREFUSED`,
    );
  });

  test('is refused where it takes connections and is silent', async () => {
    const redis = await startRedis();
    redis.freeze();
    await expect(checkGivenRedis(redis.url, signal, 200)).rejects.toThrow(
      'does not answer (Command timed out)',
    );
    redis.thaw();
    await redis.close();
  });

  test('is left to the services where it is no URL of a Redis', async () => {
    await expect(checkGivenRedis('http://127.0.0.1:1', signal)).resolves.toBeUndefined();
  });
});

describe('a Redis of its own', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let kept: Kept[];
  let lines: string[];
  beforeEach(() => {
    folder = temporaryFolder();
    [kept, lines] = [[], []];
  });
  afterEach(async () => {
    await Promise.all(kept.map((redis) => redis.stop()));
    folder.remove();
  });

  /** As a start does it. */
  async function started() {
    const { url, program } = await ownRedis(SERVER, folder.path);
    const redis = keepRunning(program, { line: (_name, line) => lines.push(line), notice: () => undefined });
    kept.push(redis);
    await redis.started;
    return { url, redis };
  }

  /** @returns what the server at a URL has under a key */
  async function get(url: string, key: string) {
    const client = new Redis(url);
    const value = await client.get(key);
    client.disconnect();
    return value;
  }

  test('keeps what it holds over a stop and a start, listens on loopback alone and is not heard of', async () => {
    const { url, redis } = await started();
    const client = new Redis(url);
    await client.set('key', 'value');
    expect(await client.config('GET', 'bind')).toEqual(['bind', '127.0.0.1']);
    client.disconnect();
    await redis.stop();
    expect(await get((await started()).url, 'key')).toBe('value');
    expect(lines).toEqual([]);
  });

  test('of a start that was killed is ended in order before another works in its folder', async () => {
    const { url, program } = await ownRedis(SERVER, folder.path);
    const orphan = spawn(program.command, program.args, { stdio: 'ignore' });
    const ended = once(orphan, 'exit');
    await program.untilReady(orphan, signal);
    const client = new Redis(url, { retryStrategy: () => null });
    await client.set('key', 'value');

    const next = await started();
    expect(await ended).toEqual([0, null]);
    expect(await get(next.url, 'key')).toBe('value');
  });

  test('that hangs keeps another from its folder, and is named', async () => {
    const { program } = await ownRedis(SERVER, folder.path);
    const orphan = spawn(program.command, program.args, { stdio: 'ignore' });
    const ended = once(orphan, 'exit');
    await program.untilReady(orphan, signal);
    orphan.kill('SIGSTOP');
    await expect(endOrphan(join(folder.path, 'redis'), 100)).rejects.toThrow(
      `end it with kill -9 ${orphan.pid!} and`,
    );
    orphan.kill('SIGKILL');
    await ended;
  });

  test('is not mistaken for another program that has got its port', async () => {
    const { redis } = await started();
    await redis.stop();
    const port = Number(readFileSync(join(folder.path, 'redis', 'port'), 'utf8'));
    const other = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(
      port,
      '127.0.0.1',
    );
    await expect(started()).resolves.toBeDefined();
    expect(other.listening).toBe(true);
    other.close();
  });
});
