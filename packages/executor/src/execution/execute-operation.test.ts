import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { ExecutorOptions } from '../executor.js';
import type { SubgraphRequest, SubgraphResponse } from '../data-sources/data-source.js';
import type { OperationContext } from '../shared/operation-context.js';
import { createTestExecutor, executeTestRequest, silentLogger } from '../testing/test-executor.js';
import { createShopFederation } from '../testing/shop-federation.js';

const federation = createShopFederation();
beforeEach(() => {
  federation.requests.length = 0;
});

type ExecuteOptions = Parameters<typeof executeTestRequest>[2] & Partial<ExecutorOptions<OperationContext>>;
const execute = (query: string, { variables = {}, context = {}, ...options }: ExecuteOptions = {}) =>
  executeTestRequest(createTestExecutor(federation, {}, options), query, { variables, context });

/** Options in which one subgraph of the shop responds as the test defines. */
const replaceSubgraph = (
  name: string,
  fetch: (request: SubgraphRequest) => SubgraphResponse,
): Pick<ExecutorOptions<OperationContext>, 'createDataSource'> => ({
  createDataSource: (subgraph) =>
    subgraph.name === name
      ? { fetch: (request) => Promise.resolve(fetch(request)) }
      : federation.dataSource(subgraph),
});
const failSubgraph = (name: string) =>
  replaceSubgraph(name, () => ({
    data: null,
    errors: [{ message: `${name} is down`, extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }],
  }));

const listRepresentations = (service: string) =>
  federation.requests
    .filter((request) => request.service === service)
    .map(({ variables }) => variables['representations']);

describe('entity fetches', () => {
  test('request each entity once and merge it everywhere', async () => {
    expect(await execute('{ reviews { id author { name } } }')).toEqual({
      data: {
        reviews: [
          { id: '1', author: { name: 'Ada' } },
          { id: '2', author: { name: 'Bob' } },
          { id: '3', author: { name: 'Ada' } },
        ],
      },
    });
    expect(listRepresentations('authors')).toEqual([
      [
        { __typename: 'Author', id: 'a' },
        { __typename: 'Author', id: 'b' },
      ],
    ]);
  });

  test('are split into batches of maxEntitiesPerFetch', async () => {
    const { data } = await execute('{ reviews { author { name } } }', { maxEntitiesPerFetch: 1 });
    expect(data?.['reviews']).toHaveLength(3);
    expect(listRepresentations('authors')).toHaveLength(2);
  });

  test('of equal selections at several positions share their entities', async () => {
    const query = `{
      reviews { author { name } }
      others: reviews(ids: ["2"]) { author { name } }
      book { reviews { author { n: name } } }
    }`;
    const { data, errors } = await execute(query);
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({
      others: [{ author: { name: 'Ada' } }, { author: { name: 'Bob' } }, { author: { name: 'Ada' } }],
      book: { reviews: [{ author: { n: 'Ada' } }, { author: { n: 'Bob' } }, { author: { n: 'Ada' } }] },
    });
    const authors = [{ id: 'a' }, { id: 'b' }];
    // One for `name` and one for `n: name`, in one request.
    expect(federation.requests.filter(({ service }) => service === 'authors')).toMatchObject([
      { variables: { representations_0: authors, representations_1: authors } },
    ]);
  });

  test('that fail are sent again for each position', async () => {
    const query = '{ reviews { author { name mood } } others: reviews { author { name mood } } }';
    const { errors } = await execute(query, failSubgraph('authors'));
    expect(errors?.map(({ path }) => path)).toEqual([['reviews'], ['others']]);
  });

  test('merge nested lists by index', async () => {
    expect(await execute('{ book { grid { x y } } }')).toEqual({
      data: {
        book: {
          grid: [
            [{ x: 1, y: 10 }],
            [
              { x: 2, y: 20 },
              { x: 3, y: 30 },
            ],
          ],
        },
      },
    });
  });

  test('accept a client variable named representations', async () => {
    const query = 'query ($representations: [ID!]) { reviews(ids: $representations) { author { name } } }';
    const { errors } = await execute(query, { variables: { representations: ['1'] } });
    expect(errors).toBeUndefined();
    expect(federation.requests.map(({ variables }) => Object.keys(variables))).toEqual([
      ['representations_'],
      ['representations'],
    ]);
  });

  test('accept a condition variable named representations', async () => {
    const query =
      'query ($representations: Boolean!) { reviews(ids: ["1"]) { author { name @include(if: $representations) } } }';
    const selectsName = async (representations: boolean) => {
      const { data } = await execute(query, { variables: { representations } });
      return JSON.stringify(data).includes('"name"');
    };
    expect([await selectsName(true), await selectsName(false)]).toEqual([true, false]);
  });

  test('are not sent after the signal aborted', async () => {
    const controller = new AbortController();
    const executor = createTestExecutor(
      federation,
      {},
      {
        createDataSource: (subgraph) => ({
          fetch(request, context) {
            controller.abort();
            return federation.dataSource(subgraph).fetch(request, context);
          },
        }),
      },
    );
    await executeTestRequest(executor, '{ reviews { author { name } } }', {
      context: { signal: controller.signal },
    });
    expect(federation.requests.map(({ service }) => service)).toEqual(['reviews']);
  });
});

describe('the response projection', () => {
  test('orders keys like the operation, with fragments on all types', async () => {
    const query = `{
      lamp { stars ... on Product { ... on Lamp { watts upc } } }
      products { ... on Book { heavy } upc ...L }
    } fragment L on Lamp { stars kind: __typename }`;
    const result = await execute(query);
    expect(JSON.stringify(result)).toBe(
      '{"data":{"lamp":{"stars":4,"watts":3,"upc":"lamp"},"products":[{"heavy":true,"upc":"book"},null,' +
        '{"upc":"lamp","stars":4,"kind":"Lamp"},{"heavy":true,"upc":"book"}]}}',
    );
  });

  test('accepts any response key', async () => {
    const { data } = await execute('{ __proto__: lamp { constructor: watts upc: watts toString: upc } }');
    expect(JSON.stringify(data)).toBe('{"__proto__":{"constructor":3,"upc":3,"toString":"lamp"}}');
  });

  test('never changes a prototype', async () => {
    await execute('{ __proto__: lamp { polluted: upc __proto__: stars } }');
    const options = replaceSubgraph('reviews', () => ({
      data: JSON.parse('{"_entities":[{"__proto__":{"polluted":1},"stars":4}]}') as Record<string, unknown>,
      errors: [{ message: 'No.', path: ['_entities', 0, '__proto__', 'stars'] }],
    }));
    expect(await execute('{ lamp { stars } }', options)).toMatchObject({
      data: { lamp: { stars: 4 } },
      errors: [{ message: 'No.', path: ['lamp'] }],
    });
    expect('polluted' in {}).toBe(false);
  });

  test('contains mutation fields that were executed one after the other', async () => {
    const { data } = await execute(
      'mutation { a: sell { count } b: sell { count } c: sell { id } d: sell { count } }',
    );
    const counts = ['a', 'b', 'd'].map((name) => (data?.[name] as { count: number }).count);
    expect(counts).toEqual([1, 2, 4]);
  });

  test.each([
    ['a number outside the range of Int', { number: 2 ** 31 }, 'number'],
    ['a string for an Int', { number: '1' }, 'number'],
    ['a list for an ID', { id: ['1'] }, 'id'],
  ])('rejects %s', async (_, value, field) => {
    const result = await execute(
      `{ scalars { ${field} } }`,
      replaceSubgraph('products', () => ({ data: { scalars: value } })),
    );
    expect(result).toMatchObject({
      data: { scalars: { [field]: null } },
      errors: [{ path: ['scalars', field], extensions: { code: 'SUBGRAPH_BAD_RESPONSE' } }],
    });
  });

  test('rejects unknown enum values and types', async () => {
    const result = await execute(
      '{ lamp { color } product(upc: 1) { upc } }',
      replaceSubgraph('products', () => ({
        data: { lamp: { color: 'PINK' }, product: { __typename: 'Ghost', upc: '1' } },
      })),
    );
    expect(result).toMatchObject({
      data: { lamp: { color: null }, product: null },
      errors: [{ path: ['lamp', 'color'] }, { path: ['product'] }],
    });
    expect(JSON.stringify(result)).not.toMatch(/PINK|Ghost/);
  });

  test('serializes integer IDs as strings', async () => {
    const options = replaceSubgraph('products', () => ({ data: { scalars: { id: 7 } } }));
    expect(await execute('{ scalars { id } }', options)).toEqual({ data: { scalars: { id: '7' } } });
  });
});

describe('an error of a subgraph', () => {
  test('has a path with list indexes', async () => {
    const { data, errors } = await execute('{ products { ... on Book { torn: broken } upc } }');
    expect(data?.['products']).toEqual([
      { torn: null, upc: 'book' },
      null,
      { upc: 'lamp' },
      { torn: null, upc: 'book' },
    ]);
    expect(errors).toEqual(
      [0, 3].map((index) => ({
        message: 'Torn.',
        path: ['products', index, 'torn'],
        extensions: { code: 'TORN', serviceName: 'reviews' },
      })),
    );
  });

  test('in an entity is reported at each position of the entity', async () => {
    const { errors } = await execute('{ reviews { author { mood } } more: reviews { author { mood } } }');
    expect(errors?.map(({ path }) => path?.join('.'))).toEqual([
      'reviews.1.author.mood',
      'more.1.author.mood',
    ]);
  });

  test('is added for a null at a non-null field, which propagates', async () => {
    const options = replaceSubgraph('products', () => ({
      data: { scalars: { text: 'yes', otherText: null } },
    }));
    expect(await execute('{ scalars { text otherText } }', options)).toEqual({
      data: { scalars: null },
      errors: [
        {
          message: 'Cannot return null for non-nullable field Scalars.otherText.',
          path: ['scalars', 'otherText'],
          extensions: { code: 'SUBGRAPH_BAD_RESPONSE' },
        },
      ],
    });
  });

  test('in a required field that the client did not select is reported as DEPENDENCY_FAILED', async () => {
    const debug = vi.fn();
    const result = await execute('{ book { upc cheap } }', { logger: { ...silentLogger, debug } });
    expect(result).toEqual({
      data: { book: { upc: 'book', cheap: null } },
      errors: [
        {
          message: 'A field that this one depends on failed.',
          path: ['book', 'cheap'],
          extensions: {
            code: 'DEPENDENCY_FAILED',
            cause: { message: 'No price.', code: 'NO_PRICE' },
            serviceName: 'products',
          },
        },
      ],
    });
    expect(JSON.stringify(debug.mock.calls)).toContain('No price.');
  });

  test('in a required field that the client selected is reported at both fields', async () => {
    const { errors } = await execute('{ book { cheap price } }');
    expect(errors?.map(({ path, message }) => [path?.join('.'), message])).toEqual([
      ['book.cheap', 'A field that this one depends on failed.'],
      ['book.price', 'No price.'],
    ]);
  });

  test('only affects the fields that require the failed field', async () => {
    const { data, errors } = await execute('{ book { cheap heavy reviews { id } } }');
    expect(data).toMatchObject({ book: { cheap: null, heavy: true, reviews: [{ id: '1' }, {}, {}] } });
    expect(errors?.map(({ path }) => path?.join('.'))).toEqual(['book.cheap']);
  });

  test('that propagated null in the subgraph is reported at the failed field only', async () => {
    const options = replaceSubgraph('reviews', () => ({
      data: { _entities: [null] },
      errors: [{ message: 'Lost.', path: ['_entities', 0, 'reviews'] }],
    }));
    const { data, errors } = await execute('{ book { upc heavy reviews { id } } }', options);
    expect(data).toEqual({ book: null });
    expect(errors?.map(({ path, message }) => [path, message])).toEqual([[['book', 'reviews'], 'Lost.']]);
  });

  test('without a path is reported together with the data', async () => {
    const options = replaceSubgraph('products', () => ({
      data: { scalars: { text: 'yes' } },
      errors: [{ message: 'Odd.' }],
    }));
    expect(await execute('{ scalars { text } }', options)).toEqual({
      data: { scalars: { text: 'yes' } },
      errors: [
        { message: 'Odd.', extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', serviceName: 'products' } },
      ],
    });
  });
});

describe('a subgraph that does not respond', () => {
  test('causes an error at each root field', async () => {
    const { data, errors } = await execute(
      '{ a: book { upc } lamp { upc } reviews { id } }',
      failSubgraph('products'),
    );
    expect(data).toMatchObject({ a: null, lamp: null, reviews: [{ id: '1' }, { id: '2' }, { id: '3' }] });
    expect(errors?.map(({ path, extensions }) => [path, extensions?.['serviceName']])).toEqual([
      [['a'], 'products'],
      [['lamp'], 'products'],
    ]);
  });

  test('causes one error for all entities of a list', async () => {
    const { data, errors } = await execute(
      '{ reviews { id author { id mood name } } }',
      failSubgraph('authors'),
    );
    expect(data?.['reviews']).toContainEqual({ id: '1', author: null });
    expect(errors).toEqual([
      {
        message: 'authors is down',
        path: ['reviews'],
        extensions: { code: 'SUBGRAPH_UNAVAILABLE', serviceName: 'authors' },
      },
    ]);
  });

  test('causes an error where other fetches depend on it', async () => {
    const { data, errors } = await execute('{ authors { id } book { heavy } }', failSubgraph('products'));
    expect(data?.['book']).toBeNull();
    expect(errors).toMatchObject([{ message: 'products is down', path: ['book'] }]);
  });

  test('causes null for its part of objects that several subgraphs resolve', async () => {
    const { data, errors } = await execute('{ book { upc grid { x y } heavy } }', failSubgraph('reviews'));
    expect(data).toEqual({
      book: {
        upc: 'book',
        grid: [
          [{ x: 1, y: null }],
          [
            { x: 2, y: null },
            { x: 3, y: null },
          ],
        ],
        heavy: null,
      },
    });
    expect(errors).toMatchObject([{ message: 'reviews is down', path: ['book'] }]);
  });

  test('prevents fetches that depend on it', async () => {
    await execute('{ reviews { author { name } } }', failSubgraph('reviews'));
    expect(federation.requests).toEqual([]);
  });
});

test('onExtensions receives the extensions of subgraph responses', async () => {
  const onExtensions = vi.fn();
  const options = replaceSubgraph('products', () => ({ data: { scalars: null }, extensions: { at: 7 } }));
  expect(await execute('{ scalars { id } }', { ...options, context: { onExtensions } })).toEqual({
    data: { scalars: null },
  });
  expect(onExtensions).toHaveBeenCalledExactlyOnceWith({ at: 7 });
});
