import { eventually } from '@seguridad-abc/platform/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { REAL_CLIENTS, type RealClient } from './clients.js';
import { startFederation, type Federation } from './harness.js';

let federation: Federation;
let client: RealClient;
beforeAll(async () => {
  federation = await startFederation();
});
afterAll(() => federation.close());
afterEach(() => client.close());

/** Everything that a client has heard of an operation. */
function listen(query: string) {
  const heard = { data: [] as unknown[], errors: [] as unknown[], complete: 0 };
  const end = client.subscribe(query, {
    next: ({ data }) => heard.data.push(data),
    error: (error) => heard.errors.push(error),
    complete: () => (heard.complete += 1),
  });
  return { heard, end };
}

/** The errors of GraphQL in whatever a client gives, in the same form for all. */
const codesIn = (error: unknown): unknown[] => {
  const { errors, graphQLErrors, cause } = error as Record<string, unknown>;
  const found = (Array.isArray(error) ? error : (errors ?? graphQLErrors ?? cause)) as
    { extensions?: { code?: unknown } }[] | undefined;
  return found?.map(({ extensions }) => extensions?.code) ?? [error];
};

describe.each(Object.keys(REAL_CLIENTS))('%s', (name) => {
  beforeEach(() => {
    client = REAL_CLIENTS[name]!(federation);
  });

  test('asks a query', async () => {
    const { heard } = listen('query Order { order(id: "1") { number shelves buyer { name } } }');
    await eventually(() => expect(heard.data).toHaveLength(1));
    expect(heard.data).toMatchObject([
      { order: { number: 7, shelves: ['a'], buyer: { name: "ana's name" } } },
    ]);
    expect(heard.errors).toStrictEqual([]);
  });

  test('hears a subscription to its end', async () => {
    const { heard } = listen('subscription Countdown { countdown(from: 2) }');
    await eventually(() => expect(heard.complete).toBe(1));
    expect(heard.data).toMatchObject([2, 1, 0].map((countdown) => ({ countdown })));
    expect(heard.errors).toStrictEqual([]);
  });

  test('hears events with what other subgraphs know, until it wants no more', async () => {
    const { heard, end } = listen(
      'subscription Changed { orderChanged { id number place buyer { id name } } }',
    );
    await federation.listeners(1);
    for (const number of [1, 2]) {
      await federation.publish({ id: '1', number, status: 'SENT', buyer: { id: 'ana' } });
      await eventually(() => expect(heard.data).toHaveLength(number));
    }
    const buyer = { id: 'ana', name: "ana's name" };
    expect(heard.data).toMatchObject(
      [1, 2].map((number) => ({ orderChanged: { id: '1', number, place: 'on its way', buyer } })),
    );
    end();
    await federation.listeners(0);
    expect(heard.errors).toStrictEqual([]);
  });

  test('has two subscriptions side by side', async () => {
    const both = [listen('subscription One { ticked }'), listen('subscription Two { ticked }')];
    for (const { heard } of both) {
      await eventually(() => expect(heard.data.length).toBeGreaterThanOrEqual(3));
      expect(heard.data.slice(0, 3)).toMatchObject([0, 1, 2].map((ticked) => ({ ticked })));
    }
    for (const { end } of both) end();
    await eventually(() => expect(federation.running).toBe(0));
  });

  test('is told what is wrong with a subscription', async () => {
    const { heard } = listen('subscription Nope { nope }');
    await eventually(() => expect(heard.errors).toHaveLength(1));
    expect(codesIn(heard.errors[0])).toStrictEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect(heard.data).toStrictEqual([]);
  });
});

test.each([
  ['Apollo Client over multipart', 'SERVER_SHUTTING_DOWN'],
  ['urql over SSE', 'SERVER_SHUTTING_DOWN'],
  ['graphql-sse', 'SERVER_SHUTTING_DOWN'],
])('%s is told to come back when the gateway stops', async (name, code) => {
  const own = await startFederation();
  client = REAL_CLIENTS[name]!(own);
  try {
    const { heard } = listen('subscription Idle { idle }');
    await eventually(() => expect(own.running).toBe(1));
    await own.stopGateway();
    await eventually(() => expect(heard.errors).not.toHaveLength(0));
    expect(codesIn(heard.errors[0])).toStrictEqual([code]);
  } finally {
    await own.close();
  }
});
