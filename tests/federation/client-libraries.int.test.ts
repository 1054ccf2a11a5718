import { eventually } from '@seguridad-abc/platform/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CLIENT_LIBRARIES, type ClientLibrary } from './client-libraries.js';
import { startFederation, type Federation } from './start-federation.js';

let federation: Federation;
let client: ClientLibrary;
beforeAll(async () => {
  federation = await startFederation();
});
afterAll(() => federation.close());
afterEach(() => client.close());

/** Starts an operation and records what the client library reports. */
function start(query: string) {
  const received = { data: [] as unknown[], errors: [] as unknown[], complete: 0 };
  const end = client.subscribe(query, {
    next: ({ data }) => received.data.push(data),
    error: (error) => received.errors.push(error),
    complete: () => (received.complete += 1),
  });
  return { received, end };
}

/** Finds the codes of GraphQL errors in the error value of any client library. */
const getErrorCodes = (error: unknown): unknown[] => {
  const { errors, graphQLErrors, cause } = error as Record<string, unknown>;
  const found = (Array.isArray(error) ? error : (errors ?? graphQLErrors ?? cause)) as
    { extensions?: { code?: unknown } }[] | undefined;
  return found?.map(({ extensions }) => extensions?.code) ?? [error];
};

describe.each(Object.keys(CLIENT_LIBRARIES))('%s', (name) => {
  beforeEach(() => {
    client = CLIENT_LIBRARIES[name]!(federation);
  });

  test('executes a query', async () => {
    const { received } = start('query Order { order(id: "1") { number shelves buyer { name } } }');
    await eventually(() => expect(received.data).toHaveLength(1));
    expect(received.data).toMatchObject([
      { order: { number: 7, shelves: ['a'], buyer: { name: "ana's name" } } },
    ]);
    expect(received.errors).toStrictEqual([]);
  });

  test('receives a subscription until it completes', async () => {
    const { received } = start('subscription Countdown { countdown(from: 2) }');
    await eventually(() => expect(received.complete).toBe(1));
    expect(received.data).toMatchObject([2, 1, 0].map((countdown) => ({ countdown })));
    expect(received.errors).toStrictEqual([]);
  });

  test('receives events with fields of other subgraphs until it unsubscribes', async () => {
    const { received, end } = start(
      'subscription Changed { orderChanged { id number place buyer { id name } } }',
    );
    await federation.waitForListeners(1);
    for (const number of [1, 2]) {
      await federation.publish({ id: '1', number, status: 'SENT', buyer: { id: 'ana' } });
      await eventually(() => expect(received.data).toHaveLength(number));
    }
    const buyer = { id: 'ana', name: "ana's name" };
    expect(received.data).toMatchObject(
      [1, 2].map((number) => ({ orderChanged: { id: '1', number, place: 'on its way', buyer } })),
    );
    end();
    await federation.waitForListeners(0);
    expect(received.errors).toStrictEqual([]);
  });

  test('runs two subscriptions at the same time', async () => {
    const both = [start('subscription One { ticked }'), start('subscription Two { ticked }')];
    for (const { received } of both) {
      await eventually(() => expect(received.data.length).toBeGreaterThanOrEqual(3));
      expect(received.data.slice(0, 3)).toMatchObject([0, 1, 2].map((ticked) => ({ ticked })));
    }
    for (const { end } of both) end();
    await eventually(() => expect(federation.runningSources).toBe(0));
  });

  test('receives the errors of an invalid subscription', async () => {
    const { received } = start('subscription Nope { nope }');
    await eventually(() => expect(received.errors).toHaveLength(1));
    expect(getErrorCodes(received.errors[0])).toStrictEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect(received.data).toStrictEqual([]);
  });
});

test.each([
  ['Apollo Client over multipart', 'SERVER_SHUTTING_DOWN'],
  ['urql over SSE and POST', 'SERVER_SHUTTING_DOWN'],
  ['graphql-sse', 'SERVER_SHUTTING_DOWN'],
])('%s receives a retryable error when the gateway stops', async (name, code) => {
  const own = await startFederation();
  client = CLIENT_LIBRARIES[name]!(own);
  try {
    const { received } = start('subscription Idle { idle }');
    await eventually(() => expect(own.runningSources).toBe(1));
    await own.stopGateway();
    await eventually(() => expect(received.errors).not.toHaveLength(0));
    expect(getErrorCodes(received.errors[0])).toStrictEqual([code]);
  } finally {
    await own.close();
  }
});
