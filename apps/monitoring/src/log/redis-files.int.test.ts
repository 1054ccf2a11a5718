import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { recordLogs, startRedis, type TestRedis } from '@seguridad-abc/platform/testing';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rewriteRedisFiles } from './redis-files.js';

const SECRET = 'carmen-ruiz-4711';

let server: TestRedis;
let redis: Redis;
let folder: string;
let logs: ReturnType<typeof recordLogs>;
beforeEach(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
  [, folder = ''] = (await redis.config('GET', 'dir')) as string[];
  logs = recordLogs();
  await redis.set('removed', SECRET);
});
afterEach(async () => {
  redis.disconnect();
  await server.close();
});

const rewrite = (assertMayContinue: () => void = () => undefined, timeoutMs?: number) =>
  rewriteRedisFiles({
    redis,
    waitForReply: (reply) => reply,
    assertMayContinue,
    logger: logs.logger,
    timeoutMs,
  });
const hasField = async (field: string) => (await redis.info('persistence')).includes(field);
/** The files below the folder of Redis that contain the removed data. */
const findFiles = () =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile() && readFileSync(file, 'latin1').includes(SECRET));
/** Makes each child process of Redis take time: half a second for each key. */
const slowDown = async () => {
  await redis.config('SET', 'rdb-key-save-delay', '500000');
};

test('the append-only file is written anew when the call ends', async () => {
  await redis.del('removed');
  expect(findFiles()).toHaveLength(1);
  await rewrite();
  expect(findFiles()).toStrictEqual([]);
  // Redis makes no snapshots, and gets none.
  expect(readdirSync(folder).filter((name) => name.endsWith('.rdb'))).toStrictEqual([]);
});

test('a file that was being written when the data was removed is written once more', async () => {
  await slowDown();
  await redis.bgrewriteaof();
  await redis.del('removed');
  expect(await hasField('aof_rewrite_in_progress:1')).toBe(true);
  await rewrite();
  expect(findFiles()).toStrictEqual([]);
  expect(logs.lines).toStrictEqual([]);
});

test('a snapshot beside the append-only file is written anew', async () => {
  await redis.save();
  await redis.bgsave();
  while (await hasField('rdb_bgsave_in_progress:1'));
  await redis.del('removed');
  expect(findFiles()).toHaveLength(2);
  await rewrite();
  expect(findFiles()).toStrictEqual([]);
});

test('a Redis with snapshots only writes one', async () => {
  await redis.config('SET', 'appendonly', 'no');
  await redis.save();
  await redis.del('removed');
  await rewrite();
  expect(readFileSync(join(folder, 'dump.rdb'), 'latin1')).not.toContain(SECRET);
});

test('a Redis that refuses, or that takes too long, is a warning', async () => {
  await redis.acl('SETUSER', 'default', '-bgrewriteaof');
  await rewrite();
  await redis.acl('SETUSER', 'default', '+bgrewriteaof');
  await slowDown();
  await redis.bgrewriteaof();
  await rewrite(undefined, 0);
  const message = 'Redis does not rewrite its files now: erased data stays in them until Redis rewrites them';
  expect(logs.lines).toMatchObject([
    { level: 'warn', msg: message, file: 'append-only file' },
    { level: 'warn', msg: message, file: 'append-only file' },
  ]);
});

test('the call ends when the work must end', async () => {
  await slowDown();
  await redis.bgrewriteaof();
  let checks = 0;
  const ended = rewrite(() => {
    if (++checks > 2) throw new Error('The relay ends.');
  });
  await expect(ended).rejects.toThrow('The relay ends.');
});
