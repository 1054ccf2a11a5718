import type { AlarmState } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestReadModel, type TestReadModel } from '../testing/test-read-model.js';
import type { AlarmListArgs } from './alarm-queries.js';

let model: TestReadModel;
beforeEach(() => void (model = openTestReadModel()));
afterEach(() => model.close());

const createCustomerQueries = (id: string) => model.createQueries({ id, role: 'customer' });
const at = (hour: number) => new Date(Date.UTC(2026, 2, 1, hour)).toISOString();
const queryIds = async (args: AlarmListArgs, queries = model.createQueries()) =>
  (await queries.alarms.list(args).edges()).map(({ node }) => node.id);

describe('an alarm connection', () => {
  it('is ordered by raisedAt, newest first, not by arrival', async () => {
    for (const [id, hour] of [
      ['b', 3],
      ['d', 1],
      ['a', 3],
      ['c', 2],
    ] as const) {
      await model.addAlarm({ id, raisedAt: at(hour) });
    }
    expect(await queryIds({})).toEqual(['b', 'a', 'c', 'd']);
    expect(await queryIds({ last: 2 })).toEqual(['c', 'd']);
  });

  it.each(['forward', 'backward'])(
    'visits each alarm exactly once when paging %s through equal instants',
    async (direction) => {
      let run = 0;
      const inputs = fc.record({
        hours: fc.array(fc.nat(3), { maxLength: 12 }),
        size: fc.integer({ min: 1, max: 5 }),
      });
      await fc.assert(
        fc.asyncProperty(inputs, async ({ hours, size }) => {
          const userId = `user-${run++}`;
          const all: string[] = [];
          for (const hour of hours) all.push((await model.addAlarm({ userId, raisedAt: at(hour) })).id);
          const seen: string[] = [];
          let cursor: string | undefined;
          let more = true;
          while (more) {
            const page =
              direction === 'forward' ? { first: size, after: cursor } : { last: size, before: cursor };
            const connection = model.createQueries().alarms.list({ filter: { userId }, ...page });
            const edges = await connection.edges();
            const found = edges.map(({ node }) => node.id);
            if (direction === 'forward') seen.push(...found);
            else seen.unshift(...found);
            more = await (direction === 'forward' ? connection.hasNextPage() : connection.hasPreviousPage());
            cursor = (direction === 'forward' ? edges.at(-1) : edges[0])?.cursor ?? cursor;
          }
          expect(seen).toEqual(await queryIds({ filter: { userId }, first: 200 }));
          expect(seen.toSorted()).toEqual(all.sort());
        }),
        { numRuns: 30 },
      );
    },
  );

  it('continues after the cursor of an alarm whose raisedAt has changed', async () => {
    for (const hour of [1, 2, 3, 4]) await model.addAlarm({ id: `a${hour}`, raisedAt: at(hour) });
    const [, second] = await model.createQueries().alarms.list({ first: 2 }).edges();
    await model.addAlarm({ id: 'a3', raisedAt: at(0), version: 2 });
    expect(await queryIds({ after: second!.cursor })).toEqual(['a2', 'a1', 'a3']);
  });
});

describe('an alarm filter', () => {
  beforeEach(async () => {
    const acknowledged = { acknowledgedAt: at(9), acknowledgedBy: 'olga' };
    await model.addAlarm({ id: 'a', raisedAt: at(1), severity: 'INFO' });
    await model.addAlarm({ id: 'b', raisedAt: at(2), ruleId: 'rule-2', status: 'CLEARED', ...acknowledged });
    await model.addAlarm({
      id: 'c',
      raisedAt: at(3),
      userId: 'luis',
      opening: 'Jardín',
      severity: 'CRITICAL',
    });
    await model.addAlarm({
      id: 'd',
      raisedAt: at(4),
      userId: 'luis',
      status: 'RETRACTED',
      kind: 'OPEN_TOO_LONG',
    });
  });

  it.each<[string, AlarmListArgs['filter'], string[]]>([
    ['nothing', {}, ['d', 'c', 'b', 'a']],
    [
      'nulls',
      {
        userId: null,
        ruleId: null,
        opening: null,
        kind: null,
        severity: null,
        status: null,
        acknowledged: null,
        raisedFrom: null,
        raisedBefore: null,
      },
      ['d', 'c', 'b', 'a'],
    ],
    ['a user', { userId: 'ana' }, ['b', 'a']],
    ['a rule', { ruleId: 'rule-2' }, ['b']],
    ['a rule of another user', { userId: 'luis', ruleId: 'rule-2' }, []],
    ['an opening in another Unicode form', { opening: ' Jardi\u0301n ' }, ['c']],
    ['a kind', { kind: 'OPEN_TOO_LONG' }, ['d']],
    ['a severity', { severity: ['CRITICAL'] }, ['c']],
    ['severities', { severity: ['CRITICAL', 'INFO'] }, ['c', 'a']],
    ['no severity', { severity: [] }, []],
    ['active', { status: ['ACTIVE'] }, ['c', 'a']],
    ['retracted', { status: ['RETRACTED'] }, ['d']],
    ['statuses', { status: ['CLEARED', 'RETRACTED'] }, ['d', 'b']],
    ['acknowledged', { acknowledged: true }, ['b']],
    ['not acknowledged', { acknowledged: false }, ['d', 'c', 'a']],
    ['raisedFrom', { raisedFrom: at(2) }, ['d', 'c', 'b']],
    ['raisedBefore', { raisedBefore: at(2) }, ['a']],
    [
      'a period, in another time zone',
      { raisedFrom: '2026-03-01T04:00:00+02:00', raisedBefore: at(4) },
      ['c', 'b'],
    ],
    ['an empty period', { raisedFrom: at(2), raisedBefore: at(2) }, []],
    [
      'all fields',
      {
        userId: 'luis',
        opening: 'Jardín',
        kind: 'OUTSIDE_HOURS',
        severity: ['CRITICAL'],
        status: ['ACTIVE'],
        acknowledged: false,
        raisedFrom: at(3),
        raisedBefore: at(4),
      },
      ['c'],
    ],
  ])('selects alarms by %s', async (_, filter, expected) => {
    expect(await queryIds({ filter })).toEqual(expected);
    expect(await model.createQueries().alarms.list({ filter }).totalCount()).toBe(expected.length);
  });

  it('on raisedAt limits pages and page info', async () => {
    const filter = { raisedFrom: at(2), raisedBefore: at(4) };
    const readPage = async (args: AlarmListArgs) => {
      const connection = model.createQueries().alarms.list({ filter, ...args });
      const edges = await connection.edges();
      const sides = [await connection.hasPreviousPage(), await connection.hasNextPage()];
      return { ids: edges.map(({ node }) => node.id), cursor: edges[0]?.cursor, sides };
    };
    const first = await readPage({ first: 1 });
    expect(first).toMatchObject({ ids: ['c'], sides: [false, true] });
    expect(await readPage({ first: 1, after: first.cursor })).toMatchObject({
      ids: ['b'],
      sides: [true, false],
    });
    const [outside] = await model.createQueries().alarms.list({ first: 1 }).edges();
    expect(await readPage({ after: outside!.cursor })).toMatchObject({
      ids: ['c', 'b'],
      sides: [false, false],
    });
  });

  it('is rejected with every fault at once', () => {
    const filter = { raisedFrom: 'x', raisedBefore: '2026-01-01' };
    expect(() => model.createQueries().alarms.list({ filter, first: 0 })).toThrow(
      expect.objectContaining({
        extensions: {
          code: 'BAD_USER_INPUT',
          faults: [
            expect.objectContaining({ path: ['filter', 'raisedFrom'], code: 'INVALID' }),
            expect.objectContaining({ path: ['filter', 'raisedBefore'], code: 'INVALID' }),
            expect.objectContaining({ path: ['first'], code: 'OUT_OF_RANGE' }),
          ],
        },
      }) as Error,
    );
  });

  it('never shows a customer the alarms of another user', async () => {
    const ana = () => createCustomerQueries('ana');
    expect(await queryIds({}, ana())).toEqual(['b', 'a']);
    expect(await queryIds({ filter: { ruleId: 'rule-1' } }, createCustomerQueries('luis'))).toEqual([
      'd',
      'c',
    ]);
    expect(await ana().alarms.findById('c')).toBeNull();
    expect(await ana().alarms.findEntity('c')).toBeNull();
    expect(await ana().alarms.findById('a')).toMatchObject({ id: 'a' });
    expect(() => ana().alarms.list({ filter: { userId: 'luis' } })).toThrow('Only an operator');
    expect(() => ana().alarms.listByUser('ana', { filter: { userId: 'luis' } })).toThrow('Only an operator');
  });
});

describe('the statements of alarm queries', () => {
  const rules = Array.from({ length: 300 }, (_, i) => `rule-${i}`);
  beforeEach(async () => {
    const add = (ruleId: string, hour: number, overrides: Partial<AlarmState> = {}) =>
      model.addAlarm({ ruleId, raisedAt: at(hour), ...overrides });
    for (const [index, ruleId] of rules.slice(0, 20).entries()) {
      await add(ruleId, index + 2, { id: `last of ${ruleId}`, status: 'CLEARED', userId: `user-${index}` });
      await add(ruleId, index + 1, { userId: `user-${index}` });
      await add(ruleId, index + 3, { status: 'RETRACTED', userId: `user-${index}` });
    }
    model.statements.length = 0;
  });

  it.each([
    [1, 1],
    // Large reads take several statements, so that none of them takes long.
    [300, 4],
  ])('are few for each kind of read: for %i rules and users at most %i', async (count, mostPerRead) => {
    const some = rules.slice(0, count);
    const queries = model.createQueries();
    const forEachRule = async <T>(query: (ruleId: string, index: number) => Promise<T>) => {
      model.statements.length = 0;
      const results = await Promise.all(some.map(query));
      expect(model.statements.length).toBeGreaterThan(0);
      expect(model.statements.length).toBeLessThanOrEqual(mostPerRead);
      return results;
    };
    const counts = await forEachRule((ruleId) => queries.alarms.countByRule(ruleId, null));
    expect(counts).toEqual(some.map((_, index) => (index < 20 ? 2 : 0)));
    const last = await forEachRule((ruleId) => queries.alarms.findLastByRule(ruleId));
    expect(last.map((alarm) => alarm?.id)).toEqual(
      some.map((ruleId, index) => (index < 20 ? `last of ${ruleId}` : undefined)),
    );
    const lists = await forEachRule((_, index) =>
      queries.alarms.listByUser(`user-${index}`, { first: 2 }).edges(),
    );
    expect(lists.map(({ length }) => length)).toEqual(counts);
    await forEachRule((_, index) => queries.openings.listAllByUser(`user-${index}`));
    await forEachRule((_, index) => queries.rules.listByOpening(`user-${index}`, 'Front'));
  });

  it('count by status if statuses are given', async () => {
    const queries = model.createQueries();
    const count = (...status: AlarmState['status'][]) => queries.alarms.countByRule('rule-0', status);
    expect(await Promise.all([count('ACTIVE'), count('RETRACTED'), count('CLEARED')])).toEqual([1, 1, 1]);
    expect(await Promise.all([count('RETRACTED', 'ACTIVE', 'CLEARED'), count()])).toEqual([3, 0]);
    expect(await count('ACTIVE', 'ACTIVE')).toBe(1);
  });
});

describe('lists of enum values', () => {
  const statuses = Array.from({ length: 60_000 }, () => 'ACTIVE' as const);
  const severities = Array.from({ length: 60_000 }, () => 'INFO' as const);

  it('are rejected if they have more values than the enum', async () => {
    const { alarms } = model.createQueries();
    model.statements.length = 0;
    expect(() => alarms.list({ filter: { status: statuses, severity: severities } })).toThrow(
      'severity must have at most 3 values; it has 60000. status must have at most 3 values; it has 60000.',
    );
    await expect(alarms.countByRule('rule-1', statuses)).rejects.toThrow(/status must have at most 3 values/);
    expect(model.statements).toHaveLength(0);
  });
});
