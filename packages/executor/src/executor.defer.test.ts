import { describe, expect, test } from 'vitest';
import type { SubgraphRequest, SubgraphResponse } from './data-sources/data-source.js';
import type { ResponsePart } from './execution/execute-in-parts.js';
import type { Executor, ExecutorContext, ExecutorOptions } from './executor.js';
import type { PreparedRequest, RequestingClient } from './operations/request-preparer.js';
import { createTestExecutor, prepareNow, silentLogger } from './testing/test-executor.js';
import { createTestFederation, type TestFederation } from './testing/test-federation.js';
import { createVaultFederation } from './testing/vault-federation.js';
import { waitUntil } from './testing/wait-until.js';

const BOOKS = [
  { id: '1', title: 'One' },
  { id: '2', title: 'Two' },
];
const fail = (message: string) => () => {
  throw new Error(message);
};

/** Books with their stock in another subgraph, and their readers in a third one. */
const createLibrary = (): TestFederation => {
  let count = 0;
  return createTestFederation({
    books: {
      typeDefs: `
        type Book @key(fields: "id") { id: ID! title: String author: Author }
        type Author { name: String }
        type Query { books: [Book!]! book: Book broken: Book }
        type Mutation { count: Book }
      `,
      resolvers: {
        Query: { books: () => BOOKS, book: () => BOOKS[0], broken: () => null },
        Mutation: { count: () => ({ id: String((count += 1)), title: `counted ${count}` }) },
        Book: {
          __resolveReference: ({ id }: { id: string }) => BOOKS.find((book) => book.id === id) ?? { id },
          author: () => ({ name: 'Ada' }),
        },
      },
    },
    stock: {
      typeDefs: `
        type Book @key(fields: "id") {
          id: ID! left: Int shelf: Shelf torn: String lost: String! sold: Int sequel: Book
        }
        type Shelf { row: Int! place: Int! gone: Int! }
        type Query { open: Boolean closed: Boolean! }
      `,
      resolvers: {
        Query: { open: () => true, closed: () => null },
        Book: {
          left: ({ id }: { id: string }) => Number(id) * 10,
          sold: () => count,
          sequel: () => ({ id: '2' }),
          shelf: () => ({ row: 1, place: 2, gone: null }),
          torn: fail('The page is torn.'),
          lost: fail('The book is lost.'),
        },
      },
    },
    readers: {
      typeDefs: `type Book @key(fields: "id") { id: ID! readers: [String] } type Query { readers: Int }`,
      resolvers: { Query: { readers: () => 3 }, Book: { readers: () => ['Bob'] } },
    },
  });
};

const library = createLibrary();

interface TestOptions extends Partial<ExecutorOptions<ExecutorContext>> {
  readonly variables?: Record<string, unknown>;
  readonly client?: RequestingClient;
}

function prepareInParts(
  executor: Executor<ExecutorContext>,
  query: string,
  { variables = {}, client }: TestOptions = {},
): PreparedRequest {
  const prepared = prepareNow(executor, { query, variables }, { ...client, acceptsParts: true });
  if ('errors' in prepared) throw new AggregateError(prepared.errors, prepared.errors.join('\n'));
  return prepared;
}

/** What a test compares of a part. */
const summarize = ({ result, pending, completed, hasNext }: ResponsePart) => ({
  ...(result && { data: result.data }),
  ...(result?.errors && { errors: result.errors.map(({ path, message }) => [path?.join('.'), message]) }),
  ...(pending.length > 0 && { pending: pending.map(({ path, label }) => [path.join('.'), label]) }),
  ...(completed.length > 0 && {
    completed: completed.map(({ fragment, added, errors }) => ({
      at: fragment.path.join('.'),
      ...(fragment.label !== undefined && { label: fragment.label }),
      added: added
        ? Object.fromEntries(added.map(({ path, data }) => [path.join('.'), structuredClone(data)]))
        : null,
      ...(errors.length > 0 && { errors: errors.map(({ path, message }) => [path?.join('.'), message]) }),
    })),
  }),
  hasNext,
});

async function collect(parts: AsyncIterable<ResponsePart>) {
  const collected = [];
  for await (const part of parts)
    collected.push(JSON.parse(JSON.stringify(summarize(part))) as ReturnType<typeof summarize>);
  return collected;
}

const executeInParts = (query: string, options: TestOptions = {}, federation = library) => {
  const executor = createTestExecutor(federation, {}, options);
  return collect(executor.executeInParts(prepareInParts(executor, query, options), {}));
};

describe('a deferred fragment', () => {
  test('is sent in a separate part for each object', async () => {
    expect(await executeInParts('{ books { id ... @defer(label: "stock") { left } } }')).toStrictEqual([
      {
        data: { books: [{ id: '1' }, { id: '2' }] },
        pending: [
          ['books.0', 'stock'],
          ['books.1', 'stock'],
        ],
        hasNext: true,
      },
      {
        completed: [
          { at: 'books.0', label: 'stock', added: { '': { left: 10 } } },
          { at: 'books.1', label: 'stock', added: { '': { left: 20 } } },
        ],
        hasNext: false,
      },
    ]);
  });

  test('adds only what the client has not, also inside objects that it has', async () => {
    const query = '{ book { title shelf { row } ... @defer { title left shelf { row place } } } }';
    expect(await executeInParts(query)).toStrictEqual([
      { data: { book: { title: 'One', shelf: { row: 1 } } }, pending: [['book', null]], hasNext: true },
      { completed: [{ at: 'book', added: { '': { left: 10 }, shelf: { place: 2 } } }], hasNext: false },
    ]);
  });

  test('can be inside another one, at the root, and in a named fragment that is spread twice', async () => {
    const query = `{
      ... @defer(label: "outer") { book { id ... @defer(label: "inner") { left } } }
      one: book { ...Stock } two: book { ...Stock }
    } fragment Stock on Book { title ... @defer(label: "stock") { left } }`;
    const parts = await executeInParts(query);
    expect(parts[0]).toStrictEqual({
      data: { one: { title: 'One' }, two: { title: 'One' } },
      pending: [
        ['', 'outer'],
        ['one', 'stock'],
        ['two', 'stock'],
      ],
      hasNext: true,
    });
    expect(parts.flatMap(({ pending = [] }) => pending)).toContainEqual(['book', 'inner']);
    expect(
      parts.flatMap(({ completed = [] }) => completed.map(({ label, added }) => [label, added])),
    ).toEqual(
      expect.arrayContaining([
        ['outer', { '': { book: { id: '1' } } }],
        ['inner', { '': { left: 10 } }],
        ['stock', { '': { left: 10 } }],
        ['stock', { '': { left: 10 } }],
      ]),
    );
    expect(parts.at(-1)).toMatchObject({ hasNext: false });
  });

  test.each([
    ['the variable of if is false', 'query ($late: Boolean) { book { id ... @defer(if: $late) { left } } }'],
    ['if is false', '{ book { id ... @defer(if: false) { left } } }'],
    [
      'there are more fragments than maxDeferredFragments',
      '{ book { id ... @defer { left } ... @defer { sold } } }',
    ],
    ['it is at the root of a mutation', 'mutation { ... @defer { count { id } } }'],
    ['it is a part of the introspection', '{ __schema { ... @defer { queryType { name } } } }'],
  ])('is in the only response if %s', (_, query) => {
    const executor = createTestExecutor(library, {}, { maxDeferredFragments: 1 });
    const { compiledOperation } = prepareInParts(executor, query, { variables: { late: false } });
    expect(compiledOperation.deferral).toBeUndefined();
  });

  test('is deferred if the variable of if is true or absent', () => {
    const query = 'query ($late: Boolean) { book { id ... @defer(if: $late) { left } } }';
    const executor = createTestExecutor(library);
    for (const variables of [{}, { late: true }])
      expect(prepareInParts(executor, query, { variables }).compiledOperation.deferral).toBeDefined();
  });

  test('is in the only response of a client that accepts no parts', async () => {
    const executor = createTestExecutor(library);
    const query = '{ book { id ... @defer { left } } }';
    prepareInParts(executor, query);
    const prepared = prepareNow(executor, { query });
    if ('errors' in prepared) throw new AggregateError(prepared.errors);
    expect(await executor.execute(prepared, {})).toEqual({ data: { book: { id: '1', left: 10 } } });
    expect(await collect(executor.executeInParts(prepared, {}))).toStrictEqual([
      { data: { book: { id: '1', left: 10 } }, hasNext: false },
    ]);
  });

  test('is not announced where there is no object', async () => {
    expect(await executeInParts('{ broken { id ... @defer { left } } }')).toStrictEqual([
      { data: { broken: null }, hasNext: false },
    ]);
  });
});

test('a response in parts cannot be executed as one', async () => {
  const executor = createTestExecutor(library);
  const prepared = prepareInParts(executor, '{ book { id ... @defer { left } } }');
  await expect(executor.execute(prepared, {})).rejects.toThrow('Call executeInParts instead.');
});

describe('errors of deferred fields', () => {
  test('are in their own part', async () => {
    const parts = await executeInParts('{ books { id ... @defer { torn left } } }');
    expect(parts[0]).not.toHaveProperty('errors');
    expect(parts[1]?.completed).toStrictEqual([
      {
        at: 'books.0',
        added: { '': { torn: null, left: 10 } },
        errors: [['books.0.torn', 'The page is torn.']],
      },
      {
        at: 'books.1',
        added: { '': { torn: null, left: 20 } },
        errors: [['books.1.torn', 'The page is torn.']],
      },
    ]);
  });

  test('end at the fragment: what was sent before stays', async () => {
    const parts = await executeInParts('{ book { title ... @defer { lost } ... @defer { left } } }');
    expect(parts[0]).toMatchObject({ data: { book: { title: 'One' } } });
    const completed = parts.flatMap((part) => part.completed ?? []);
    expect(completed).toContainEqual({
      at: 'book',
      added: null,
      errors: [['book.lost', 'The book is lost.']],
    });
    expect(completed).toContainEqual({ at: 'book', added: { '': { left: 10 } } });
  });

  test('do not take objects away that the client has', async () => {
    const parts = await executeInParts('{ book { shelf { row } ... @defer { left shelf { gone } } } }');
    expect(parts[0]).toMatchObject({ data: { book: { shelf: { row: 1 } } } });
    expect(parts[1]?.completed).toMatchObject([
      { added: null, errors: [['book.shelf.gone', expect.any(String)]] },
    ]);
  });

  test('are in the first part, and not repeated, if it has their fields too', async () => {
    const parts = await executeInParts('{ book { torn ... @defer { torn left } } }');
    expect(parts[0]).toMatchObject({ errors: [['book.torn', 'The page is torn.']] });
    expect(parts[1]?.completed).toStrictEqual([{ at: 'book', added: { '': { left: 10 } } }]);
  });

  test('of a subgraph that fails have the paths of the objects', async () => {
    const createDataSource: TestOptions['createDataSource'] = (subgraph) =>
      subgraph.name === 'stock'
        ? { fetch: () => Promise.resolve({ data: null, errors: [{ message: 'down' }] }) }
        : library.dataSource(subgraph);
    const parts = await executeInParts('{ books { id ... @defer { left } } }', { createDataSource });
    expect(parts[1]?.completed).toStrictEqual([
      { at: 'books.0', added: { '': { left: null } }, errors: [['books.0', 'down']] },
      { at: 'books.1', added: { '': { left: null } }, errors: [['books.1', 'down']] },
    ]);
  });

  test('at the root end there', async () => {
    expect(await executeInParts('{ open ... @defer { closed } }')).toMatchObject([
      { data: { open: true }, pending: [['', null]] },
      { completed: [{ at: '', added: null, errors: [['closed', expect.any(String)]] }], hasNext: false },
    ]);
  });
});

/** Options in which the requests to some subgraphs wait until the test lets them go. */
function holdSubgraphs(...names: readonly string[]) {
  const held = new Map<string, () => void>();
  const options: TestOptions = {
    createDataSource(subgraph) {
      const dataSource = library.dataSource(subgraph);
      return {
        async fetch(request: SubgraphRequest, context): Promise<SubgraphResponse> {
          if (names.includes(subgraph.name))
            await new Promise<void>((resolve) => held.set(subgraph.name, resolve));
          return dataSource.fetch(request, context);
        },
      };
    },
  };
  return { held, options, release: (name: string) => held.get(name)?.() };
}

describe('fetches of deferred fragments', () => {
  test('begin as soon as those that they depend on are done, and wait for no others', async () => {
    const { held, options, release } = holdSubgraphs('stock', 'readers');
    const query = '{ books { id left ... @defer { readers } } }';
    const result = executeInParts(query, options);
    await waitUntil(() => held.size === 2);
    release('readers');
    release('stock');
    expect(await result).toMatchObject([
      { data: { books: [{ id: '1', left: 10 }, {}] } },
      { completed: [{ added: { '': { readers: ['Bob'] } } }, {}] },
    ]);
  });

  test('that are slow do not delay other parts', async () => {
    const { held, options, release } = holdSubgraphs('stock');
    const executor = createTestExecutor(library, {}, options);
    const query = '{ book { id ... @defer { left } ... @defer { readers } } }';
    const parts = executor.executeInParts(prepareInParts(executor, query), {});
    const next = async () => {
      const { value } = await parts.next();
      return value ? summarize(value) : undefined;
    };
    expect(await next()).toMatchObject({ data: { book: { id: '1' } } });
    expect(await next()).toMatchObject({
      completed: [{ added: { '': { readers: ['Bob'] } } }],
      hasNext: true,
    });
    await waitUntil(() => held.has('stock'));
    release('stock');
    expect(await next()).toMatchObject({ completed: [{ added: { '': { left: 10 } } }], hasNext: false });
    expect(await next()).toBeUndefined();
  });

  test('do not begin after the client has gone', async () => {
    const query = '{ book { id ... @defer { sequel { id ... @defer { readers } } } } }';
    const countRequests = () => library.requests.filter(({ service }) => service === 'readers').length;
    const start = countRequests();
    for (const isGone of [true, false]) {
      const { held, options, release } = holdSubgraphs('stock');
      const executor = createTestExecutor(library, {}, options);
      const parts = executor.executeInParts(prepareInParts(executor, query), {});
      await parts.next();
      await waitUntil(() => held.has('stock'));
      if (isGone) await parts.return();
      release('stock');
      expect(await collect(parts)).toMatchObject(isGone ? [] : [{ hasNext: true }, { hasNext: false }]);
    }
    // The requests of the client that has stayed came later than those of the other one.
    expect(countRequests()).toBe(start + 1);
  });

  test('of a mutation follow all its root fields', async () => {
    const federation = createLibrary();
    const query = `mutation { one: count { id ... @defer { title sold } } two: count { id ... @defer { sold } } }`;
    const parts = await executeInParts(query, {}, federation);
    expect(parts[0]).toMatchObject({ data: { one: { id: '1' }, two: { id: '2' } }, hasNext: true });
    const added = parts.flatMap(({ completed = [] }) => completed.map((each) => each.added?.['']));
    expect(added).toHaveLength(2);
    for (const each of added) expect(each).toMatchObject({ sold: 2 });
    const kinds = federation.requests.map(({ query: text }) => text.startsWith('mutation'));
    expect(kinds.lastIndexOf(true)).toBeLessThan(kinds.indexOf(false));
  });
});

test('the parts of a response have the errors of fields that the client may not access', async () => {
  const vault = createVaultFederation();
  const executor = createTestExecutor(vault, {}, { authorization: { logErrors: false } });
  const query = '{ people { name ... @defer { email } ... @defer { card } } }';
  const parts = await collect(executor.executeInParts(prepareInParts(executor, query), {}));
  expect(parts[0]).toMatchObject({ data: { people: [{ name: 'Ada' }, { name: 'Bob' }] } });
  expect(parts[0]).not.toHaveProperty('errors');
  const completed = parts.flatMap((part) => part.completed ?? []);
  expect(completed).toHaveLength(4);
  for (const index of [0, 1]) {
    expect(completed).toContainEqual({
      at: `people.${index}`,
      added: { '': { email: null } },
      errors: [[`people.${index}.email`, 'Unauthorized field or type']],
    });
    expect(completed).toContainEqual({
      at: `people.${index}`,
      added: null,
      errors: [[`people.${index}.card`, 'Unauthorized field or type']],
    });
  }
  expect(vault.requests.some(({ query: text }) => /email|card/.test(text))).toBe(false);
});

describe('a reload', () => {
  test('lets a deferred response end on the data sources with which it began', async () => {
    const { held, options, release } = holdSubgraphs('stock');
    const closed: string[] = [];
    const executor = createTestExecutor(
      library,
      {},
      {
        createDataSource: (subgraph) => ({
          ...(options.createDataSource?.(subgraph) ?? library.dataSource(subgraph)),
          close: () => Promise.resolve(void closed.push(subgraph.name)),
        }),
      },
    );
    const prepared = prepareInParts(executor, '{ book { id ... @defer { left } } }');
    const parts = executor.executeInParts(prepared, {});
    await parts.next();
    await waitUntil(() => held.has('stock'));
    await executor.reload(library.supergraphSdl.replaceAll('.test/', '.moved/'));
    expect(closed).toEqual([]);
    release('stock');
    const { value } = await parts.next();
    expect(value && summarize(value)).toMatchObject({ completed: [{ added: { '': { left: 10 } } }] });
    await waitUntil(() => closed.length === 3);
    // What was prepared before the reload is prepared again.
    const { value: first } = await executor.executeInParts(prepared, {}).next();
    expect(first && summarize(first)).toMatchObject({ data: { book: { id: '1' } }, hasNext: true });
  });
});

test('plans of deferred fragments are shown with their fetches', () => {
  const executor = createTestExecutor(library, {}, { logger: silentLogger });
  const { queryPlan } = prepareInParts(executor, '{ book { id ... @defer(label: "stock") { left } } }');
  expect(queryPlan).toMatchObject({
    node: {
      kind: 'Defer',
      primary: { node: { kind: 'Fetch', id: '0', serviceName: 'books' } },
      deferred: [{ depends: [{ id: '0' }], label: 'stock', node: { kind: 'Flatten' } }],
    },
  });
});
