import { getEventListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import {
  createSubgraphOperation,
  type DataSource,
  type SubgraphFetchContext,
  type SubgraphResponse,
} from '../data-sources/data-source.js';
import { largeResponseTurns } from '../data-sources/large-response-turns.js';
import type { OperationContext } from '../shared/operation-context.js';
import { createLightAbortController } from '../shared/light-abort-signal.js';
import { createInFlightRequests } from './in-flight-requests.js';

interface PendingRequest {
  readonly context: SubgraphFetchContext;
  readonly respond: (response: SubgraphResponse) => void;
  readonly fail: (error: Error) => void;
}

function setUp(failingDataSource?: DataSource) {
  const inFlightRequests = createInFlightRequests();
  const sent: PendingRequest[] = [];
  const dataSource: DataSource = failingDataSource ?? {
    fetch: (_, context) =>
      new Promise((respond, fail) => {
        sent.push({ context, respond, fail });
      }),
  };
  const fetch = (context: OperationContext = {}, variables = '{}', kind: 'query' | 'mutation' = 'query') =>
    inFlightRequests.fetch(
      dataSource,
      'things',
      { operation: createSubgraphOperation(kind, '{ a }', undefined), variables, entityCount: undefined },
      context,
    );
  return { sent, fetch };
}

const createContext = (authorization: string): OperationContext => ({ headers: () => ({ authorization }) });

test('equal requests share one response, of which each caller gets a copy', async () => {
  const { sent, fetch } = setUp();
  const all = [
    fetch(createContext('me')),
    fetch({ ...createContext('me'), traceHeaders: () => ({ trace: '2' }) }),
  ];
  expect(sent).toHaveLength(1);
  sent[0]?.respond({ data: { list: [{ a: 1 }] } });
  const [first, second] = await Promise.all(all);
  expect(second).toEqual(first);
  expect((second?.data?.['list'] as unknown[])[0]).not.toBe((first?.data?.['list'] as unknown[])[0]);
  void fetch(createContext('me'));
  expect(sent).toHaveLength(2);
});

test('callers that share a large response receive it in different turns of the event loop', async () => {
  const { sent, fetch } = setUp();
  const cancelled = createLightAbortController();
  const received: SubgraphResponse[] = [];
  for (const signal of [undefined, cancelled.signal, undefined, undefined])
    void fetch({ ...createContext('me'), ...(signal && { signal }) }).then((each) => received.push(each));
  // As the data source does.
  await largeResponseTurns.wait(undefined, 1_000_000);
  sent[0]?.respond({ data: { list: [{ a: 1 }] }, byteCount: 1_000_000 });
  const counts: number[] = [];
  while (received.length < 4) {
    await nextTurn();
    counts.push(received.length);
    cancelled.abort();
  }
  expect([...new Set(counts)]).toEqual(expect.arrayContaining([1, 2, 3, 4]));
  const [first, second, ...rest] = received;
  expect(second?.errors?.[0]?.extensions?.['code']).toBe('REQUEST_CANCELLED');
  for (const each of rest) {
    expect(each).toEqual(first);
    expect((each.data?.['list'] as unknown[])[0]).not.toBe((first?.data?.['list'] as unknown[])[0]);
  }
});

test.each<[string, OperationContext, string]>([
  ['other headers', createContext('you'), '{}'],
  ['no headers', {}, '{}'],
  ['other variables', createContext('me'), '{"a":1}'],
])('a request with %s is sent separately', (_, context, variables) => {
  const { sent, fetch } = setUp();
  void fetch(createContext('me'));
  void fetch(context, variables);
  expect(sent).toHaveLength(2);
});

test('mutations are never shared, and queries do not share requests across a mutation', async () => {
  const { sent, fetch } = setUp();
  void fetch();
  const mutation = fetch({}, '{}', 'mutation');
  void fetch({}, '{}', 'mutation');
  void fetch();
  expect(sent).toHaveLength(4);
  sent[1]?.respond({ data: {} });
  await mutation;
  void fetch();
  expect(sent).toHaveLength(5);
});

describe('an aborted signal', () => {
  test('does not abort a request that other callers wait for', async () => {
    const { sent, fetch } = setUp();
    const [one, two] = [new AbortController(), new AbortController()];
    const [aborted, waiting] = [fetch({ signal: one.signal }), fetch({ signal: two.signal })];
    one.abort();
    expect((await aborted).errors?.[0]?.extensions).toEqual({ code: 'REQUEST_CANCELLED' });
    expect(sent[0]?.context.signal.aborted).toBe(false);
    sent[0]?.respond({ data: { a: 1 } });
    expect(await waiting).toEqual({ data: { a: 1 } });
    expect(getEventListeners(two.signal, 'abort')).toHaveLength(0);
  });

  test('of the last caller aborts the request, and the next request is sent again', async () => {
    const { sent, fetch } = setUp();
    const controller = new AbortController();
    const aborted = fetch({ signal: controller.signal });
    controller.abort();
    await aborted;
    expect(sent[0]?.context.signal.aborted).toBe(true);
    const next = fetch();
    expect(sent).toHaveLength(2);
    sent[1]?.respond({ data: { a: 2 } });
    expect(await next).toEqual({ data: { a: 2 } });
  });

  test('does not abort a mutation', async () => {
    const { sent, fetch } = setUp();
    const controller = new AbortController();
    const done = fetch({ signal: controller.signal }, '{}', 'mutation');
    controller.abort();
    expect(sent[0]?.context.signal.aborted).toBe(false);
    sent[0]?.respond({ data: { a: 1 } });
    expect(await done).toEqual({ data: { a: 1 } });
  });

  test('prevents a request that has not been sent', async () => {
    const { sent, fetch } = setUp();
    expect((await fetch({ signal: AbortSignal.abort() })).errors).toHaveLength(1);
    expect(sent).toHaveLength(0);
  });
});

test('a failing data source rejects all callers', async () => {
  const { sent, fetch } = setUp();
  const all = Promise.allSettled([fetch(), fetch({ signal: new AbortController().signal })]);
  sent[0]?.fail(new Error('broken'));
  expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

test('a data source that throws rejects each caller and leaves no request in flight', async () => {
  const { fetch } = setUp({
    fetch: () => {
      throw new Error('broken');
    },
  });
  // `fetch` itself must not throw: its callers receive a rejected promise.
  const requests = [fetch(), fetch(), fetch({}, '{}', 'mutation')];
  for (const request of requests) await expect(request).rejects.toThrow('broken');
});
