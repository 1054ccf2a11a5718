import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestReadModel, type TestReadModel } from '../testing/test-read-model.js';
import type { RuleConnection, RuleListArgs } from './rule-queries.js';

let model: TestReadModel;
beforeEach(() => void (model = openTestReadModel()));
afterEach(() => model.close());

/** All that a client can see of a page. */
async function look(connection: RuleConnection) {
  const edges = await connection.edges();
  return {
    ids: edges.map(({ node }) => node.id),
    start: edges[0]?.cursor,
    end: edges.at(-1)?.cursor,
    next: await connection.hasNextPage(),
    previous: await connection.hasPreviousPage(),
  };
}
const page = (args: RuleListArgs) => look(model.createQueries().rules.list(args));
const all = async (args: RuleListArgs = {}) => (await page({ first: 200, ...args })).ids;
const fill = async (count: number) => {
  for (let i = 0; i < count; i++) await model.addRule();
};

describe('a connection', () => {
  it('goes forward, newest first, and tells on either side whether there is more', async () => {
    await fill(5);
    const first = await page({ first: 2 });
    expect(first).toMatchObject({ ids: ['rule-5', 'rule-4'], next: true, previous: false });
    const second = await page({ first: 2, after: first.end! });
    expect(second).toMatchObject({ ids: ['rule-3', 'rule-2'], next: true, previous: true });
    const third = await page({ first: 2, after: second.end! });
    expect(third).toMatchObject({ ids: ['rule-1'], next: false, previous: true });
    expect(await page({ first: 2, after: third.end! })).toMatchObject({
      ids: [],
      next: false,
      previous: true,
    });
  });

  it('goes backward, in the same order', async () => {
    await fill(5);
    const last = await page({ last: 2 });
    expect(last).toMatchObject({ ids: ['rule-2', 'rule-1'], next: false, previous: true });
    const before = await page({ last: 2, before: last.start! });
    expect(before).toMatchObject({ ids: ['rule-4', 'rule-3'], next: true, previous: true });
    const first = await page({ last: 2, before: before.start! });
    expect(first).toMatchObject({ ids: ['rule-5'], next: true, previous: false });
    expect(await page({ last: 2, before: first.start! })).toMatchObject({
      ids: [],
      next: true,
      previous: false,
    });
  });

  it('is a part of what lies between two cursors', async () => {
    await fill(6);
    const ends = { after: (await page({ first: 1 })).end!, before: (await page({ last: 1 })).start! };
    expect(await page({ ...ends, first: 2 })).toMatchObject({
      ids: ['rule-5', 'rule-4'],
      next: true,
      previous: true,
    });
    expect(await page({ ...ends, last: 2 })).toMatchObject({
      ids: ['rule-3', 'rule-2'],
      next: true,
      previous: true,
    });
    expect(await page(ends)).toMatchObject({
      ids: ['rule-5', 'rule-4', 'rule-3', 'rule-2'],
      next: true,
      previous: true,
    });
  });

  it('goes on where a rule was, after that is deleted', async () => {
    await fill(3);
    const first = await page({ first: 2 });
    const state = (await model.repositories.rules.findByIds(['rule-2'])).get('rule-2')!;
    const deleted = { state: { ...state, deletedAt: state.updatedAt }, createdPosition: 2 };
    await model.write({ rules: [deleted] });
    expect(await page({ first: 2, after: first.end! })).toMatchObject({
      ids: ['rule-1'],
      next: false,
      previous: true,
    });
    expect(await all()).toEqual(['rule-3', 'rule-1']);
    expect(await model.createQueries().rules.list({}).totalCount()).toBe(2);
  });

  it.each(['forward', 'backward'])(
    'visits each rule exactly once going %s, whatever is added meanwhile',
    async (way) => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 0, max: 12 }),
          fc.array(fc.record({ size: fc.integer({ min: 1, max: 5 }), added: fc.nat(2) }), {
            minLength: 14,
            maxLength: 14,
          }),
          async (count, steps) => {
            const userId = `user-${Math.max(0, ...(await all()).map((id) => Number(id.slice(5))))}`;
            const there: string[] = [];
            for (let i = 0; i < count; i++) there.push((await model.addRule({ userId })).state.id);
            const filter = { userId };
            const seen: string[] = [];
            let cursor: string | undefined;
            let more = true;
            for (const { size, added } of steps) {
              if (!more) break;
              const found =
                way === 'forward'
                  ? await page({ filter, first: size, after: cursor })
                  : await page({ filter, last: size, before: cursor });
              if (way === 'forward') seen.push(...found.ids);
              else seen.unshift(...found.ids);
              more = way === 'forward' ? found.next : found.previous;
              cursor = (way === 'forward' ? found.end : found.start) ?? cursor;
              for (let i = 0; i < added; i++) await model.addRule({ userId });
            }
            expect(new Set(seen).size).toBe(seen.length);
            const old = seen.filter((id) => there.includes(id));
            if (!more) expect(old).toEqual(there.toReversed());
            // New ones come before all others: going forward they are behind the reader's back.
            if (way === 'forward') expect(seen).toEqual(old);
          },
        ),
        { numRuns: 40 },
      );
    },
  );
});

describe('a filter', () => {
  beforeEach(async () => {
    await model.addRule({ id: 'a', userId: 'ana', name: 'Puerta Jardín', opening: 'Jardín' });
    await model.addRule({
      id: 'b',
      userId: 'ana',
      name: 'Front door 100%',
      opening: 'Front',
      enabled: false,
    });
    await model.addRule({ id: 'c', userId: 'luis', name: 'FRONT DOOR_2', opening: 'Front' });
    await model.addRule({ id: 'd', userId: 'luis', name: 'gone', deletedAt: '2026-03-01T08:00:00.000Z' });
  });

  it.each<[string, RuleListArgs['filter'], string[]]>([
    ['nothing', {}, ['c', 'b', 'a']],
    ['null', null, ['c', 'b', 'a']],
    ['nulls', { userId: null, opening: null, enabled: null, search: null }, ['c', 'b', 'a']],
    ['a user', { userId: 'ana' }, ['b', 'a']],
    ['an unknown user', { userId: 'eva' }, []],
    ['an opening', { opening: 'Front' }, ['c', 'b']],
    ['an opening that is written otherwise', { opening: ' Jardi\u0301n ' }, ['a']],
    ['an opening in another case', { opening: 'front' }, []],
    ['enabled ones', { enabled: true }, ['c', 'a']],
    ['disabled ones', { enabled: false }, ['b']],
    ['a part of the name, whatever its case', { search: 'front door' }, ['c', 'b']],
    ['a part of the name, without its accent', { search: 'JARDIN' }, ['a']],
    ['a part of the name, with an accent too many', { search: 'frónt' }, ['c', 'b']],
    ['what means something in SQL', { search: '%' }, ['b']],
    ['what means something in SQL, otherwise', { search: 'r_2' }, ['c']],
    ['an empty text', { search: '' }, ['c', 'b', 'a']],
    ['all together', { userId: 'ana', opening: 'Front', enabled: false, search: 'door' }, ['b']],
  ])('by %s', async (_, filter, ids) => {
    expect(await all({ filter })).toEqual(ids);
    expect(await model.createQueries().rules.list({ filter }).totalCount()).toBe(ids.length);
  });

  it("within a user's rules is cut with the user", async () => {
    const of = (userId: string, filter: RuleListArgs['filter']) =>
      look(model.createQueries().rules.listByUser(userId, { filter }));
    expect(await of('luis', {})).toMatchObject({ ids: ['c'] });
    expect(await of('luis', { userId: 'luis' })).toMatchObject({ ids: ['c'] });
    expect(await of('luis', { userId: 'ana' })).toMatchObject({ ids: [], next: false, previous: false });
  });
});

describe('statements', () => {
  it('are run for what is asked for, and no other', async () => {
    await fill(30);
    model.statements.length = 0;
    const connection = model.createQueries().rules.list({ first: 10 });
    expect(model.statements).toHaveLength(0);
    await connection.totalCount();
    expect(model.statements).toHaveLength(1);
    await Promise.all([connection.edges(), connection.hasNextPage(), connection.hasPreviousPage()]);
    expect(model.statements).toHaveLength(2);
  });

  it('do not grow in number with the lists that are asked for', async () => {
    const userIds = Array.from({ length: 1_000 }, (_, i) => `user-${i}`);
    for (const userId of userIds.slice(0, 20)) await model.addRule({ userId });
    const ask = async (count: number) => {
      model.statements.length = 0;
      const queries = model.createQueries();
      const found = await Promise.all(
        userIds.slice(0, count).map(async (userId) => {
          const connection = queries.rules.listByUser(userId, { first: 1, after: undefined });
          return [await connection.edges(), await connection.totalCount(), await connection.hasNextPage()];
        }),
      );
      expect(found.map(([, total]) => total)).toEqual(
        userIds.slice(0, count).map((_, i) => (i < 20 ? 1 : 0)),
      );
      return model.statements.length;
    };
    expect(await ask(1)).toBe(2);
    expect(await ask(1_000)).toBe(2);
  });
});
