import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_REDIS_NAMES, parseStreamEntry, toStreamId } from '@seguridad-abc/contracts';
import { copySqliteFile, createRedisClient, NO_RESEND_REDIS_OPTIONS } from '@seguridad-abc/platform';
import { eventually, recordLogs, startRedis, type TestRedis } from '@seguridad-abc/platform/testing';
import { sql } from 'drizzle-orm';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { runSql } from '../db/prepared-statement.js';
import { eventLogIdentity } from '../db/sqlite-schema.js';
import { createRuleInput } from '../testing/fixtures.js';
import { openTestStorage, type TestStorage } from '../testing/test-storage.js';
import { createOutboxRelay, type OutboxRelay } from './relay.js';

const AT = '2026-01-31T08:00:00.000Z';

let server: TestRedis;
let reader: Redis;
let test: TestStorage;
let logs: ReturnType<typeof recordLogs>;
let running: { relay: OutboxRelay; stop: () => Promise<void> } | undefined;
const cleanUps: (() => Promise<void>)[] = [];

beforeAll(async () => {
  server = await startRedis();
  reader = new Redis(server.url);
  reader.on('error', () => undefined);
});
afterAll(async () => {
  reader.disconnect();
  await server.close();
});
beforeEach(async () => {
  await reader.flushall();
  test = await openTestStorage();
  logs = recordLogs();
});
afterEach(async () => {
  for (const stop of cleanUps.splice(0)) await stop();
  running = undefined;
  await test.close();
});

function startRelay(maxLength = 1_000, maxBytes = 1024 ** 3, storage = test): OutboxRelay {
  const { logger } = logs;
  const redis = createRedisClient(server.settings, 'relay', logger, NO_RESEND_REDIS_OPTIONS);
  const abort = new AbortController();
  const started = createOutboxRelay({
    eventLog: storage.eventLog,
    redis,
    stream: DEFAULT_REDIS_NAMES.logStream,
    fenceKey: DEFAULT_REDIS_NAMES.logFenceKey,
    appended: storage.appended,
    maxLength,
    maxBytes,
    logger,
  });
  const done = started.run(abort.signal);
  running = {
    relay: started,
    stop: async () => {
      abort.abort();
      await done;
      redis.disconnect();
    },
  };
  cleanUps.push(running.stop);
  return started;
}

async function readStream() {
  const entries = await reader.xrange(DEFAULT_REDIS_NAMES.logStream, '-', '+');
  return entries.map(([id, fields]) => parseStreamEntry(id, fields));
}
const readPositions = async () => (await readStream()).map(({ position }) => position);
const positionsUpTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe('the relay', () => {
  it('publishes stored and new entries, complete and in order', async () => {
    await test.createRules(3);
    startRelay();
    await eventually(async () => expect(await readPositions()).toStrictEqual(positionsUpTo(3)));
    await test.createRules(700);
    await eventually(async () => expect(await readPositions()).toStrictEqual(positionsUpTo(703)));
    expect(await readStream()).toStrictEqual((await test.eventLog.read(0, 1_000)).entries);
  });

  it('continues after the last entry when it restarts, and publishes no entry twice', async () => {
    await test.createRules(2);
    startRelay();
    await eventually(async () => expect(await readPositions()).toStrictEqual(positionsUpTo(2)));
    await running?.stop();
    await test.createRules(2);
    await test.reopen();
    startRelay();
    await eventually(async () => expect(await readPositions()).toStrictEqual(positionsUpTo(4)));
  });

  it('publishes later what was committed while Redis was away, and counts it meanwhile', async () => {
    const started = startRelay();
    expect(started.lag).toBeUndefined();
    await test.createRules(1);
    await eventually(async () => expect(await readPositions()).toStrictEqual(positionsUpTo(1)));
    await server.kill();
    await test.createRules(5);
    await eventually(() => expect(started.lag?.entries).toBe(5));
    await server.start();
    await eventually(async () => expect(await readPositions()).toStrictEqual(positionsUpTo(6)));
    await eventually(() => expect(started.lag?.entries).toBe(0));
  });

  it.each([
    {
      state: 'is out of memory',
      breakRedis: () => reader.config('SET', 'maxmemory', '1'),
      repairRedis: () => reader.config('SET', 'maxmemory', '0'),
      reason: /OOM command not allowed/,
    },
    {
      state: 'is read-only, as a replica',
      breakRedis: () => reader.replicaof('127.0.0.1', 1),
      repairRedis: () => reader.replicaof('NO', 'ONE'),
      reason: /READONLY/,
    },
  ])('reports at the first entry that Redis $state, and publishes it later', async (fault) => {
    const started = startRelay();
    await test.createRules(1);
    await eventually(async () => expect(await readPositions()).toStrictEqual(positionsUpTo(1)));
    expect(started.getCondition().error).toBeUndefined();
    try {
      await fault.breakRedis();
      await test.createRules(2);
      await eventually(() => {
        const { error, lag } = started.getCondition();
        expect(error).toMatch(/^log position 2 waits to be published since \S+Z: /);
        expect(error).toMatch(fault.reason);
        expect(lag?.entries).toBe(2);
      });
    } finally {
      await fault.repairRedis();
    }
    await eventually(async () => expect(await readPositions()).toStrictEqual(positionsUpTo(3)));
    await eventually(() => expect(started.getCondition().error).toBeUndefined());
  });

  it('publishes an unreadable entry in the place of a damaged one, and what follows', async () => {
    await test.createRules(4);
    await runSql(test.db, sql`update events set data = '{"rule":' where position = 2`);
    await runSql(test.db, sql`update events set at = 'yesterday' where position = 3`);
    const started = startRelay();
    await eventually(async () => expect(await readPositions()).toStrictEqual(positionsUpTo(4)));
    await test.createRules(1);
    await eventually(async () => expect(await readPositions()).toStrictEqual(positionsUpTo(5)));
    expect((await readStream()).map(({ type }) => type)).toStrictEqual([
      'RuleCreated',
      'EventUnreadable',
      'EventUnreadable',
      'RuleCreated',
      'RuleCreated',
    ]);
    const error = '2 log entries cannot be read, first at position 2';
    expect(started.getCondition().error).toBe(error);
    // An erasure fills the stream again, with the same entries.
    await started.rewrite(new AbortController().signal);
    await eventually(async () => expect(await readPositions()).toStrictEqual(positionsUpTo(5)));
    expect(started.getCondition().error).toBe(error);
    const reports = logs.lines.filter(({ msg }) => msg.startsWith('a log entry cannot be read'));
    expect(reports.map(({ position }) => position)).toStrictEqual([2, 3]);
  });

  it('publishes entries again that were in transit when Redis died', async () => {
    startRelay();
    await test.createRules(1);
    await eventually(async () => expect(await readPositions()).toStrictEqual(positionsUpTo(1)));
    server.freeze();
    await test.createRules(20);
    await server.kill();
    await server.start();
    await eventually(async () => expect(await readPositions()).toStrictEqual(positionsUpTo(21)));
  });

  it('starts while Redis is away', async () => {
    await server.kill();
    await test.createRules(2);
    startRelay();
    await server.start();
    await eventually(async () => expect(await readPositions()).toStrictEqual(positionsUpTo(2)));
  });

  it('fills a stream again that Redis has lost', async () => {
    await test.createRules(3);
    startRelay();
    await eventually(async () => expect(await readPositions()).toStrictEqual(positionsUpTo(3)));
    await server.kill();
    await server.start({ empty: true });
    await eventually(async () => expect(await readPositions()).toStrictEqual(positionsUpTo(3)));
  });

  it('keeps the stream at approximately its maximum length', async () => {
    await test.createRules(400);
    startRelay(100);
    await eventually(async () => expect((await readPositions()).at(-1)).toBe(400));
    expect((await readPositions()).length).toBeLessThan(250);
  });

  it.each([
    ['', '+memory'],
    [', also if Redis does not measure it', '-memory'],
  ])('keeps the stream at approximately its maximum size%s', async (_, memoryPermission) => {
    await reader.acl('SETUSER', 'default', memoryPermission);
    try {
      await test.createRules(600);
      startRelay(1_000_000, 100_000);
      await eventually(async () => expect((await readPositions()).at(-1)).toBe(600));
      await test.createRules(1);
      await eventually(async () => expect((await readPositions()).at(-1)).toBe(601));
    } finally {
      await reader.acl('SETUSER', 'default', '+memory');
    }
    expect(await reader.memory('USAGE', DEFAULT_REDIS_NAMES.logStream, 'SAMPLES', 0)).toBeLessThan(150_000);
    const positions = await readPositions();
    expect(positions.length).toBeGreaterThan(50);
    expect(positions).toStrictEqual(positionsUpTo(601).slice(-positions.length));
  });

  it('waits and logs a warning while the event log cannot be read', async () => {
    await test.createRules(2);
    const read = vi.spyOn(test.eventLog, 'read').mockRejectedValue(new Error('disk I/O error'));
    const started = startRelay();
    const reason = 'the event log cannot be read: disk I/O error';
    await eventually(() => expect(started.problem).toStrictEqual({ kind: 'waiting', reason }));
    expect(logs.lines).toContainEqual(expect.objectContaining({ level: 'warn', follower: 'relay', reason }));
    read.mockRestore();
    await eventually(async () => expect(await readPositions()).toStrictEqual(positionsUpTo(2)));
    await eventually(() => expect(started.problem).toBeUndefined());
  });

  it('is blocked by a stream of another log, and continues when that stream is removed', async () => {
    const foreign = [
      'logId',
      'other',
      'type',
      'RuleCreated',
      'version',
      '1',
      'at',
      '2026-01-31T08:00:00.000Z',
      'data',
      '{}',
    ];
    await reader.xadd(DEFAULT_REDIS_NAMES.logStream, toStreamId(7), ...foreign);
    await test.createRules(9);
    const started = startRelay();
    await eventually(() => expect(started.problem?.reason).toMatch(/holds log other up to position 7/));
    expect(await reader.xlen(DEFAULT_REDIS_NAMES.logStream)).toBe(1);
    await test.commands.createRule(createRuleInput({ name: 'Commands continue' }));
    await reader.del(DEFAULT_REDIS_NAMES.logStream);
    await eventually(async () => expect(await readPositions()).toStrictEqual(positionsUpTo(10)));
    expect(started.problem).toBeUndefined();
  });

  it('leaves the stream to the relay of another log that writes it', async () => {
    await test.createRules(3);
    const relay = startRelay();
    await eventually(async () => expect(await readPositions()).toStrictEqual(positionsUpTo(3)));
    const fence = await reader.get(DEFAULT_REDIS_NAMES.logFenceKey);
    const otherTest = await openTestStorage();
    await otherTest.createRules(1);
    const look = vi.spyOn(otherTest.eventLog, 'replacesStream');
    const other = startRelay(1_000, 1024 ** 3, otherTest);
    cleanUps.push(() => otherTest.close());
    const blocked = { kind: 'blocked', reason: expect.stringContaining('redis-cli DEL') as string };
    await eventually(() => expect(other.problem).toMatchObject(blocked));
    await test.createRules(1);
    await eventually(async () => expect(await readPositions()).toStrictEqual(positionsUpTo(4)));
    // A blocked relay looks at the stream again.
    const { length } = look.mock.calls;
    await eventually(() => expect(look.mock.calls.length).toBeGreaterThan(length + 1));
    await test.createRules(1);
    await eventually(async () => expect(await readPositions()).toStrictEqual(positionsUpTo(5)));
    expect(other.problem).toMatchObject(blocked);
    expect(await readStream()).toStrictEqual((await test.eventLog.read(0, 1_000)).entries);
    expect(await reader.get(DEFAULT_REDIS_NAMES.logFenceKey)).toBe(fence);
    expect(relay.problem).toBeUndefined();
  });

  it.each([
    ['', false],
    [', which knows another fence', true],
  ])(
    'replaces the stream if the database is an older copy%s, also if new entries pass its end',
    async (_, wasClaimed) => {
      const backup = join(test.folder, 'backup.sqlite');
      await test.createRules(3);
      if (wasClaimed) {
        startRelay();
        await eventually(async () => expect(await readPositions()).toStrictEqual(positionsUpTo(3)));
        await running?.stop();
      }
      await copySqliteFile(join(test.folder, 'monitoring.sqlite'), backup);
      await test.createRules(2);
      startRelay();
      await eventually(async () => expect(await readPositions()).toStrictEqual(positionsUpTo(5)));
      await running?.stop();
      const { logId } = await test.eventLog.end();
      await test.reopen({}, () => copyFileSync(backup, join(test.folder, 'monitoring.sqlite')));
      expect((await test.eventLog.end()).logId).toBe(logId);
      await test.createRules(4);
      startRelay();
      await eventually(async () => expect(await readPositions()).toStrictEqual(positionsUpTo(7)));
      const { entries, ...page } = await test.eventLog.read(0, 1_000);
      expect(await readStream()).toStrictEqual(entries);
      expect(page.logId).not.toBe(logId);
      expect(page.formerLogIds).toStrictEqual([logId]);
      expect(running?.relay.problem).toBeUndefined();
    },
  );

  it('replaces the stream of another log after npm run restore', async () => {
    await reader.xadd(
      DEFAULT_REDIS_NAMES.logStream,
      '9-0',
      'logId',
      'other',
      'type',
      'A',
      'version',
      '1',
      'at',
      AT,
      'data',
      '{}',
    );
    await test.createRules(2);
    await test.db.update(eventLogIdentity).set({ replacesStream: true });
    await test.reopen();
    startRelay();
    await eventually(async () => expect(await readPositions()).toStrictEqual(positionsUpTo(2)));
    expect(await test.reader.select().from(eventLogIdentity)).toMatchObject([{ replacesStream: false }]);
  });

  it('replaces the stream if the log ends before it', async () => {
    await test.createRules(1);
    const { logId } = await test.eventLog.read(0, 1);
    const ahead = ['logId', logId, 'type', 'RuleCreated', 'version', '1', 'at', AT, 'data', '{}'];
    await reader.xadd(DEFAULT_REDIS_NAMES.logStream, toStreamId(5), ...ahead);
    startRelay();
    await eventually(async () => expect(await readPositions()).toStrictEqual(positionsUpTo(1)));
    expect((await test.eventLog.end()).logId).not.toBe(logId);
  });
});

describe('an erasure', () => {
  const SECRET = 'carmen-ruiz-4711';

  let ruleCount = 0;
  const createSecretRule = () =>
    test.commands.createRule(createRuleInput({ name: `${SECRET} ${++ruleCount}` }));
  const eraseLog = () =>
    runSql(test.db, sql`update events set data = replace(data, ${SECRET}, 'erased') where true`);
  /** Holds the next page between its reading and its publication. */
  function holdNextPage() {
    const read = test.eventLog.read.bind(test.eventLog);
    let release: () => void = () => undefined;
    let markRead: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const isRead = new Promise<void>((resolve) => (markRead = resolve));
    vi.spyOn(test.eventLog, 'read').mockImplementationOnce(async (...args) => {
      const page = await read(...args);
      markRead();
      await released;
      return page;
    });
    return { isRead, release };
  }
  async function expectNoTrace() {
    expect(JSON.stringify(await readStream())).not.toContain(SECRET);
    const [, folder = ''] = (await reader.config('GET', 'dir')) as string[];
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true });
    const found = files.filter(
      (file) => file.isFile() && readFileSync(join(file.parentPath, file.name), 'latin1').includes(SECRET),
    );
    expect(found.map(({ name }) => name)).toStrictEqual([]);
  }

  it('leaves nothing of a page that was read before, and published while the stream is removed', async () => {
    const relay = startRelay();
    await createSecretRule();
    await eventually(async () => expect(await readPositions()).toStrictEqual([1]));
    const page = holdNextPage();
    await createSecretRule();
    await page.isRead;
    await eraseLog();
    const rewritten = relay.rewrite(new AbortController().signal);
    page.release();
    await rewritten;
    await eventually(async () => expect(await readPositions()).toStrictEqual([1, 2]));
    await expectNoTrace();
  });

  it('leaves nothing of a page that a frozen relay has read before', async () => {
    const frozen = startRelay();
    await createSecretRule();
    await eventually(async () => expect(await readPositions()).toStrictEqual([1]));
    await reader.del(DEFAULT_REDIS_NAMES.logStream);
    const page = holdNextPage();
    await createSecretRule();
    await page.isRead;
    const stopFrozen = running?.stop;
    const relay = startRelay();
    await eventually(async () => expect(await readPositions()).toStrictEqual([1, 2]));
    await eraseLog();
    await relay.rewrite(new AbortController().signal);
    await eventually(async () => expect(await readPositions()).toStrictEqual([1, 2]));
    // The worst moment: Redis has no id that it could compare.
    await reader.del(DEFAULT_REDIS_NAMES.logStream);
    page.release();
    await eventually(() => expect(frozen.problem?.reason).toContain('another relay writes the stream'));
    await stopFrozen?.();
    await test.createRules(1);
    await eventually(async () => expect((await readPositions()).at(-1)).toBe(3));
    await expectNoTrace();
  });

  it('leaves nothing on the stream if Redis comes back with an older state, and another relay begins', async () => {
    const relay = startRelay();
    await createSecretRule();
    await eventually(async () => expect(await readPositions()).toStrictEqual([1]));
    const { logStream, logFenceKey } = DEFAULT_REDIS_NAMES;
    const backup = await Promise.all([reader.dumpBuffer(logStream), reader.dumpBuffer(logFenceKey)]);
    await eraseLog();
    await relay.rewrite(new AbortController().signal);
    await running?.stop();
    await reader.restore(logStream, 0, backup[0], 'REPLACE');
    await reader.restore(logFenceKey, 0, backup[1], 'REPLACE');
    startRelay();
    await test.createRules(1);
    await eventually(async () => expect(await readPositions()).toStrictEqual([1, 2]));
    expect(JSON.stringify(await readStream())).not.toContain(SECRET);
  });

  it('fails without Redis or a running relay, and is done later', async () => {
    const relay = startRelay();
    await createSecretRule();
    await eventually(async () => expect(await readPositions()).toStrictEqual([1]));
    await eraseLog();
    await server.kill();
    const abort = new AbortController();
    const aborted = relay.rewrite(abort.signal);
    abort.abort();
    await expect(aborted).rejects.toThrow('The relay ends.');
    await server.start();
    await relay.rewrite(new AbortController().signal);
    await eventually(async () => expect(await readPositions()).toStrictEqual([1]));
    await expectNoTrace();
    await running?.stop();
    await expect(relay.rewrite(new AbortController().signal)).rejects.toThrow('The relay ends.');
  });
});
