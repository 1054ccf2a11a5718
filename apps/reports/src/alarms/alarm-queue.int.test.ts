import type { AlarmState, Severity } from '@seguridad-abc/contracts';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestReadModel, type TestReadModel } from '../testing/test-read-model.js';
import { buildTimelineEntry } from '../testing/projected-records.js';
import type { AlarmQueueArgs } from './alarm-queries.js';
import type { AlarmQueueFilter } from './alarm-repository.js';

let model: TestReadModel;
beforeEach(() => void (model = openTestReadModel()));
afterEach(() => model.close());

const at = (hour: number) => new Date(Date.UTC(2026, 2, 1, hour)).toISOString();
const listQueue = (args: AlarmQueueArgs = {}, queries = model.createQueries()) =>
  queries.alarms.listQueue(args);
const queryIds = async (args: AlarmQueueArgs = {}) => (await listQueue(args).nodes()).map(({ id }) => id);

const RESOLUTION = { code: 'TEST', note: null, by: 'olga', at: at(9) } as const;
const CLAIM = { claimedBy: 'olga', claimedAt: at(9) };

describe('the queue of alarms', () => {
  it('has the most severe alarms first, and the oldest first among these', async () => {
    for (const [id, severity, hour] of [
      ['d', 'INFO', 1],
      ['c', 'WARNING', 2],
      ['b', 'CRITICAL', 4],
      ['a2', 'CRITICAL', 3],
      ['a1', 'CRITICAL', 3],
    ] as const)
      await model.addAlarm({ id, severity, raisedAt: at(hour) });
    expect(await queryIds()).toEqual(['a1', 'a2', 'b', 'c', 'd']);
    expect(await queryIds({ last: 2 })).toEqual(['c', 'd']);
  });

  it('has what is not resolved: active and cleared alarms, not retracted ones', async () => {
    await model.addAlarm({ id: 'active', raisedAt: at(1) });
    await model.addAlarm({ id: 'cleared', raisedAt: at(2), status: 'CLEARED', clearedAt: at(3) });
    await model.addAlarm({
      id: 'acknowledged',
      raisedAt: at(3),
      acknowledgedBy: 'ana',
      acknowledgedAt: at(4),
    });
    await model.addAlarm({ id: 'retracted', status: 'RETRACTED' });
    await model.addAlarm({ id: 'resolved', resolution: RESOLUTION });
    const old = { needsResolution: false };
    await model.addAlarm({ id: 'old and active', raisedAt: at(4), ...old });
    await model.addAlarm({ id: 'old and cleared', status: 'CLEARED', clearedAt: at(3), ...old });
    const expected = ['active', 'cleared', 'acknowledged', 'old and active'];
    expect(await queryIds()).toEqual(expected);
    expect(await listQueue().totalCount()).toBe(4);
  });

  it('follows the changes of an alarm', async () => {
    const change = (version: number, overrides: Partial<AlarmState>) =>
      model.addAlarm({ id: 'a', version, ...overrides });
    await change(1, {});
    await change(2, { status: 'RETRACTED' });
    expect(await queryIds()).toEqual([]);
    await change(3, CLAIM);
    expect(await queryIds()).toEqual(['a']);
    await change(4, { resolution: RESOLUTION });
    expect(await queryIds()).toEqual([]);
  });

  it('is for operators only', () => {
    for (const role of ['customer', 'device'] as const)
      expect(() => listQueue({}, model.createQueries({ id: 'ana', role }))).toThrow(
        expect.objectContaining({ extensions: { code: 'FORBIDDEN' } }) as Error,
      );
  });

  it('rejects an invalid filter and page with every fault at once', () => {
    const severity = Array.from({ length: 4 }, () => 'INFO' as const);
    expect(() => listQueue({ filter: { userId: 'x'.repeat(200), severity }, first: 0 })).toThrow(
      expect.objectContaining({
        extensions: {
          code: 'BAD_USER_INPUT',
          faults: [
            expect.objectContaining({ path: ['filter', 'userId'], code: 'TOO_LONG' }),
            expect.objectContaining({ path: ['filter', 'severity'], code: 'OUT_OF_RANGE' }),
            expect.objectContaining({ path: ['first'], code: 'OUT_OF_RANGE' }),
          ],
        },
      }) as Error,
    );
  });

  it('does not accept the cursors of other lists', async () => {
    await model.addAlarm();
    const [edge] = await model.createQueries().alarms.list({}).edges();
    expect(() => listQueue({ after: edge!.cursor })).toThrow(
      'after must be a cursor from a list of this kind',
    );
    const [queued] = await listQueue().edges();
    expect(await queryIds({ after: queued!.cursor })).toEqual([]);
  });
});

describe('a filter of the queue', () => {
  beforeEach(async () => {
    await model.addAlarm({ id: 'a', raisedAt: at(1), severity: 'CRITICAL' });
    await model.addAlarm({ id: 'b', raisedAt: at(2), severity: 'CRITICAL', userId: 'luis', ...CLAIM });
    await model.addAlarm({ id: 'c', raisedAt: at(3), userId: 'luis' });
    await model.addAlarm({ id: 'd', raisedAt: at(4), severity: 'INFO', claimedBy: 'omar', claimedAt: at(9) });
    await model.addAlarm({ id: 'e', severity: 'CRITICAL', userId: 'luis', resolution: RESOLUTION });
  });

  it.each<[string, AlarmQueueArgs['filter'], string[]]>([
    ['nothing', {}, ['a', 'b', 'c', 'd']],
    ['nulls', { userId: null, severity: null, claim: null }, ['a', 'b', 'c', 'd']],
    ['a user', { userId: 'luis' }, ['b', 'c']],
    ['a severity', { severity: ['WARNING'] }, ['c']],
    ['the most severe', { severity: ['WARNING', 'CRITICAL'] }, ['a', 'b', 'c']],
    ['severities with a gap', { severity: ['INFO', 'CRITICAL', 'INFO'] }, ['a', 'b', 'd']],
    ['all severities', { severity: ['INFO', 'WARNING', 'CRITICAL'] }, ['a', 'b', 'c', 'd']],
    ['no severity', { severity: [] }, []],
    ['unclaimed', { claim: 'UNCLAIMED' }, ['a', 'c']],
    ['claimed by the caller', { claim: 'MINE' }, ['b']],
    ['all fields', { userId: 'luis', severity: ['WARNING'], claim: 'UNCLAIMED' }, ['c']],
  ])('selects alarms by %s', async (_, filter, expected) => {
    expect(await queryIds({ filter })).toEqual(expected);
    expect(await listQueue({ filter }).totalCount()).toBe(expected.length);
  });

  it('limits pages and page info', async () => {
    const filter = { severity: ['WARNING', 'INFO'] as const };
    const first = listQueue({ filter, first: 1 });
    expect(await first.hasNextPage()).toBe(true);
    expect(await first.hasPreviousPage()).toBe(false);
    const after = (await first.endCursor()) ?? '';
    const second = listQueue({ filter, first: 1, after });
    expect((await second.nodes()).map(({ id }) => id)).toEqual(['d']);
    expect(await second.hasNextPage()).toBe(false);
    expect(await second.hasPreviousPage()).toBe(true);
  });
});

it('pages through the queue visit each alarm exactly once', async () => {
  let run = 0;
  const severity = fc.constantFrom<Severity>('INFO', 'WARNING', 'CRITICAL');
  const inputs = fc.record({
    alarms: fc.array(fc.record({ severity, hour: fc.nat(3), isResolved: fc.boolean() }), { maxLength: 12 }),
    wanted: fc.option(fc.uniqueArray(severity, { minLength: 1 })),
    size: fc.integer({ min: 1, max: 5 }),
    isForward: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(inputs, async ({ alarms, wanted, size, isForward }) => {
      const filter = { userId: `user-${run++}`, severity: wanted };
      for (const alarm of alarms)
        await model.addAlarm({
          userId: filter.userId,
          severity: alarm.severity,
          raisedAt: at(alarm.hour),
          resolution: alarm.isResolved ? RESOLUTION : null,
        });
      const seen: string[] = [];
      let cursor: string | undefined;
      for (let more = true; more;) {
        const page = isForward ? { first: size, after: cursor } : { last: size, before: cursor };
        const connection = listQueue({ filter, ...page });
        const edges = await connection.edges();
        const ids = edges.map(({ node }) => node.id);
        if (isForward) seen.push(...ids);
        else seen.unshift(...ids);
        more = await (isForward ? connection.hasNextPage() : connection.hasPreviousPage());
        cursor = (isForward ? edges.at(-1) : edges[0])?.cursor ?? cursor;
      }
      expect(seen).toEqual(await queryIds({ filter, first: 200 }));
      const expected = alarms.filter(
        (alarm) => !alarm.isResolved && (wanted === null || wanted.includes(alarm.severity)),
      );
      expect(seen).toHaveLength(expected.length);
    }),
    { numRuns: 40 },
  );
});

describe('the statements of the queue', () => {
  /** The steps of SQLite's query plan for the last statement that read the list. */
  const explainLastStatement = (): string[] => {
    const statement = model.statements.at(-1) ?? '';
    const parameters = Array.from(statement.matchAll(/\?/g), () => '[]');
    const planner = new Database(model.file, { readonly: true });
    try {
      return (
        planner.prepare(`explain query plan ${statement}`).all(...parameters) as { detail: string }[]
      ).map(({ detail }) => detail);
    } finally {
      planner.close();
    }
  };
  const luis = { userId: 'luis' };
  const RANGE = /\(queue_rank,raised_at,id\)>\(\?,\?,\?\) AND \(queue_rank,raised_at,id\)<\(\?,\?,\?\)/;

  it.each<[string, { userId?: string }, AlarmQueueFilter, RegExp]>([
    ['all', {}, {}, /INDEX alarms_queued \(/],
    ['of severities', {}, { severity: ['CRITICAL', 'WARNING'] }, /INDEX alarms_queued \(/],
    ['of severities with a gap', {}, { severity: ['CRITICAL', 'INFO'] }, /INDEX alarms_queued \(/],
    ['unclaimed', {}, { claimedBy: null }, /INDEX alarms_queued_by_claim \(claimed_by=\? AND/],
    ["an operator's", {}, { claimedBy: 'olga' }, /INDEX alarms_queued_by_claim \(claimed_by=\? AND/],
    ["a user's", luis, {}, /INDEX alarms_queued_of_user \(user_id=\? AND/],
    [
      "a user's of an operator",
      luis,
      { claimedBy: 'olga' },
      /INDEX alarms_queued_by_claim \(claimed_by=\? AND/,
    ],
    ["a user's unclaimed", luis, { claimedBy: null }, /INDEX alarms_queued_of_user \(user_id=\? AND/],
  ])('read a page with an index in the order of the queue: %s', async (_, scope, filter, index) => {
    for (const order of ['ascending', 'descending'] as const) {
      const range = { above: [0, at(1), 'a'], below: [2, at(1), 'b'] } as const;
      await model.repositories.alarmQueue.readSlices([scope], filter, { order, ...range, limit: 5 });
      const steps = explainLastStatement();
      const [read, ...others] = steps.filter((step) => step.includes('listed'));
      expect(others).toEqual([]);
      expect(read).toMatch(index);
      expect(read).toMatch(RANGE);
      // It sorts the page, not the queue.
      expect(steps.filter((step) => step.includes('TEMP B-TREE'))).toHaveLength(1);
    }
  });

  it.each<[string, { userId?: string }, AlarmQueueFilter]>([
    ['all', {}, {}],
    ["a user's", luis, {}],
    ["a user's unclaimed", luis, { claimedBy: null }],
  ])('count the queue from an index alone: %s', async (_, scope, filter) => {
    await model.repositories.alarmQueue.readCounts([scope], filter);
    expect(explainLastStatement().find((step) => step.includes('listed'))).toContain(
      'COVERING INDEX alarms_queued',
    );
  });
});

describe('the timeline of an alarm', () => {
  const listTimeline = (args = {}, alarmId = 'alarm-1') =>
    model.createQueries().alarms.listTimeline(alarmId, args);
  beforeEach(async () => {
    const kinds = ['RAISED', 'CLAIMED', 'COMMENTED', 'RELEASED', 'CLEARED'] as const;
    const alarmTimeline = kinds.map((kind, index) => buildTimelineEntry({ kind, version: index + 1 }));
    // The order of arrival does not matter.
    await model.write({ alarmTimeline: alarmTimeline.toReversed() });
    await model.write({ alarmTimeline: [buildTimelineEntry({ alarmId: 'alarm-2' })] });
  });

  it('is in the order of events, in pages', async () => {
    const first = listTimeline({ first: 2 });
    expect((await first.nodes()).map(({ kind }) => kind)).toEqual(['RAISED', 'CLAIMED']);
    expect(await first.totalCount()).toBe(5);
    expect(await first.hasNextPage()).toBe(true);
    const next = listTimeline({ first: 3, after: await first.endCursor() });
    expect((await next.nodes()).map(({ kind }) => kind)).toEqual(['COMMENTED', 'RELEASED', 'CLEARED']);
    expect(await next.hasNextPage()).toBe(false);
    expect((await listTimeline({ last: 1 }).nodes()).map(({ kind }) => kind)).toEqual(['CLEARED']);
    expect(await listTimeline({}, 'unknown').nodes()).toEqual([]);
  });

  it('counts a long text as several rows', async () => {
    const text = '😀'.repeat(2_000);
    const alarmTimeline = [1, 2].map((version) => buildTimelineEntry({ alarmId: 'long', version, text }));
    await model.write({ alarmTimeline });
    const read = (rows: number) =>
      model.createQueries({ id: 'olga', role: 'operator' }, { rows }).alarms.listTimeline('long', {}).nodes();
    expect(await read(18)).toHaveLength(2);
    await expect(read(17)).rejects.toMatchObject({ extensions: { code: 'OPERATION_TOO_COSTLY', limit: 17 } });
  });

  it('is read with one statement for many alarms', async () => {
    const { alarms } = model.createQueries();
    model.statements.length = 0;
    const pages = await Promise.all(
      ['alarm-1', 'alarm-2', 'unknown'].map((id) => alarms.listTimeline(id, { first: 2 }).nodes()),
    );
    expect(pages.map(({ length }) => length)).toEqual([2, 1, 0]);
    expect(model.statements).toHaveLength(1);
  });
});
