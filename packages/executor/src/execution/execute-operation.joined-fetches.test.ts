import { beforeEach, describe, expect, test } from 'vitest';
import type { SubgraphRequest, SubgraphResponse } from '../data-sources/data-source.js';
import type { ExecutorOptions } from '../executor.js';
import type { OperationContext } from '../shared/operation-context.js';
import { createTestExecutor, executeTestRequest } from '../testing/test-executor.js';
import { createTestFederation } from '../testing/test-federation.js';

const FILMS = [
  { id: 'f1', title: 'Up', minutes: 96 },
  { id: 'f2', title: 'Jaws', minutes: 124 },
];
const FANS = [
  { id: 'p1', name: 'Ana' },
  { id: 'p2', name: 'Leo' },
];
const NOTES = [
  { id: 'n1', text: 'Good.', fan: { id: 'p1' }, film: { id: 'f1' } },
  { id: 'n2', text: 'Long.', fan: { id: 'p2' }, film: { id: 'f2' } },
];
const findById = <T extends { id: string }>(list: readonly T[], id: string) =>
  list.find((each) => each.id === id);

const federation = createTestFederation({
  fans: {
    typeDefs: `
      type Query { fans: [Fan!]! }
      type Mutation { touch: Fan }
      type Fan @key(fields: "id") { id: ID! name: String }
    `,
    resolvers: {
      Query: { fans: () => FANS },
      Mutation: { touch: () => FANS[0] },
      Fan: { __resolveReference: ({ id }: { id: string }) => findById(FANS, id) },
    },
  },
  films: {
    typeDefs: `
      type Query { films: [Film!]! }
      type Film @key(fields: "id") { id: ID! title: String minutes: Int }
    `,
    resolvers: {
      Query: { films: () => FILMS },
      Film: { __resolveReference: ({ id }: { id: string }) => findById(FILMS, id) },
    },
  },
  notes: {
    typeDefs: `
      type Note @key(fields: "id") { id: ID! text(max: Int): String fan: Fan film: Film }
      type Fan @key(fields: "id") { id: ID! notes(first: Int): [Note!] }
      type Film @key(fields: "id") { id: ID! notes(first: Int): [Note!] }
    `,
    resolvers: {
      Fan: { notes: ({ id }: { id: string }) => NOTES.filter(({ fan }) => fan.id === id) },
      Film: { notes: ({ id }: { id: string }) => NOTES.filter(({ film }) => film.id === id) },
    },
  },
  halls: {
    typeDefs: `
      type Film @key(fields: "id") {
        id: ID! minutes: Int @external seats: Int price: Int @requires(fields: "minutes")
      }
    `,
    resolvers: {
      Film: { seats: () => 40, price: ({ minutes }: { minutes: number }) => Math.round(minutes / 10) },
    },
  },
});

beforeEach(() => {
  federation.requests.length = 0;
});

const countRequests = (service: string) =>
  federation.requests.filter((request) => request.service === service).length;

/** Lets the subgraph `notes` answer requests as the test defines; `undefined` for the right response. */
const replaceNotes = (
  respond: (request: SubgraphRequest) => SubgraphResponse | undefined,
): Partial<ExecutorOptions<OperationContext>> => ({
  createDataSource: (subgraph) => ({
    async fetch(request, context) {
      const right = await federation.dataSource(subgraph).fetch(request, context);
      return subgraph.name === 'notes' ? (respond(request) ?? right) : right;
    },
  }),
});

const PAGE = `{
  fans { ...P notes { ...N film { ...F notes { ...N fan { ...P notes { ...N film { ...F } } } } } } }
  films { ...F notes { ...N fan { ...P notes { ...N film { ...F } } } } }
}
fragment P on Fan { id name }
fragment N on Note { id text }
fragment F on Film { id title minutes seats price }`;

const NOTES_OF_BOTH =
  'query ($first: Int) { fans { notes(first: $first) { id } } films { notes(first: $first) { text } } }';

test('a page over four subgraphs needs six requests', async () => {
  const separate = await executeTestRequest(
    createTestExecutor(federation, {}, { joinEntityFetches: false }),
    PAGE,
  );
  expect(federation.requests).toHaveLength(9);
  federation.requests.length = 0;
  const joined = await executeTestRequest(createTestExecutor(federation), PAGE);
  expect(federation.requests.map(({ service }) => service).sort()).toEqual([
    ...['fans', 'fans', 'films', 'films', 'halls', 'notes'],
  ]);
  // Films at several places are one entity, and its fields need one fetch.
  expect(federation.requests.find(({ service }) => service === 'halls')?.variables).toEqual({
    representations: [
      { __typename: 'Film', id: 'f1', minutes: 96 },
      { __typename: 'Film', id: 'f2', minutes: 124 },
    ],
  });
  expect(joined).toEqual(separate);
  expect(joined.errors).toBeUndefined();
});

test('fetches of a mutation are joined, and those of different mutation fields are not', async () => {
  const touch = 'touch { notes { film { title } } again: notes { film { minutes } } }';
  const executor = createTestExecutor(federation);
  const { errors } = await executeTestRequest(executor, `mutation { a: ${touch} b: ${touch} }`);
  expect(errors).toBeUndefined();
  expect(federation.requests.map(({ service }) => service)).toEqual([
    ...['fans', 'notes', 'films'],
    ...['fans', 'notes', 'films'],
  ]);
});

test('variables of joined fetches are sent once', async () => {
  const executor = createTestExecutor(federation);
  const { errors } = await executeTestRequest(executor, NOTES_OF_BOTH, { variables: { first: 1 } });
  expect(errors).toBeUndefined();
  expect(federation.requests.at(-1)).toMatchObject({
    service: 'notes',
    variables: {
      first: 1,
      representations_0: [{ __typename: 'Fan', id: 'p1' }, { id: 'p2' }],
      representations_1: [{ __typename: 'Film', id: 'f1' }, { id: 'f2' }],
    },
  });
});

test('fetches with too many entities together are not joined', async () => {
  const executor = createTestExecutor(federation, {}, { maxEntitiesPerFetch: 3 });
  await executeTestRequest(executor, NOTES_OF_BOTH);
  expect(countRequests('notes')).toBe(2);
});

test('a merged fetch does not lose fields that do not need what failed', async () => {
  const options: Partial<ExecutorOptions<OperationContext>> = {
    createDataSource: (subgraph) => ({
      async fetch(request, context) {
        if (subgraph.name !== 'films') return federation.dataSource(subgraph).fetch(request, context);
        return {
          data: { _entities: [{ minutes: 96 }, { minutes: null }] },
          errors: [{ message: 'Lost.', path: ['_entities', 1, 'minutes'] }],
        };
      },
    }),
  };
  const query = '{ fans { notes { film { seats price } } } }';
  const separate = createTestExecutor(federation, {}, { ...options, joinEntityFetches: false });
  const joined = createTestExecutor(federation, {}, options);
  const result = await executeTestRequest(joined, query);
  expect(federation.requests.some((request) => request.query.includes('seats price'))).toBe(true);
  expect(result).toEqual(await executeTestRequest(separate, query));
  expect(result).toMatchObject({
    data: {
      fans: [
        { notes: [{ film: { seats: 40, price: 10 } }] },
        { notes: [{ film: { seats: 40, price: null } }] },
      ],
    },
    errors: [{ path: ['fans', 1, 'notes', 0, 'film', 'price'] }],
  });
});

describe('a failing subgraph', () => {
  /** @param respond receives whether the request is a joined one */
  async function compare(respond: (isJoined: boolean) => SubgraphResponse | undefined) {
    const options = replaceNotes(({ operation }) => respond(operation.query.includes('_1:')));
    const separate = await executeTestRequest(
      createTestExecutor(federation, {}, { ...options, joinEntityFetches: false }),
      NOTES_OF_BOTH,
    );
    federation.requests.length = 0;
    const executor = createTestExecutor(federation, {}, options);
    expect(await executeTestRequest(executor, NOTES_OF_BOTH)).toEqual(separate);
    return { ...separate, executor, noteRequestCount: countRequests('notes') };
  }

  test.each<[string, SubgraphResponse]>([
    ['has no data', { data: null, errors: [{ message: 'No.' }] }],
    ['has a path without an entity', { data: null, errors: [{ message: 'No.', path: ['_1'] }] }],
    ['has an error that concerns no fetch', { data: { _0: [], _1: [] }, errors: [{ message: 'No.' }] }],
  ])('is asked by each fetch alone if its joined response %s', async (_, response) => {
    const { errors, noteRequestCount } = await compare((isJoined) => (isJoined ? response : undefined));
    expect(errors).toBeUndefined();
    expect(noteRequestCount).toBe(3);
  });

  test('is not asked again if it did not answer', async () => {
    const error = { message: 'notes is down', extensions: { code: 'SUBGRAPH_UNAVAILABLE' } };
    const { errors, noteRequestCount } = await compare(() => ({ data: null, errors: [error] }));
    expect(errors?.map(({ path }) => path)).toEqual([['fans'], ['films']]);
    expect(noteRequestCount).toBe(1);
  });

  test('has its errors at the fields that failed', async () => {
    const error = { message: 'No.', extensions: { code: 'LOST' } };
    const entities = () => [null, { notes: [] }];
    const fail = (alias: string) => ({ ...error, path: [alias, 0, 'notes'] });
    const { errors, noteRequestCount } = await compare((isJoined) =>
      isJoined
        ? { data: { _0: entities(), _1: entities() }, errors: [fail('_0'), fail('_1')] }
        : { data: { _entities: entities() }, errors: [fail('_entities')] },
    );
    expect(errors?.map(({ path }) => path)).toEqual([
      ['fans', 0, 'notes'],
      ['films', 0, 'notes'],
    ]);
    expect(noteRequestCount).toBe(1);
  });

  test('receives no joined requests of this operation for a while after a useless response', async () => {
    const { executor } = await compare((isJoined) =>
      isJoined ? { errors: [{ message: 'Aliases are not allowed.' }] } : undefined,
    );
    federation.requests.length = 0;
    await executeTestRequest(executor, NOTES_OF_BOTH);
    expect(countRequests('notes')).toBe(2);
  });
});

test('a fetch does not wait long for one that begins later', async () => {
  let releaseFilms: () => void;
  const isReleased = new Promise<void>((resolve) => (releaseFilms = resolve));
  const executor = createTestExecutor(
    federation,
    {},
    {
      createDataSource: ({ name }) => ({
        async fetch(request, context) {
          if (name === 'films') await isReleased;
          if (name === 'notes') releaseFilms();
          return federation.dataSource({ name }).fetch(request, context);
        },
      }),
    },
  );
  const { errors } = await executeTestRequest(executor, NOTES_OF_BOTH);
  expect(errors).toBeUndefined();
  expect(countRequests('notes')).toBe(2);
});
