import { GraphQLError, type FormattedExecutionResult } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { ExecutorContext } from '../executor.js';
import {
  createRecordingSubscriber,
  createTestExecutor,
  createTestSource,
  prepareNow,
} from '../testing/test-executor.js';
import { createThingsFederation } from '../testing/things-federation.js';
import type { SubscriptionSource } from './subscription-source.js';
import { waitForAssertion } from '../testing/wait-for-assertion.js';

const federation = createThingsFederation();
/** `label` is not in the event, so each execution makes one fetch. */
const QUERY_WITH_FETCH = 'subscription ($id: ID) { moved(id: $id) { id label } }';
const QUERY_WITHOUT_FETCH = 'subscription ($id: ID) { moved(id: $id) { id name } }';

function setUp(options: Partial<SubscriptionSource<ExecutorContext>> = {}) {
  const source = createTestSource(options);
  const callers: unknown[] = [];
  const executor = createTestExecutor(
    federation,
    { moved: source },
    {
      // Responds differently to each caller.
      createDataSource: () => ({
        fetch(_request, { headers }) {
          const caller = headers?.['caller'];
          callers.push(caller);
          return Promise.resolve({
            data: { _entities: [{ __typename: 'Thing', label: `for ${caller ?? '?'}` }] },
          });
        },
      }),
    },
  );
  const subscribe = (
    caller: string | undefined,
    query = QUERY_WITH_FETCH,
    variables: Record<string, unknown> = {},
    chargeEvent?: (nowMs: number) => void,
  ) => {
    const prepared = prepareNow(executor, { query, variables });
    if ('errors' in prepared) throw new Error(prepared.errors.join());
    const recorder = createRecordingSubscriber();
    const context = {
      headers: () => (caller === undefined ? {} : { caller }) as Record<string, string>,
      authorizationKey: caller,
      chargeEvent,
    };
    return { ...recorder, ...executor.subscribe(prepared, context, recorder.subscriber) };
  };
  return { source, executor, callers, subscribe };
}

const labels = (results: readonly FormattedExecutionResult[]) =>
  results.map(({ data }) => (data as { moved: { label: string } }).moved.label);
const event = { id: '1', name: 'a' };

describe('subscribers with the same operation and authorization', () => {
  test('share one source, and one execution and payload for each event', async () => {
    const { source, executor, callers, subscribe } = setUp();
    const recorders = Array.from({ length: 100 }, () => subscribe('ana'));
    expect([executor.runningSubscriptionCount, source.openStreamCount]).toStrictEqual([100, 1]);
    source.push(event);
    source.push(event);
    await waitForAssertion(() => {
      for (const { results } of recorders) expect(labels(results)).toStrictEqual(['for ana', 'for ana']);
    });
    expect(callers).toStrictEqual(['ana', 'ana']);
    expect(new Set(recorders.flatMap(({ payloads }) => payloads)).size).toBe(2);
  });

  test('share the source until the last one leaves', async () => {
    const { source, executor, subscribe } = setUp();
    const [first, second] = [subscribe('ana'), subscribe('ana')];
    first.unsubscribe();
    source.push(event);
    await waitForAssertion(() => expect(labels(second.results)).toStrictEqual(['for ana']));
    expect(first.results).toStrictEqual([]);
    second.unsubscribe();
    expect([executor.runningSubscriptionCount, source.openStreamCount]).toStrictEqual([0, 0]);
    subscribe('ana');
    expect([source.openStreamCount, source.receivedArguments.length]).toStrictEqual([1, 2]);
  });

  test.each([
    ['variables', QUERY_WITH_FETCH, { id: '2' }],
    ['documents', 'subscription Other($id: ID) { moved(id: $id) { label } }', {}],
  ])('do not share if %s differ', (_, query, variables) => {
    const { source, subscribe } = setUp();
    subscribe('ana');
    subscribe('ana', query, variables);
    expect(source.openStreamCount).toBe(2);
  });
});

describe('callers with different authorization', () => {
  test('receive their own results if a fetch is made', async () => {
    const { source, callers, subscribe } = setUp({ dependsOnCaller: false });
    const recorders = ['ana', 'ben', undefined, undefined].map((caller) => subscribe(caller));
    expect(source.openStreamCount).toBe(4);
    source.push(event);
    await waitForAssertion(() =>
      expect(recorders.flatMap(({ results }) => labels(results))).toStrictEqual([
        'for ana',
        'for ben',
        'for ?',
        'for ?',
      ]),
    );
    expect(callers.sort()).toStrictEqual(['ana', 'ben', undefined, undefined]);
  });

  test('do not share a source that depends on the caller', () => {
    const { source, subscribe } = setUp();
    for (const caller of ['ana', 'ben', undefined, undefined]) subscribe(caller, QUERY_WITHOUT_FETCH);
    expect(source.openStreamCount).toBe(4);
  });

  test('share if neither the source nor a fetch depends on the caller', async () => {
    const { source, subscribe, callers } = setUp({ dependsOnCaller: false });
    const recorders = ['ana', 'ben', undefined].map((caller) => subscribe(caller, QUERY_WITHOUT_FETCH));
    expect(source.openStreamCount).toBe(1);
    source.push(event);
    await waitForAssertion(() => {
      for (const { results } of recorders) expect(results).toStrictEqual([{ data: { moved: event } }]);
    });
    expect(callers).toStrictEqual([]);
  });
});

const createRateLimitedError = () =>
  new GraphQLError('Subscribe again in 3 seconds.', { extensions: { code: 'RATE_LIMITED' } });

describe('the price of an event', () => {
  /** Pays for a number of events, then throws. */
  const createPurse = (eventCount: number) => {
    let left = eventCount;
    return () => {
      if (left === 0) throw createRateLimitedError();
      left -= 1;
    };
  };
  const REFUSED = {
    errors: [{ message: 'Subscribe again in 3 seconds.', extensions: { code: 'RATE_LIMITED' } }],
  };

  test('is paid before the event is executed; who cannot pay receives the end instead', async () => {
    const { source, executor, callers, subscribe } = setUp();
    const ana = subscribe('ana', QUERY_WITH_FETCH, {}, createPurse(1));
    source.push(event);
    source.push(event);
    expect(await ana.ended).toMatchObject(REFUSED);
    expect(labels(ana.results)).toStrictEqual(['for ana']);
    expect(callers).toStrictEqual(['ana']);
    expect([executor.runningSubscriptionCount, source.openStreamCount]).toStrictEqual([0, 0]);
  });

  test('is paid by each subscriber, and the others receive the event', async () => {
    const { source, callers, subscribe } = setUp();
    const [poor, rich] = [createPurse(1), createPurse(10)].map((purse) =>
      subscribe('ana', QUERY_WITH_FETCH, {}, purse),
    );
    source.push(event);
    source.push(event);
    await waitForAssertion(() => expect(rich?.results).toHaveLength(2));
    expect(await poor?.ended).toMatchObject(REFUSED);
    expect(poor?.results).toHaveLength(1);
    expect(callers).toHaveLength(2);
  });

  test('has the same time for each subscriber, because the clock is read once', async () => {
    const { source, subscribe } = setUp();
    const times: number[] = [];
    const startedAt = performance.now();
    const all = Array.from({ length: 50 }, () =>
      subscribe('ana', QUERY_WITH_FETCH, {}, (nowMs) => times.push(nowMs)),
    );
    source.push(event);
    await waitForAssertion(() => {
      for (const { results } of all) expect(results).toHaveLength(1);
    });
    expect(times).toHaveLength(50);
    expect(new Set(times).size).toBe(1);
    expect(times[0]).toBeGreaterThanOrEqual(startedAt);
  });
});

test('the end of a source completes all subscriptions after its events', async () => {
  const { source, subscribe, executor } = setUp();
  const recorders = [subscribe('ana'), subscribe('ana')];
  source.push(event);
  source.end();
  expect(await Promise.all(recorders.map(({ ended }) => ended))).toStrictEqual([{}, {}]);
  for (const { results } of recorders) expect(results).toHaveLength(1);
  expect([executor.runningSubscriptionCount, source.openStreamCount]).toStrictEqual([0, 0]);
});

test('a source that fails ends all subscriptions with a masked error', async () => {
  const { subscribe, executor } = setUp();
  const failing = createTestExecutor(federation, {
    moved: {
      subscribe() {
        throw new Error('the password is wrong');
      },
    },
  });
  const prepared = prepareNow(failing, { query: QUERY_WITH_FETCH });
  if ('errors' in prepared) throw new Error();
  const recorder = createRecordingSubscriber();
  failing.subscribe(prepared, {}, recorder.subscriber);
  expect(await recorder.ended).toMatchObject({
    errors: [{ message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
  });
  expect(subscribe('ana').results).toStrictEqual([]);
  expect(executor.runningSubscriptionCount).toBe(1);
});

test('a source that ignores its signal does not keep a subscription running', async () => {
  const { executor } = setUp();
  const never = createTestExecutor(federation, {
    moved: {
      async *subscribe() {
        yield event;
        await new Promise(() => undefined);
      },
    },
  });
  const prepared = prepareNow(never, { query: QUERY_WITHOUT_FETCH });
  if ('errors' in prepared) throw new Error();
  const recorder = createRecordingSubscriber();
  const running = never.subscribe(prepared, {}, recorder.subscriber);
  await waitForAssertion(() => expect(recorder.results).toHaveLength(1));
  running.unsubscribe();
  expect([never.runningSubscriptionCount, executor.runningSubscriptionCount]).toStrictEqual([0, 0]);
});
