import { describe, expect, test, vi } from 'vitest';
import type { SubgraphResponse } from '../data-sources/data-source.js';
import { cloneJson } from '../shared/json.js';
import { createTestExecutor, executeTestRequest, silentLogger } from '../testing/test-executor.js';
import { createTestFederation } from '../testing/test-federation.js';

const federation = createTestFederation({
  users: {
    typeDefs: `
      type Query { me: User users: [User] staff: [User!] }
      type User @key(fields: "id") { id: ID! name: String tags: [String!] cat: Cat @shareable }
      type Cat { name: String kittens: [Cat!] @shareable }
    `,
  },
  ages: {
    typeDefs: `
      type User @key(fields: "id") { id: ID! age: Int months: Int! years: Int! cat: Cat @shareable }
      type Cat { months: Int! kittens: [Cat!] @shareable }
    `,
  },
});
const ME = { __typename: 'User', id: '1', name: 'Ada', tags: ['a'] };

/** Executes a query on subgraphs that respond as given, also with values that the types do not allow. */
const execute = (query: string, responses: Readonly<Record<string, unknown>>, logger = silentLogger) =>
  executeTestRequest(
    createTestExecutor(
      federation,
      {},
      {
        createDataSource: ({ name }) => ({
          fetch: () => Promise.resolve(cloneJson(responses[name]) as SubgraphResponse),
        }),
        logger,
      },
    ),
    query,
  );
const REASON = { message: 'No rights.', extensions: { code: 'FORBIDDEN' } };
const REPORTED = { ...REASON, extensions: { code: 'FORBIDDEN', serviceName: 'users' } };

/** Paths that lead to no field of `{ u: me { name } }`. */
const UNKNOWN_PATHS: readonly [string, unknown][] = [
  ['another field', ['other']],
  ['the name of an aliased field', ['me']],
  ['a prefix', ['query', 'u']],
  ['a text', '/u'],
  ['an object', { key: 'u' }],
  ['steps of the wrong type', [null]],
  ['a negative index', [-1]],
  ['a name of the prototype', ['constructor']],
  ['the field _entities', ['_entities', 0, 'name']],
];

describe('an error whose path is', () => {
  test.each(UNKNOWN_PATHS)('%s is reported at the null that it explains', async (_, path) => {
    for (const data of [null, { u: null }]) {
      const users = { data, errors: [{ ...REASON, path }] };
      expect(await execute('{ u: me { name } }', { users })).toEqual({
        data: { u: null },
        errors: [{ ...REPORTED, path: ['u'] }],
      });
    }
  });

  test.each(UNKNOWN_PATHS)('%s is reported without a path if no value is missing', async (_, path) => {
    const users = { data: { u: ME }, errors: [{ ...REASON, path }] };
    expect(await execute('{ u: me { name } }', { users })).toEqual({
      data: { u: { name: 'Ada' } },
      errors: [REPORTED],
    });
  });

  test.each([
    ['below an unknown field of an object', ['me', 'other'], ['me']],
    ['an index in an object', ['me', 0, 'name'], ['me']],
    ['a name in a list', ['me', 'tags', 'name'], ['me', 'tags']],
    ['an index outside of a list', ['me', 'tags', 7], ['me', 'tags']],
    ['below a scalar', ['me', 'name', 'first'], ['me', 'name']],
    ['an index as text', ['users', '1'], ['users', 1]],
    ['a path below an index as text', ['users', '1', 'name'], ['users', 1, 'name']],
  ])('%s is reported at the nearest selected field', async (_, path, expected) => {
    const data = { me: ME, users: [ME, ME] };
    const result = await execute('{ me { name tags } users { name } }', {
      users: { data, errors: [{ ...REASON, path }] },
    });
    expect(result.errors).toEqual([{ ...REPORTED, path: expected }]);
  });

  test('unknown is reported once, although it can explain several nulls', async () => {
    const users = { data: { me: null, users: null }, errors: [{ ...REASON, path: ['other'] }] };
    const { errors } = await execute('{ me { name } users { name } }', { users });
    expect(errors).toEqual([{ ...REPORTED, path: ['me'] }]);
  });
});

describe('an error in an entity response whose path is', () => {
  const users = { data: { people: [ME, { ...ME, id: '2' }] } };
  const QUERY = '{ people: users { age } }';

  test.each([
    ['that of an entity', ['_entities', 1], ['people', 1]],
    ['an entity index as text', ['_entities', '1', 'age'], ['people', 1, 'age']],
    ['an unknown field of an entity', ['_entities', 1, 'other'], ['people', 1]],
    ['an index outside of the entities', ['_entities', 2, 'age'], ['people']],
    ['a path without _entities', ['users', 1, 'age'], ['people']],
    ['a text', '/people/1/age', ['people']],
    ['only _entities', ['_entities'], ['people']],
  ])('%s is reported with the data', async (_, path, expected) => {
    const ages = { data: { _entities: [{ age: 3 }, { age: 4 }] }, errors: [{ ...REASON, path }] };
    const { data, errors } = await execute(QUERY, { users, ages });
    expect(data).toEqual({ people: [{ age: 3 }, { age: 4 }] });
    expect(errors).toMatchObject([{ message: REASON.message, path: expected }]);
    expect(errors).toHaveLength(1);
  });

  test.each([
    ['an index outside of the entities', ['_entities', 2, 'age']],
    ['a path without _entities', ['users', 0, 'age']],
  ])('%s is reported once for all nulls', async (_, path) => {
    const ages = { data: { _entities: [{ age: null }, { age: null }] }, errors: [{ ...REASON, path }] };
    const { errors } = await execute(QUERY, { users, ages });
    expect(errors).toMatchObject([{ message: REASON.message, path: ['people'] }]);
    expect(errors).toHaveLength(1);
  });
});

describe('an error whose', () => {
  const data = { me: { ...ME, name: null } };
  const executeWith = async (error: object) => {
    const result = await execute('{ me { name } }', {
      users: { data, errors: [{ path: ['me', 'name'], ...error }] },
    });
    expect(result.data).toEqual({ me: { name: null } });
    return result.errors;
  };

  test.each([
    [null, 'Error while fetching subquery from service "users"'],
    [undefined, 'Error while fetching subquery from service "users"'],
    ['', 'Error while fetching subquery from service "users"'],
    [{ text: 'no' }, 'Error while fetching subquery from service "users"'],
    [5, '5'],
  ])('message is %j keeps its code, with the message of @apollo/gateway', async (message, expected) => {
    expect(await executeWith({ message, extensions: { code: 'TORN' } })).toEqual([
      { message: expected, path: ['me', 'name'], extensions: { code: 'TORN', serviceName: 'users' } },
    ]);
  });

  test.each([['text'], [null], [['TORN']], [5]])(
    'extensions are %j has the default code',
    async (extensions) => {
      expect(await executeWith({ message: 'No.', extensions })).toEqual([
        {
          message: 'No.',
          path: ['me', 'name'],
          extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', serviceName: 'users' },
        },
      ]);
    },
  );
});

describe('an error whose null the subgraph propagated', () => {
  const users = { data: { staff: [ME, { ...ME, id: '2' }] } };
  const LOST = { data: { _entities: [null, { age: 1, months: 2, years: 3 }] } };
  const createErrors = (key: string) => [{ message: 'Lost.', path: ['_entities', 0, key] }];

  test.each([
    ['before it', '{ staff { age months years } }'],
    ['behind it', '{ staff { years months age } }'],
    ['in a fragment', '{ staff { ... on User { months } ... { years } } }'],
  ])('is the only one if the client selects lost fields %s', async (_, query) => {
    const result = await execute(query, { users, ages: { ...LOST, errors: createErrors('years') } });
    expect(result.data).toEqual({ staff: null });
    expect(result.errors?.map(({ path, message }) => [path, message])).toEqual([
      [['staff', 0, 'years'], 'Lost.'],
    ]);
  });

  test.each([
    ['behind it', '{ me { cat { kittens { name months } months } } }'],
    ['before it', '{ me { cat { months kittens { name months } } } }'],
  ])('is the only one if the client selects objects %s that lost a field', async (_, query) => {
    const users = { data: { me: { ...ME, cat: { kittens: [{ name: 'Mia' }] } } } };
    const errors = [{ message: 'Lost.', path: ['_entities', 0, 'cat', 'months'] }];
    const result = await execute(query, { users, ages: { data: { _entities: [{ cat: null }] }, errors } });
    expect(result.data).toEqual({ me: { cat: null } });
    expect(result.errors).toMatchObject([{ message: 'Lost.', path: ['me', 'cat', 'months'] }]);
    expect(result.errors).toHaveLength(1);
  });

  test('is reported at the values that only the subgraph removed', async () => {
    // The client may see null where this subgraph propagates it further.
    const lost = { data: null, errors: [{ ...REASON, path: ['staff', 1, 'name'] }] };
    const { data, errors } = await execute('{ u: me { name } staff { name } }', { users: lost });
    expect(data).toEqual({ u: null, staff: null });
    expect(errors).toEqual([
      { ...REPORTED, path: ['staff', 1, 'name'] },
      { ...REPORTED, path: ['u'] },
    ]);
  });
});

describe('errors of a data source that are', () => {
  test.each([
    ['a text', 'No rights.', 'No rights.'],
    ['one error', { message: 'No rights.' }, 'No rights.'],
    ['a list of texts', ['No rights.'], 'No rights.'],
    ['a list of nulls', [null], 'Error while fetching subquery from service "users"'],
  ])('%s are reported with the data', async (_, errors, message) => {
    const { data, errors: reported } = await execute('{ me { name } }', {
      users: { data: { me: ME }, errors },
    });
    expect(data).toEqual({ me: { name: 'Ada' } });
    expect(reported).toMatchObject([{ message }]);
  });
});

test('of several errors below one propagated null, one is reported and the others are logged as such', async () => {
  const debug = vi.fn();
  const ages = {
    data: { _entities: [null, null] },
    errors: [0, 1].map((index) => ({ message: `No ${index}.`, path: ['_entities', index, 'years'] })),
  };
  const users = { data: { staff: [ME, { ...ME, id: '2' }] } };
  const logger = { ...silentLogger, debug };
  expect(await execute('{ staff { years } }', { users, ages }, logger)).toMatchObject({
    data: { staff: null },
    errors: [{ message: 'No 0.', path: ['staff', 0, 'years'] }],
  });
  expect(debug.mock.calls).toMatchObject([
    [{ error: { message: 'No 1.' } }, expect.stringContaining('another error explains the null above it')],
  ]);
});

test('a value of the wrong type is logged once for each field', async () => {
  const warn = vi.fn();
  const executor = createTestExecutor(
    federation,
    {},
    {
      createDataSource: ({ name }) => ({
        fetch: () =>
          Promise.resolve(
            name === 'users'
              ? { data: { me: { ...ME, name: 7 } } }
              : { data: { _entities: [{ age: 1_764_394_000_000 }] } },
          ),
      }),
      logger: { ...silentLogger, warn },
    },
  );
  for (const query of ['{ me { name age } }', '{ me { age } }']) await executeTestRequest(executor, query);
  const message = 'a subgraph returned a value of the wrong type; clients receive null and an error';
  expect(warn.mock.calls).toEqual([
    [{ field: 'User.name', received: 7 }, message],
    [{ field: 'User.age', received: 1_764_394_000_000 }, message],
  ]);
});

describe('an error in a required field that the client did not select', () => {
  const shop = createTestFederation({
    books: {
      typeDefs: `
        type Query { book: Book books: [Book] shelf: [Book!] }
        type Book @key(fields: "id") { id: ID! title: String torn: Int weight: Int! }
      `,
      resolvers: {
        Query: {
          book: () => ({ id: '1' }),
          books: () => [{ id: '1' }, { id: '2' }],
          shelf: () => [{ id: '2' }, { id: '1' }],
        },
        Book: {
          title: ({ id }: { id: string }) => `Title ${id}`,
          torn() {
            throw new Error('Torn.');
          },
          weight({ id }: { id: string }) {
            if (id === '1') throw new Error('No scales.');
            return 7;
          },
        },
      },
    },
    parcels: {
      typeDefs: `
        type Query { last: Book }
        type Book @key(fields: "id") {
          id: ID! weight: Int! @external postage: Int @requires(fields: "weight") mark: String
          title: String @external label: String @requires(fields: "title")
        }
      `,
      resolvers: {
        Query: { last: () => ({ __typename: 'Book', id: '1' }) },
        Book: { postage: ({ weight }: { weight: number }) => weight * 2, mark: () => 'M', label: () => 'L' },
      },
    },
  });
  const executeShop = (query: string) => executeTestRequest(createTestExecutor(shop), query);
  const FAILED = {
    message: 'A field that this one depends on failed.',
    extensions: {
      code: 'DEPENDENCY_FAILED',
      cause: { message: 'No scales.', code: 'INTERNAL_SERVER_ERROR' },
    },
  };

  test.each([
    [
      'an object',
      '{ book { title postage } }',
      { book: { title: 'Title 1', postage: null } },
      ['book', 'postage'],
    ],
    [
      'an object of which nothing else is selected',
      '{ book { postage } }',
      { book: { postage: null } },
      ['book', 'postage'],
    ],
    [
      'a list',
      '{ books { title postage } }',
      {
        books: [
          { title: 'Title 1', postage: null },
          { title: 'Title 2', postage: 14 },
        ],
      },
      ['books', 0, 'postage'],
    ],
    [
      'an entity',
      '{ last { title postage mark } }',
      { last: { title: 'Title 1', postage: null, mark: 'M' } },
      ['last', 'postage'],
    ],
  ])('costs no other value of %s', async (_, query, data, path) => {
    const result = await executeShop(query);
    expect(result.data).toEqual(data);
    expect(result.errors).toMatchObject([{ message: FAILED.message, path }]);
    expect(result.errors).toHaveLength(1);
  });

  test('explains the fields that need it in other elements of a list', async () => {
    const { data, errors } = await executeShop('{ shelf { title postage } }');
    expect(data).toEqual({
      shelf: [
        { title: 'Title 2', postage: null },
        { title: 'Title 1', postage: null },
      ],
    });
    expect(errors).toMatchObject([
      { message: FAILED.message, path: ['shelf', 1, 'postage'] },
      { message: FAILED.message, path: ['shelf', 0, 'postage'] },
    ]);
  });

  test('and other errors are reported once', async () => {
    const { data, errors } = await executeShop('{ book { title torn postage } }');
    expect(data).toEqual({ book: { title: 'Title 1', torn: null, postage: null } });
    expect(errors).toMatchObject([
      { message: 'Torn.', path: ['book', 'torn'] },
      { message: FAILED.message, path: ['book', 'postage'] },
    ]);
    expect(errors).toHaveLength(2);
  });

  test('is reported itself if the client selects the field', async () => {
    shop.requests.length = 0;
    const { data, errors } = await executeShop('{ book { title weight postage } }');
    expect(data).toEqual({ book: null });
    expect(errors).toMatchObject([{ message: 'No scales.', path: ['book', 'weight'] }]);
    expect(shop.requests).toHaveLength(1);
  });

  test('which only a failed field beside it removed, is not reported', async () => {
    const { data, errors } = await executeShop('{ last { label weight } }');
    expect(data).toEqual({ last: null });
    expect(errors).toMatchObject([{ message: 'No scales.', path: ['last', 'weight'] }]);
    expect(errors).toHaveLength(1);
  });
});
