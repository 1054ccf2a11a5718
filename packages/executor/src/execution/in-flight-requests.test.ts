import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { DataSource, OperationContext, SubgraphFetchContext } from '../data-sources/data-source.js';
import type { SubgraphResponse } from '../data-sources/subgraph-response.js';
import { createSubgraphOperation } from '../data-sources/data-source.js';
import { createInFlightRequests } from './in-flight-requests.js';

interface Asked {
  readonly context: SubgraphFetchContext;
  readonly answer: (answer: SubgraphResponse) => void;
  readonly fail: (error: Error) => void;
}

function setUp() {
  const flights = createInFlightRequests();
  const asked: Asked[] = [];
  const dataSource: DataSource = {
    fetch: (_, context) =>
      new Promise((answer, fail) => {
        asked.push({ context, answer, fail });
      }),
  };
  const fetch = (context: OperationContext = {}, variables = '{}', kind: 'query' | 'mutation' = 'query') =>
    flights.fetch(
      dataSource,
      'things',
      { operation: createSubgraphOperation(kind, '{ a }', undefined), variables, entityCount: undefined },
      context,
    );
  return { asked, fetch };
}

const callerWith = (authorization: string): OperationContext => ({ headers: () => ({ authorization }) });

test('who asks the same while it is fetched waits for that fetch, and gets an answer of its own', async () => {
  const { asked, fetch } = setUp();
  const all = [fetch(callerWith('me')), fetch({ ...callerWith('me'), traceHeaders: () => ({ trace: '2' }) })];
  expect(asked).toHaveLength(1);
  asked[0]?.answer({ data: { list: [{ a: 1 }] } });
  const [first, second] = await Promise.all(all);
  expect(second).toEqual(first);
  expect((second?.data?.['list'] as unknown[])[0]).not.toBe((first?.data?.['list'] as unknown[])[0]);
  void fetch(callerWith('me'));
  expect(asked).toHaveLength(2);
});

test.each<[string, OperationContext, string]>([
  ['another caller', callerWith('you'), '{}'],
  ['no caller', {}, '{}'],
  ['other variables', callerWith('me'), '{"a":1}'],
])('%s is not answered by it', (_, context, variables) => {
  const { asked, fetch } = setUp();
  void fetch(callerWith('me'));
  void fetch(context, variables);
  expect(asked).toHaveLength(2);
});

test('a mutation is sent each time, and nothing asked before it answers what is asked after it', async () => {
  const { asked, fetch } = setUp();
  void fetch();
  const mutation = fetch({}, '{}', 'mutation');
  void fetch({}, '{}', 'mutation');
  void fetch();
  expect(asked).toHaveLength(4);
  asked[1]?.answer({ data: {} });
  await mutation;
  void fetch();
  expect(asked).toHaveLength(5);
});

describe('a caller that leaves', () => {
  test('ends nothing that others wait for', async () => {
    const { asked, fetch } = setUp();
    const [one, two] = [new AbortController(), new AbortController()];
    const [left, stayed] = [fetch({ signal: one.signal }), fetch({ signal: two.signal })];
    one.abort();
    expect((await left).errors?.[0]?.extensions).toEqual({ code: 'REQUEST_CANCELLED' });
    expect(asked[0]?.context.signal.aborted).toBe(false);
    asked[0]?.answer({ data: { a: 1 } });
    expect(await stayed).toEqual({ data: { a: 1 } });
    expect(getEventListeners(two.signal, 'abort')).toHaveLength(0);
  });

  test('as the last one ends the fetch, and who comes next is not answered by it', async () => {
    const { asked, fetch } = setUp();
    const controller = new AbortController();
    const left = fetch({ signal: controller.signal });
    controller.abort();
    await left;
    expect(asked[0]?.context.signal.aborted).toBe(true);
    const next = fetch();
    expect(asked).toHaveLength(2);
    asked[1]?.answer({ data: { a: 2 } });
    expect(await next).toEqual({ data: { a: 2 } });
  });

  test('does not cut off a mutation that has been sent', async () => {
    const { asked, fetch } = setUp();
    const controller = new AbortController();
    const done = fetch({ signal: controller.signal }, '{}', 'mutation');
    controller.abort();
    expect(asked[0]?.context.signal.aborted).toBe(false);
    asked[0]?.answer({ data: { a: 1 } });
    expect(await done).toEqual({ data: { a: 1 } });
  });

  test('before it has begun fetches nothing', async () => {
    const { asked, fetch } = setUp();
    expect((await fetch({ signal: AbortSignal.abort() })).errors).toHaveLength(1);
    expect(asked).toHaveLength(0);
  });
});

test('a data source that fails fails for all that wait', async () => {
  const { asked, fetch } = setUp();
  const all = Promise.allSettled([fetch(), fetch({ signal: new AbortController().signal })]);
  asked[0]?.fail(new Error('broken'));
  expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
