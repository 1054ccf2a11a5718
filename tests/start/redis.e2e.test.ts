import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import {
  checkConfiguredRedis,
  checkRedis,
  findInstallationRedis,
  findInstallationRedisUrl,
  findRedisProgram,
  prepareLocalRedis,
  stopOrphanedRedis,
  superviseProgram,
  waitForRedis,
  type SupervisedProgram,
} from '@seguridad-abc/cli';
import { freePort, startRedis, startRedisSentinels, temporaryFolder } from '@seguridad-abc/platform/testing';
import { readRedisSettings } from '@seguridad-abc/platform';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const REDIS_PROGRAM = findRedisProgram()!;
const { signal } = new AbortController();

describe('the Redis of REDIS_URL', () => {
  test('is accepted if it answers', async () => {
    const redis = await startRedis();
    await expect(
      checkConfiguredRedis({ redisUrl: redis.url, redisVariables: {} }, signal),
    ).resolves.toBeUndefined();
    await redis.close();
  });

  test('is named without its password if it does not answer', async () => {
    const port = await freePort();
    const check = checkConfiguredRedis(
      { redisUrl: `redis://me:secret@127.0.0.1:${port}`, redisVariables: {} },
      signal,
      100,
    );
    await expect(check).rejects.toThrow(
      `The Redis of REDIS_URL, redis://***@127.0.0.1:${port}, does not answer (connect ECONNREFUSED`,
    );
  });

  test('is rejected if it accepts connections but does not answer', async () => {
    const redis = await startRedis();
    redis.freeze();
    await expect(
      checkConfiguredRedis({ redisUrl: redis.url, redisVariables: {} }, signal, 200),
    ).rejects.toThrow('does not answer (Command timed out)');
    redis.thaw();
    await redis.close();
  });

  test('is not checked if its URL is invalid, which the services report', async () => {
    await expect(
      checkConfiguredRedis({ redisUrl: 'http://127.0.0.1:1', redisVariables: {} }, signal),
    ).resolves.toBeUndefined();
  });
});

describe('the Redis of REDIS_SENTINELS', () => {
  test('is found through any Sentinel, and named with them if it is not', async () => {
    const servers = await startRedisSentinels();
    const { REDIS_URL: redisUrl, REDIS_SENTINELS: sentinels = '' } = servers.variables;
    const [first = ''] = sentinels.split(',');
    const absent = `127.0.0.1:${await freePort()}`;
    const check = (redisVariables: Record<string, string>) =>
      checkConfiguredRedis({ redisUrl, redisVariables }, signal, 1_000);
    try {
      await expect(check({ REDIS_SENTINELS: `${absent},${first}` })).resolves.toBeUndefined();
      await expect(check({ REDIS_SENTINELS: absent })).rejects.toThrow(
        `The Redis of REDIS_SENTINELS, the master mymaster of the Sentinels ${absent}, does not answer ` +
          `(the Sentinel ${absent} cannot be asked: connect ECONNREFUSED`,
      );
      await expect(check({ REDIS_SENTINELS: sentinels, REDIS_SENTINEL_NAME: 'shop' })).rejects.toThrow(
        'knows no master shop: correct REDIS_SENTINEL_NAME',
      );
      const settings = { redisUrl, redisVariables: { REDIS_SENTINELS: sentinels }, dataDir: '/nowhere' };
      const found = findInstallationRedis(settings);
      expect(found && (await checkRedis(found, 5_000))).toEqual({
        url: `the master mymaster of the Sentinels ${sentinels.replaceAll(',', ', ')}`,
      });
    } finally {
      await servers.close();
    }
  });
});

describe('the local Redis', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let programs: SupervisedProgram[];
  let lines: string[];
  beforeEach(() => {
    folder = temporaryFolder();
    [programs, lines] = [[], []];
  });
  afterEach(async () => {
    await Promise.all(programs.map((redis) => redis.stop()));
    folder.remove();
  });

  /** Starts the local Redis as npm start does. */
  async function startLocalRedis() {
    const { url, program } = await prepareLocalRedis(REDIS_PROGRAM, folder.path);
    const redis = superviseProgram(program, {
      onOutput: (_name, line) => lines.push(line),
      onNotice: () => undefined,
    });
    programs.push(redis);
    await redis.started;
    return { url, redis };
  }

  async function readKey(url: string, key: string) {
    const client = new Redis(url);
    const value = await client.get(key);
    client.disconnect();
    return value;
  }

  test('keeps its data over a restart, listens on loopback only and writes no output', async () => {
    const { url, redis } = await startLocalRedis();
    const client = new Redis(url);
    await client.set('key', 'value');
    expect(await client.config('GET', 'bind')).toEqual(['bind', '127.0.0.1']);
    client.disconnect();
    await redis.stop();
    expect(await readKey((await startLocalRedis()).url, 'key')).toBe('value');
    expect(lines).toEqual([]);
  });

  test('requires a password that only its owner can read and that no argument shows', async () => {
    const { url } = await startLocalRedis();
    const { password, port } = new URL(url);
    expect(Buffer.from(password, 'base64url')).toHaveLength(32);
    const redisFolder = join(folder.path, 'redis');
    for (const name of ['password', 'redis.conf']) {
      expect([name, statSync(join(redisFolder, name)).mode & 0o777]).toEqual([name, 0o600]);
    }
    const pid = Number(readFileSync(join(redisFolder, 'redis.pid'), 'utf8'));
    expect(execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })).not.toContain(
      password,
    );

    for (const credentials of ['', ':wrong@']) {
      const stranger = new Redis(`redis://${credentials}127.0.0.1:${port}`, { retryStrategy: () => null });
      stranger.on('error', () => undefined);
      await expect(stranger.get('key')).rejects.toThrow(/NOAUTH|WRONGPASS/);
      stranger.disconnect();
    }
    expect(findInstallationRedisUrl({ redisUrl: undefined, dataDir: folder.path })).toBe(url);
    expect(await checkRedis(readRedisSettings({ REDIS_URL: url }), 5_000)).toEqual({
      url: `redis://***@127.0.0.1:${port}`,
    });
  });

  test('of an older version, without a password, is shut down, and its data stays', async () => {
    const redisFolder = join(folder.path, 'redis');
    mkdirSync(redisFolder);
    const port = await freePort();
    writeFileSync(join(redisFolder, 'port'), String(port));
    const options = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      redisFolder,
      '--appendonly',
      'yes',
    ];
    const orphan = spawn(REDIS_PROGRAM, options, { stdio: 'ignore' });
    const ended = once(orphan, 'exit');
    await waitForRedis(`redis://127.0.0.1:${port}`, { timeoutMs: 10_000, signal });
    const client = new Redis(`redis://127.0.0.1:${port}`, { retryStrategy: () => null });
    await client.set('key', 'value');

    const { url } = await startLocalRedis();
    expect(await ended).toEqual([0, null]);
    expect(await readKey(url, 'key')).toBe('value');
  });

  test('that a killed start has left running is shut down before the next one starts', async () => {
    const { url, program } = await prepareLocalRedis(REDIS_PROGRAM, folder.path);
    const orphan = spawn(program.command, program.args, { stdio: 'ignore' });
    const ended = once(orphan, 'exit');
    await program.waitUntilReady(orphan, signal);
    const client = new Redis(url, { retryStrategy: () => null });
    await client.set('key', 'value');

    const next = await startLocalRedis();
    expect(await ended).toEqual([0, null]);
    expect(await readKey(next.url, 'key')).toBe('value');
  });

  test('that hangs prevents the next one, and the message has its pid', async () => {
    const { program } = await prepareLocalRedis(REDIS_PROGRAM, folder.path);
    const orphan = spawn(program.command, program.args, { stdio: 'ignore' });
    const ended = once(orphan, 'exit');
    await program.waitUntilReady(orphan, signal);
    orphan.kill('SIGSTOP');
    await expect(stopOrphanedRedis(join(folder.path, 'redis'), 100)).rejects.toThrow(
      `stop it with kill -9 ${orphan.pid!} and`,
    );
    orphan.kill('SIGKILL');
    await ended;
  });

  test('is not confused with another program that uses its port', async () => {
    const { redis } = await startLocalRedis();
    await redis.stop();
    const port = Number(readFileSync(join(folder.path, 'redis', 'port'), 'utf8'));
    const other = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(
      port,
      '127.0.0.1',
    );
    await expect(startLocalRedis()).resolves.toBeDefined();
    expect(other.listening).toBe(true);
    other.close();
  });
});
