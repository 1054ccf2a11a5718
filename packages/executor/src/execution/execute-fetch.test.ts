import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createTestFederation } from '../testing/test-federation.js';
import { createTestExecutor, executeTestRequest } from '../testing/test-executor.js';

const ORDER = { number: 7, buyer: { id: '1' } };
const BOSS = { id: '2', email: 'boss@test', age: 40 };

/** The planner asks `people` for the boss in two ways: by the buyer for `members`, and by the order for `mails`. */
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

const selection = (field: string) =>
  `{ order { buyer { boss { ${field} mails { from { __typename } subject } } } } }`;
const MAILS = [{ from: { __typename: 'User' }, subject: 'Hello' }];

/** Where the way by the buyer fails, and the other one takes its time. */
async function answer(operation: string) {
  federation.requests.length = 0;
  const executor = createTestExecutor(
    federation,
    {},
    {
      createDataSource: ({ name }) => ({
        async fetch(request, context) {
          const answering = federation.dataSource({ name }).fetch(request, context);
          if (name !== 'people') return answering;
          if (request.operation.query.includes('on User')) {
            return { data: null, errors: [{ message: 'people is down' }] };
          }
          // By then all that needs the other way has been passed over.
          await setImmediate();
          return answering;
        },
      }),
    },
  );
  const result = await executeTestRequest(executor, operation);
  return { ...result, fetched: federation.requests.map(({ service }) => service) };
}

test.each(['query', 'mutation'])(
  'what a %s could not fetch for want of an object is fetched when that has come by another way',
  async (operation) => {
    expect(await answer(operation + selection('nick'))).toEqual({
      data: { order: { buyer: { boss: { nick: 'Chief', mails: MAILS } } } },
      fetched: ['legacy', 'people', 'people', 'mails', 'members'],
    });
  },
);

test('what nothing else has given is told in an object that has come by another way', async () => {
  expect(await answer(`query ${selection('adult')}`)).toEqual({
    data: { order: { buyer: { boss: { adult: null, mails: MAILS } } } },
    errors: [expect.objectContaining({ message: 'people is down', path: ['order', 'buyer'] })],
    fetched: ['legacy', 'people', 'people', 'mails'],
  });
});
