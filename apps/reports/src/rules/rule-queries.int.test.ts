import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestReadModel, type TestReadModel } from '../testing/test-read-model.js';
import type { RuleConnection, RuleListArgs } from './rule-queries.js';

let model: TestReadModel;
beforeEach(() => void (model = openTestReadModel()));
afterEach(() => model.close());

/** Reads everything that a client can see of a page. */
async function readPage(connection: RuleConnection) {
  const edges = await connection.edges();
  return {
    ids: edges.map(({ node }) => node.id),
    start: edges[0]?.cursor,
    end: edges.at(-1)?.cursor,
    next: await connection.hasNextPage(),
    previous: await connection.hasPreviousPage(),
  };
}
const queryPage = (args: RuleListArgs) => readPage(model.createQueries().rules.list(args));
const queryIds = async (args: RuleListArgs = {}) => (await queryPage({ first: 200, ...args })).ids;
const addRules = async (count: number) => {
  for (let i = 0; i < count; i++) await model.addRule();
};

describe('a rule connection', () => {
  it('pages forward, newest first, and reports whether there are previous and next pages', async () => {
    await addRules(5);
    const first = await queryPage({ first: 2 });
    expect(first).toMatchObject({ ids: ['rule-5', 'rule-4'], next: true, previous: false });
    const second = await queryPage({ first: 2, after: first.end! });
    expect(second).toMatchObject({ ids: ['rule-3', 'rule-2'], next: true, previous: true });
    const third = await queryPage({ first: 2, after: second.end! });
    expect(third).toMatchObject({ ids: ['rule-1'], next: false, previous: true });
    expect(await queryPage({ first: 2, after: third.end! })).toMatchObject({
      ids: [],
      next: false,
      previous: true,
    });
  });

  it('pages backward in the same order', async () => {
    await addRules(5);
    const last = await queryPage({ last: 2 });
    expect(last).toMatchObject({ ids: ['rule-2', 'rule-1'], next: false, previous: true });
    const before = await queryPage({ last: 2, before: last.start! });
    expect(before).toMatchObject({ ids: ['rule-4', 'rule-3'], next: true, previous: true });
    const first = await queryPage({ last: 2, before: before.start! });
    expect(first).toMatchObject({ ids: ['rule-5'], next: true, previous: false });
    expect(await queryPage({ last: 2, before: first.start! })).toMatchObject({
      ids: [],
      next: true,
      previous: false,
    });
  });

  it('returns a page of the range between two cursors', async () => {
    await addRules(6);
    const ends = {
      after: (await queryPage({ first: 1 })).end!,
      before: (await queryPage({ last: 1 })).start!,
    };
    expect(await queryPage({ ...ends, first: 2 })).toMatchObject({
      ids: ['rule-5', 'rule-4'],
      next: true,
      previous: true,
    });
    expect(await queryPage({ ...ends, last: 2 })).toMatchObject({
      ids: ['rule-3', 'rule-2'],
      next: true,
      previous: true,
    });
    expect(await queryPage(ends)).toMatchObject({
      ids: ['rule-5', 'rule-4', 'rule-3', 'rule-2'],
      next: true,
      previous: true,
    });
  });

  it('continues after the cursor of a rule that was deleted', async () => {
    await addRules(3);
    const first = await queryPage({ first: 2 });
    const state = (await model.repositories.rules.findByIds(['rule-2'])).get('rule-2')!;
    const deleted = {
      state: { ...state, deletedAt: state.updatedAt },
      createdPosition: 2,
      changedPosition: 4,
    };
    await model.write({ rules: [deleted] });
    expect(await queryPage({ first: 2, after: first.end! })).toMatchObject({
      ids: ['rule-1'],
      next: false,
      previous: true,
    });
    expect(await queryIds()).toEqual(['rule-3', 'rule-1']);
    expect(await model.createQueries().rules.list({}).totalCount()).toBe(2);
  });

  it.each(['forward', 'backward'])(
    'visits each rule exactly once when paging %s while rules are added',
    async (way) => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 0, max: 12 }),
          fc.array(fc.record({ size: fc.integer({ min: 1, max: 5 }), added: fc.nat(2) }), {
            minLength: 14,
            maxLength: 14,
          }),
          async (count, steps) => {
            const userId = `user-${Math.max(0, ...(await queryIds()).map((id) => Number(id.slice(5))))}`;
            const existing: string[] = [];
            for (let i = 0; i < count; i++) existing.push((await model.addRule({ userId })).state.id);
            const filter = { userId };
            const seen: string[] = [];
            let cursor: string | undefined;
            let more = true;
            for (const { size, added } of steps) {
              if (!more) break;
              const found =
                way === 'forward'
                  ? await queryPage({ filter, first: size, after: cursor })
                  : await queryPage({ filter, last: size, before: cursor });
              if (way === 'forward') seen.push(...found.ids);
              else seen.unshift(...found.ids);
              more = way === 'forward' ? found.next : found.previous;
              cursor = (way === 'forward' ? found.end : found.start) ?? cursor;
              for (let i = 0; i < added; i++) await model.addRule({ userId });
            }
            expect(new Set(seen).size).toBe(seen.length);
            const seenExisting = seen.filter((id) => existing.includes(id));
            if (!more) expect(seenExisting).toEqual(existing.toReversed());
            // New rules come first in the list, so paging forward never reaches them.
            if (way === 'forward') expect(seen).toEqual(seenExisting);
          },
        ),
        { numRuns: 40 },
      );
    },
  );
});

describe('a rule filter', () => {
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
    ['an opening in another Unicode form', { opening: ' Jardi\u0301n ' }, ['a']],
    ['an opening in another case', { opening: 'front' }, []],
    ['enabled', { enabled: true }, ['c', 'a']],
    ['disabled', { enabled: false }, ['b']],
    ['a part of the name, whatever its case', { search: 'front door' }, ['c', 'b']],
    ['a part of the name, without its accent', { search: 'JARDIN' }, ['a']],
    ['a part of the name, with an accent too many', { search: 'frónt' }, ['c', 'b']],
    ['a character with a meaning in SQL', { search: '%' }, ['b']],
    ['another character with a meaning in SQL', { search: 'r_2' }, ['c']],
    ['an empty text', { search: '' }, ['c', 'b', 'a']],
    ['all fields', { userId: 'ana', opening: 'Front', enabled: false, search: 'door' }, ['b']],
  ])('selects rules by %s', async (_, filter, ids) => {
    expect(await queryIds({ filter })).toEqual(ids);
    expect(await model.createQueries().rules.list({ filter }).totalCount()).toBe(ids.length);
  });

  it('rejects texts that are too long before it normalizes them', async () => {
    const marks = '\u0301\u0327'.repeat(50_000);
    const before = process.cpuUsage();
    const { rules, users } = model.createQueries();
    const filters = { search: marks, opening: marks, userId: marks };
    for (const [field, text] of Object.entries(filters)) {
      expect(() => rules.list({ filter: { [field]: text } })).toThrow(
        expect.objectContaining({
          extensions: {
            code: 'BAD_USER_INPUT',
            faults: [expect.objectContaining({ path: ['filter', field], code: 'TOO_LONG' })],
          },
        }),
      );
    }
    expect(() => rules.list({ after: marks })).toThrow(/after must have at most 512 characters/);
    await expect(rules.findById(marks)).rejects.toThrow(/id must have at most 128 characters/);
    await expect(users.findById(marks)).rejects.toThrow(/id must have at most 128 characters/);
    const { user, system } = process.cpuUsage(before);
    expect(user + system).toBeLessThan(500_000);
  });

  it("combines with the user of a user's list", async () => {
    const listByUser = (userId: string, filter: RuleListArgs['filter']) =>
      readPage(model.createQueries().rules.listByUser(userId, { filter }));
    expect(await listByUser('luis', {})).toMatchObject({ ids: ['c'] });
    expect(await listByUser('luis', { userId: 'luis' })).toMatchObject({ ids: ['c'] });
    expect(await listByUser('luis', { userId: 'ana' })).toMatchObject({
      ids: [],
      next: false,
      previous: false,
    });
  });
});

describe('the statements of rule queries', () => {
  it('run only for requested fields', async () => {
    await addRules(30);
    model.statements.length = 0;
    const connection = model.createQueries().rules.list({ first: 10 });
    expect(model.statements).toHaveLength(0);
    await connection.totalCount();
    expect(model.statements).toHaveLength(1);
    await Promise.all([connection.edges(), connection.hasNextPage(), connection.hasPreviousPage()]);
    expect(model.statements).toHaveLength(2);
  });

  it('hardly increase with the number of requested lists', async () => {
    const userIds = Array.from({ length: 1_000 }, (_, i) => `user-${i}`);
    for (const userId of userIds.slice(0, 20)) await model.addRule({ userId });
    const countStatements = async (count: number) => {
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
    expect(await countStatements(1)).toBe(2);
    // Pages in one statement. Counts in three, or in more on a busy machine: the first ones show how long a count takes.
    expect(await countStatements(1_000)).toBeLessThan(100);
  });
});
