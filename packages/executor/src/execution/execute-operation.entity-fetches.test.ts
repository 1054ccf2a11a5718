import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createTestFederation } from '../testing/test-federation.js';
import { createTestExecutor, executeTestRequest } from '../testing/test-executor.js';

const ORDER = { number: 7, buyer: { id: '1' } };
const BOSS = { id: '2', email: 'boss@test', age: 40 };

/** The plan fetches the boss from `people` twice: by the buyer for `members`, and by the order for `mails`. */
const federation = createTestFederation({
  legacy: {
    typeDefs: `
      type Query { order: Order }
      type Mutation { order: Order }
      type Order @key(fields: "number buyer { id }") { number: Int! buyer: User! }
      type User @key(fields: "id", resolvable: false) { id: ID! }
    `,
    resolvers: { Query: { order: () => ORDER }, Mutation: { order: () => ORDER } },
  },
  people: {
    typeDefs: `
      type Query { user: User }
      type Order @key(fields: "number buyer { id }") { number: Int! buyer: User! }
      type User @key(fields: "id") @key(fields: "email") { id: ID! email: String! boss: User age: Int }
    `,
    resolvers: {
      Order: { __resolveReference: () => ({ ...ORDER, buyer: { ...ORDER.buyer, boss: BOSS } }) },
      User: { __resolveReference: () => ({ ...ORDER.buyer, boss: BOSS }) },
    },
  },
  mails: {
    typeDefs: `
      type User @key(fields: "email") { email: String! mails: [Mail] }
      type Mail { from: User subject: String }
    `,
    resolvers: { User: { mails: () => [{ from: { email: 'a@test' }, subject: 'Hello' }] } },
  },
  members: {
    typeDefs: `
      type User @key(fields: "email") {
        email: String! nick: String age: Int @external adult: Boolean @requires(fields: "age")
      }
    `,
    resolvers: { User: { nick: () => 'Chief', adult: ({ age }: { age: number }) => age >= 18 } },
  },
});

const createSelection = (field: string) =>
  `{ order { buyer { boss { ${field} mails { from { __typename } subject } } } } }`;
const MAILS = [{ from: { __typename: 'User' }, subject: 'Hello' }];

/** Executes an operation. The fetch by the buyer fails, and the fetch by the order responds later. */
async function execute(operation: string) {
  federation.requests.length = 0;
  const executor = createTestExecutor(
    federation,
    {},
    {
      // One request for both would fail as a whole.
      joinEntityFetches: false,
      createDataSource: ({ name }) => ({
        async fetch(request, context) {
          const response = federation.dataSource({ name }).fetch(request, context);
          if (name !== 'people') return response;
          if (request.operation.query.includes('on User')) {
            return { data: null, errors: [{ message: 'people is down' }] };
          }
          // At this time the fetches that depend on the failed one have been skipped.
          await setImmediate();
          return response;
        },
      }),
    },
  );
  const result = await executeTestRequest(executor, operation);
  return { ...result, services: federation.requests.map(({ service }) => service) };
}

test.each(['query', 'mutation'])(
  'a %s fetches entities again that lacked required fields until a later fetch',
  async (operation) => {
    expect(await execute(operation + createSelection('nick'))).toEqual({
      data: { order: { buyer: { boss: { nick: 'Chief', mails: MAILS } } } },
      services: ['legacy', 'people', 'people', 'mails', 'members'],
    });
  },
);

test('fields that no later fetch provides keep the error', async () => {
  expect(await execute(`query ${createSelection('adult')}`)).toEqual({
    data: { order: { buyer: { boss: { adult: null, mails: MAILS } } } },
    errors: [expect.objectContaining({ message: 'people is down', path: ['order', 'buyer'] })],
    services: ['legacy', 'people', 'people', 'mails'],
  });
});
