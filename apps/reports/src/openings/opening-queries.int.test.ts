import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConnectionArgs } from '../connections/relay-connection.js';
import { buildProjectedHeardInstant, buildProjectedOpening } from '../testing/projected-records.js';
import { openTestReadModel, type TestReadModel } from '../testing/test-read-model.js';

let model: TestReadModel;
const names = ['Álamo', 'Back', 'Cellar', 'Door', '\u{1f6aa}'.repeat(80)].sort((a, b) =>
  Buffer.compare(Buffer.from(a), Buffer.from(b)),
);
beforeEach(async () => {
  model = openTestReadModel();
  const openings = [...names, 'Of ben'].map((name) =>
    buildProjectedOpening({ userId: name === 'Of ben' ? 'ben' : 'ana', name }),
  );
  await model.write({ openings });
  model.statements.length = 0;
});
afterEach(() => model.close());

async function readPage(args: ConnectionArgs) {
  const connection = model.createQueries().openings.listByUser('ana', args);
  return {
    names: (await connection.nodes()).map(({ name }) => name),
    start: await connection.startCursor(),
    end: await connection.endCursor(),
    previous: await connection.hasPreviousPage(),
    next: await connection.hasNextPage(),
    total: await connection.totalCount(),
  };
}

describe('a connection of openings', () => {
  it.each(['forward', 'backward'])(
    'visits each opening of the user once, by name, paging %s',
    async (direction) => {
      const seen: string[] = [];
      let cursor: string | undefined;
      for (let hasMore = true; hasMore;) {
        const isForward = direction === 'forward';
        const page = await readPage(isForward ? { first: 2, after: cursor } : { last: 2, before: cursor });
        if (isForward) seen.push(...page.names);
        else seen.unshift(...page.names);
        expect(page.total).toBe(5);
        hasMore = isForward ? page.next : page.previous;
        expect(isForward ? page.previous : page.next).toBe(cursor !== undefined);
        cursor = (isForward ? page.end : page.start) ?? undefined;
      }
      expect(seen).toEqual(names);
    },
  );

  it('equals the complete list', async () => {
    const all = await model.createQueries().openings.listAllByUser('ana');
    expect(all.map(({ name }) => name)).toEqual(names);
    expect((await readPage({ first: 200 })).names).toEqual(names);
  });

  it('rejects the cursor of another list', async () => {
    await model.addRule();
    const cursor = (await model.createQueries().rules.list({}).startCursor()) ?? '';
    expect(() => model.createQueries().openings.listByUser('ana', { after: cursor })).toThrow(
      /after must be a cursor/,
    );
  });

  it('costs rows of the request', async () => {
    const { openings } = model.createQueries(undefined, { rows: 7 });
    await openings.listByUser('ana', { first: 4 }).nodes();
    await expect(openings.listByUser('ana', { first: 5 }).nodes()).rejects.toMatchObject({
      extensions: { code: 'OPERATION_TOO_COSTLY', limit: 7 },
    });
  });
});

describe('the last reading of an opening', () => {
  const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 8, minute)).toISOString();
  const heard = (name: string, minute: number) =>
    buildProjectedHeardInstant({ opening: name, at: Date.parse(at(minute)) });

  it('is found for all openings with one statement, without early readings', async () => {
    await model.write({ heardInstants: [heard('Back', 1), heard('Back', 2), heard('Door', 3)] });
    const early = Date.now() + 60_000;
    await model.write({ heardInstants: [buildProjectedHeardInstant({ opening: 'Door', at: early })] });
    const { openings } = model.createQueries();
    model.statements.length = 0;
    const find = (opening: string) => openings.findLastReadingAt({ userId: 'ana', opening });
    expect(await Promise.all(['Door', 'Cellar', 'Back'].map(find))).toEqual([at(3), null, at(2)]);
    expect(model.statements).toHaveLength(1);
  });

  it('costs a row of the request', async () => {
    const { openings } = model.createQueries(undefined, { rows: 1 });
    const find = (opening: string) => openings.findLastReadingAt({ userId: 'ana', opening });
    await expect(Promise.all(['Door', 'Back'].map(find))).rejects.toMatchObject({
      extensions: { code: 'OPERATION_TOO_COSTLY' },
    });
  });
});
