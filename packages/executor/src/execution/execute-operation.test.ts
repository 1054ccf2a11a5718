import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { ExecutorOptions } from '../executor.js';
import type { OperationContext } from '../data-sources/data-source.js';
import type { SubgraphResponse } from '../data-sources/subgraph-response.js';
import type { SubgraphRequest } from '../data-sources/data-source.js';
import { createTestExecutor, executeTestRequest, silentLogger } from '../testing/test-executor.js';
import { createShopFederation } from '../testing/shop-federation.js';

const federation = createShopFederation();
beforeEach(() => {
  federation.requests.length = 0;
});

type Given = Parameters<typeof executeTestRequest>[2] & Partial<ExecutorOptions<OperationContext>>;
const answer = (query: string, { variables = {}, context = {}, ...options }: Given = {}) =>
  executeTestRequest(createTestExecutor(federation, {}, options), query, { variables, context });

/** The shop, with one subgraph that answers as a test wishes. */
const withSubgraph = (
  name: string,
  fetch: (request: SubgraphRequest) => SubgraphResponse,
): Pick<ExecutorOptions<OperationContext>, 'createDataSource'> => ({
  createDataSource: (subgraph) =>
    subgraph.name === name
      ? { fetch: (request) => Promise.resolve(fetch(request)) }
      : federation.dataSource(subgraph),
});
const down = (name: string) =>
  withSubgraph(name, () => ({
    data: null,
    errors: [{ message: `${name} is down`, extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }],
  }));

const representations = (service: string) =>
  federation.requests
    .filter((each) => each.service === service)
    .map(({ variables }) => variables['representations']);

describe('what is fetched', () => {
  test('is each entity once, laid on every place of it', async () => {
    expect(await answer('{ reviews { id author { name } } }')).toEqual({
      data: {
        reviews: [
          { id: '1', author: { name: 'Ada' } },
          { id: '2', author: { name: 'Bob' } },
          { id: '3', author: { name: 'Ada' } },
        ],
      },
    });
    expect(representations('authors')).toEqual([
      [
        { __typename: 'Author', id: 'a' },
        { __typename: 'Author', id: 'b' },
      ],
    ]);
  });

  test('is asked for in several requests where it is much', async () => {
    const { data } = await answer('{ reviews { author { name } } }', { maxEntitiesPerFetch: 1 });
    expect(data?.['reviews']).toHaveLength(3);
    expect(representations('authors')).toHaveLength(2);
  });

  test('is once what an operation asks in several places, as far as it is the same', async () => {
    const query = `{
      reviews { author { name } }
      others: reviews(ids: ["2"]) { author { name } }
      book { reviews { author { n: name } } }
    }`;
    const { data, errors } = await answer(query);
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({
      others: [{ author: { name: 'Ada' } }, { author: { name: 'Bob' } }, { author: { name: 'Ada' } }],
      book: { reviews: [{ author: { n: 'Ada' } }, { author: { n: 'Bob' } }, { author: { n: 'Ada' } }] },
    });
    expect(representations('authors')).toHaveLength(2);
  });

  test('is asked for by each place that wants it, where it could not be had for another', async () => {
    const query = '{ reviews { author { name mood } } others: reviews { author { name mood } } }';
    const { errors } = await answer(query, down('authors'));
    expect(errors?.map(({ path }) => path)).toEqual([['reviews'], ['others']]);
  });

  test('of lists in lists is merged element by element', async () => {
    expect(await answer('{ book { grid { x y } } }')).toEqual({
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

  test('needs no name of a variable for itself', async () => {
    const query = 'query ($representations: [ID!]) { reviews(ids: $representations) { author { name } } }';
    const { errors } = await answer(query, { variables: { representations: ['1'] } });
    expect(errors).toBeUndefined();
    expect(federation.requests.map(({ variables }) => Object.keys(variables))).toEqual([
      ['representations_'],
      ['representations'],
    ]);
  });

  test("heeds a condition of the client's by that name too", async () => {
    const query =
      'query ($representations: Boolean!) { reviews(ids: ["1"]) { author { name @include(if: $representations) } } }';
    const named = async (representations: boolean) => {
      const { data } = await answer(query, { variables: { representations } });
      return JSON.stringify(data).includes('"name"');
    };
    expect([await named(true), await named(false)]).toEqual([true, false]);
  });

  test('is nothing more where the client has left', async () => {
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

describe('an answer', () => {
  test('is in the order of the operation, with fragments on any type that leads to an object', async () => {
    const query = `{
      lamp { stars ... on Product { ... on Lamp { watts upc } } }
      products { ... on Book { heavy } upc ...L }
    } fragment L on Lamp { stars kind: __typename }`;
    const result = await answer(query);
    expect(JSON.stringify(result)).toBe(
      '{"data":{"lamp":{"stars":4,"watts":3,"upc":"lamp"},"products":[{"heavy":true,"upc":"book"},null,' +
        '{"upc":"lamp","stars":4,"kind":"Lamp"},{"heavy":true,"upc":"book"}]}}',
    );
  });

  test('has the names of the operation, whatever they are', async () => {
    const { data } = await answer('{ __proto__: lamp { constructor: watts upc: watts toString: upc } }');
    expect(JSON.stringify(data)).toBe('{"__proto__":{"constructor":3,"upc":3,"toString":"lamp"}}');
  });

  test('touches no prototype, whatever a client or a subgraph calls what it gives', async () => {
    await answer('{ __proto__: lamp { polluted: upc __proto__: stars } }');
    const given = withSubgraph('reviews', () => ({
      data: JSON.parse('{"_entities":[{"__proto__":{"polluted":1},"stars":4}]}') as Record<string, unknown>,
      errors: [{ message: 'No.', path: ['_entities', 0, '__proto__', 'stars'] }],
    }));
    expect(await answer('{ lamp { stars } }', given)).toEqual({ data: { lamp: { stars: 4 } } });
    expect('polluted' in {}).toBe(false);
  });

  test('to a mutation tells of each field before the next one is made', async () => {
    const { data } = await answer(
      'mutation { a: sell { count } b: sell { count } c: sell { id } d: sell { count } }',
    );
    const counts = ['a', 'b', 'd'].map((name) => (data?.[name] as { count: number }).count);
    expect(counts).toEqual([1, 2, 4]);
  });

  test.each([
    ['a number that is none of the type Int', { number: 2 ** 31 }, 'number'],
    ['text where a number is due', { number: '1' }, 'number'],
    ['a list where a value is due', { id: ['1'] }, 'id'],
  ])('is checked: %s', async (_, given, field) => {
    const result = await answer(
      `{ kept { ${field} } }`,
      withSubgraph('products', () => ({ data: { kept: given } })),
    );
    expect(result).toMatchObject({
      data: { kept: { [field]: null } },
      errors: [{ path: ['kept', field], extensions: { code: 'SUBGRAPH_BAD_RESPONSE' } }],
    });
  });

  test('has no value of an enum, and no type, that the schema does not have', async () => {
    const result = await answer(
      '{ lamp { color } product(upc: 1) { upc } }',
      withSubgraph('products', () => ({
        data: { lamp: { color: 'PINK' }, product: { __typename: 'Ghost', upc: '1' } },
      })),
    );
    expect(result).toMatchObject({
      data: { lamp: { color: null }, product: null },
      errors: [{ path: ['lamp', 'color'] }, { path: ['product'] }],
    });
    expect(JSON.stringify(result)).not.toMatch(/PINK|Ghost/);
  });

  test('has identifiers as text', async () => {
    const given = withSubgraph('products', () => ({ data: { kept: { id: 7 } } }));
    expect(await answer('{ kept { id } }', given)).toEqual({ data: { kept: { id: '7' } } });
  });
});

describe('an error', () => {
  test('has its path, behind lists and conditions on types', async () => {
    const { data, errors } = await answer('{ products { ... on Book { torn: broken } upc } }');
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

  test('of an entity is told in each place of it', async () => {
    const { errors } = await answer('{ reviews { author { mood } } more: reviews { author { mood } } }');
    expect(errors?.map(({ path }) => path?.join('.'))).toEqual([
      'reviews.1.author.mood',
      'more.1.author.mood',
    ]);
  });

  test('of a null where none may be is told, and reaches up to what may be null', async () => {
    const given = withSubgraph('products', () => ({ data: { kept: { sure: 'yes', maybe: null } } }));
    expect(await answer('{ kept { sure maybe } }', given)).toEqual({
      data: { kept: null },
      errors: [
        {
          message: 'Cannot return null for non-nullable field Kept.maybe.',
          path: ['kept', 'maybe'],
          extensions: { code: 'SUBGRAPH_BAD_RESPONSE' },
        },
      ],
    });
  });

  test('of a field that was only fetched for another is told as that one', async () => {
    const debug = vi.fn();
    const result = await answer('{ book { upc cheap } }', { logger: { ...silentLogger, debug } });
    expect(result).toEqual({
      data: { book: { upc: 'book', cheap: null } },
      errors: [
        {
          message: 'A field that this one depends on failed.',
          path: ['book', 'cheap'],
          extensions: { code: 'DEPENDENCY_FAILED', serviceName: 'products' },
        },
      ],
    });
    expect(JSON.stringify(debug.mock.calls)).toContain('No price.');
  });

  test('of such a field is told as it is too where the client asked for it', async () => {
    const { errors } = await answer('{ book { cheap price } }');
    expect(errors?.map(({ path, message }) => [path?.join('.'), message])).toEqual([
      ['book.cheap', 'A field that this one depends on failed.'],
      ['book.price', 'No price.'],
    ]);
  });

  test('takes with it what requires the field, and nothing that is fetched with that', async () => {
    const { data, errors } = await answer('{ book { cheap heavy reviews { id } } }');
    expect(data).toMatchObject({ book: { cheap: null, heavy: true, reviews: [{ id: '1' }, {}, {}] } });
    expect(errors?.map(({ path }) => path?.join('.'))).toEqual(['book.cheap']);
  });

  test('that took more with it than its own field is told there too', async () => {
    const given = withSubgraph('reviews', () => ({
      data: { _entities: [null] },
      errors: [{ message: 'Lost.', path: ['_entities', 0, 'reviews'] }],
    }));
    const { data, errors } = await answer('{ book { upc heavy } }', given);
    expect(data).toEqual({ book: { upc: 'book', heavy: null } });
    expect(errors).toMatchObject([{ path: ['book', 'heavy'], extensions: { code: 'DEPENDENCY_FAILED' } }]);
  });

  test('without a place is told beside the data', async () => {
    const given = withSubgraph('products', () => ({
      data: { kept: { sure: 'yes' } },
      errors: [{ message: 'Odd.' }],
    }));
    expect(await answer('{ kept { sure } }', given)).toEqual({
      data: { kept: { sure: 'yes' } },
      errors: [
        { message: 'Odd.', extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', serviceName: 'products' } },
      ],
    });
  });
});

describe('a subgraph that does not answer', () => {
  test('is told of at each field of the root', async () => {
    const { data, errors } = await answer(
      '{ a: book { upc } lamp { upc } reviews { id } }',
      down('products'),
    );
    expect(data).toMatchObject({ a: null, lamp: null, reviews: [{ id: '1' }, { id: '2' }, { id: '3' }] });
    expect(errors?.map(({ path, extensions }) => [path, extensions?.['serviceName']])).toEqual([
      [['a'], 'products'],
      [['lamp'], 'products'],
    ]);
  });

  test('is told of once for all entities of a list, above the list', async () => {
    const { data, errors } = await answer('{ reviews { id author { id mood name } } }', down('authors'));
    expect(data?.['reviews']).toContainEqual({ id: '1', author: null });
    expect(errors).toEqual([
      {
        message: 'authors is down',
        path: ['reviews'],
        extensions: { code: 'SUBGRAPH_UNAVAILABLE', serviceName: 'authors' },
      },
    ]);
  });

  test('is told of where another could not be asked for want of it', async () => {
    const { data, errors } = await answer('{ authors { id } book { heavy } }', down('products'));
    expect(data?.['book']).toBeNull();
    expect(errors).toMatchObject([{ message: 'products is down', path: ['book'] }]);
  });

  test('is told of where others gave a part of the same objects', async () => {
    const { data, errors } = await answer('{ book { upc grid { x y } heavy } }', down('reviews'));
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

  test('is asked for nothing that needs what others failed to give', async () => {
    await answer('{ reviews { author { name } } }', down('reviews'));
    expect(federation.requests).toEqual([]);
  });
});

test('what a subgraph says beside its answer is told to who asks', async () => {
  const onExtensions = vi.fn();
  const given = withSubgraph('products', () => ({ data: { kept: null }, extensions: { at: 7 } }));
  expect(await answer('{ kept { id } }', { ...given, context: { onExtensions } })).toEqual({
    data: { kept: null },
  });
  expect(onExtensions).toHaveBeenCalledExactlyOnceWith({ at: 7 });
});
