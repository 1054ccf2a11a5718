import { activeSpanStorage, getSqlConnection } from '@seguridad-abc/platform';
import { recordSpans } from '@seguridad-abc/platform/testing';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createRuleInput } from '../testing/fixtures.js';
import { runSql } from './prepared-statement.js';
import { openTestStorage, usesPostgres, type TestStorage } from '../testing/test-storage.js';

let test: TestStorage;
beforeEach(async () => void (test = await openTestStorage()));
afterEach(() => test.close());

const readings = (opening: string) => ({
  userId: 'ana',
  readings: Array.from({ length: 1_000 }, (_, i) => ({
    id: `${opening} ${i} ${'x'.repeat(180)}`,
    opening,
    state: 'CLOSED' as const,
    at: '2026-01-31T08:00:00.000Z',
  })),
});

it('notifies the relay only of commits that append to the event log', async () => {
  const notify = vi.spyOn(test.appended, 'notify');
  const input = { ...createRuleInput(), clientMutationId: 'once' };
  await test.commands.createRule(input);
  expect(notify).toHaveBeenCalledTimes(1);
  await test.commands.createRule(input);
  await expect(test.commands.createRule(createRuleInput({ name: '' }))).rejects.toThrow('name');
  await test.storage.deleteKeysBefore('2000-01-01T00:00:00.000Z');
  expect(notify).toHaveBeenCalledTimes(1);
  await test.createRules(1);
  expect(notify).toHaveBeenCalledTimes(2);
});

it('an entry carries the trace context of its commit, if the trace is sampled', async () => {
  const { tracing } = recordSpans();
  const span = tracing.startSpan('command', { kind: 'internal', parent: undefined });
  const create = (opening: string) => test.commands.createRule(createRuleInput({ opening, name: opening }));
  await activeSpanStorage.run(span, () => create('traced'));
  await activeSpanStorage.run({ ...span, isSampled: false }, () => create('unsampled'));
  await create('untraced');
  const readContexts = async () =>
    (await test.eventLog.read(0, 10)).entries.map(({ traceparent }) => traceparent);
  expect(await readContexts()).toEqual([span.headers['traceparent'], undefined, undefined]);
  await test.reopen();
  expect(await readContexts()).toEqual([span.headers['traceparent'], undefined, undefined]);
});

// With several instances, the last event of a user may be another one's: the end of the log is the end of each user.
it.skipIf(usesPostgres)('a user’s end of the log is its last event, whatever other users write', async () => {
  const record = (userId: string) =>
    test.commands.recordReadings({
      ...readings('Shop'),
      userId,
      readings: readings(userId).readings.slice(0, 1),
    });
  await test.commands.createRule(createRuleInput({ userId: 'ana' }));
  await record('ben');
  const getEnds = async () =>
    Promise.all(
      ['ana', 'ben', 'cleo', undefined].map(async (userId) => (await test.eventLog.end(userId)).position),
    );
  expect(await getEnds()).toEqual([1, 2, 0, 2]);
  await test.reopen();
  // The earlier events of a user are not counted after a restart.
  expect(await getEnds()).toEqual([2, 2, 2, 2]);
  await record('cleo');
  expect(await getEnds()).toEqual([2, 2, 3, 3]);
});

it('a user’s end of the log covers events of calendars and exceptions', async () => {
  await test.commands.createRule(createRuleInput({ name: 'First' }));
  const getEnd = async () => (await test.eventLog.end('ben')).position;
  await test.commands.createCalendar({ userId: 'ben', name: 'Holidays', dates: [] });
  expect(await getEnd()).toBe(2);
  await test.commands.createRule(createRuleInput({ name: 'Second' }));
  await test.commands.createException({
    userId: 'ben',
    openings: null,
    effect: 'ALLOW',
    from: new Date().toISOString(),
    until: new Date(Date.now() + 3_600_000).toISOString(),
    reason: 'Stock-taking',
  });
  expect(await getEnd()).toBe(4);
});

it('a user’s end of the log is not after the log if a transaction is rolled back', async () => {
  // The test refuses each alarm.
  if (usesPostgres) await runSql(test.db, sql`alter table alarms add constraint refused check (false)`);
  else
    await runSql(
      test.db,
      sql`create trigger refuse before insert on alarms begin select raise(abort, 'refused'); end`,
    );
  await test.commands.createRule(
    createRuleInput({
      userId: 'ana',
      opening: 'Shop',
      maxOpenSeconds: 1,
      effectiveFrom: '2020-01-01T00:00:00Z',
    }),
  );
  const opened = { id: 'open', opening: 'Shop', state: 'OPEN' as const, at: '2026-01-31T08:00:00.000Z' };
  await expect(test.commands.recordReadings({ userId: 'ana', readings: [opened] })).rejects.toThrow();
  expect((await test.eventLog.end()).position).toBe(1);
  expect((await test.eventLog.end('ana')).position).toBe(1);
});

it('a page of the outbox has at least one entry and ends early if entries are large', async () => {
  // One event for each command.
  await test.reopen({ getSliceLimits: () => ({ readingsPerStep: 1_000, costUs: Infinity }) });
  for (const opening of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'])
    await test.commands.recordReadings(readings(opening));
  const sizes: number[] = [];
  for (let after = 0; after < 8;) {
    const { head, entries } = await test.eventLog.read(after, 1_000);
    expect(head).toBe(8);
    expect(entries.map(({ position }) => position)).toEqual(entries.map((_, i) => after + 1 + i));
    sizes.push(entries.length);
    after += entries.length;
  }
  expect(sizes).toEqual([3, 3, 2]);
  expect((await test.eventLog.read(0, 2)).entries).toHaveLength(2);
});

it('a damaged or missing entry does not make the others unreadable', async () => {
  await test.createRules(6);
  await runSql(test.db, sql`update events set actor = '{' where position = 2`);
  // SQLite stores text in a column of numbers, PostgreSQL an unknown version.
  const version = usesPostgres ? sql`-1` : sql`'x'`;
  await runSql(test.db, sql`update events set version = ${version} where position = 4`);
  await runSql(test.db, sql`delete from events where position = 5`);
  const unreadable = (position: number, reason: RegExp) => ({
    position,
    type: 'EventUnreadable',
    data: { reason: expect.stringMatching(reason) as string },
  });
  const { logId, head, entries } = await test.eventLog.read(0, 1_000);
  expect(entries.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(entries).toMatchObject([
    { type: 'RuleCreated' },
    unreadable(2, /JSON/),
    { type: 'RuleCreated' },
    unreadable(4, /version/),
    unreadable(5, /no entry/),
    { type: 'RuleCreated' },
  ]);
  expect(entries.every((entry) => entry.logId === logId)).toBe(true);
  expect(head).toBe(6);
  expect((await test.eventLog.read(1, 2)).entries).toMatchObject([unreadable(2, /JSON/), { position: 3 }]);
  expect((await test.eventLog.read(4, 2)).entries).toMatchObject([
    unreadable(5, /no entry/),
    { position: 6 },
  ]);
});

it('an error of the disk is not taken for a damaged entry', async () => {
  await test.createRules(1);
  const { snapshots } = test.database;
  const failing = Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_READ' });
  vi.spyOn(getSqlConnection(snapshots.db), 'control').mockImplementation(() => {
    throw failing;
  });
  await expect(test.eventLog.read(0, 10)).rejects.toThrow(failing);
});
