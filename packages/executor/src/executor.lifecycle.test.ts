import { GraphQLError } from 'graphql';
import { expect, test, vi } from 'vitest';
import {
  createEventQueue,
  type EventQueue,
  type SubscriptionSource,
} from './subscriptions/subscription-source.js';
import type { SubscriptionEnd } from './subscriptions/subscriber.js';
import type { ExecutorContext } from './executor.js';
import type { OperationContext } from './shared/operation-context.js';
import type { AbortSignalLike } from './shared/light-abort-signal.js';
import {
  createRecordingSubscriber,
  createTestExecutor,
  silentLogger,
  prepareNow,
} from './testing/test-executor.js';
import { createThingsFederation } from './testing/things-federation.js';
import { waitForAssertion } from './testing/wait-for-assertion.js';

const federation = createThingsFederation();
const QUEUE_OPTIONS = { capacity: 10, overflow: () => new GraphQLError('') };
const headers = () => ({ a: 'b' });

function setUp(options: Parameters<typeof createTestExecutor>[2] = {}) {
  const queues: EventQueue<unknown>[] = [];
  const signals: AbortSignal[] = [];
  const source: SubscriptionSource<OperationContext> = {
    snapshot: '{ id name }',
    subscribe(_, { signal }) {
      signals.push(signal);
      const queue = createEventQueue<unknown>({ ...QUEUE_OPTIONS, signal });
      queues.push(queue);
      return queue;
    },
  };
  const executor = createTestExecutor(federation, { moved: source }, options);
  const subscribe = (query = 'subscription { moved { id } }', context: ExecutorContext = {}) => {
    const prepared = prepareNow(executor, { query });
    if ('errors' in prepared) throw new Error(prepared.errors.join());
    const recording = createRecordingSubscriber();
    return { ...recording, ...executor.subscribe(prepared, context, recording.subscriber) };
  };
  return { executor, subscribe, queues, signals };
}

const getCode = (end: SubscriptionEnd) => end.errors?.[0]?.extensions?.['code'];

test('unsubscribe closes the source and sends nothing more', async () => {
  const { executor, subscribe, signals, queues } = setUp();
  const { results, ...running } = subscribe();
  await waitForAssertion(() => expect(signals).toHaveLength(1));
  expect(executor.runningSubscriptionCount).toBe(1);
  queues[0]?.push({ id: '1', name: 'a' });
  running.unsubscribe();
  running.unsubscribe();
  expect(signals[0]?.aborted).toBe(true);
  expect(executor.runningSubscriptionCount).toBe(0);
  await new Promise(setImmediate);
  expect(results).toStrictEqual([]);
});

test('unsubscribe aborts running subgraph requests', async () => {
  let fetchSignal: AbortSignalLike | undefined;
  const { subscribe, queues } = setUp({
    createDataSource: () => ({
      fetch: (_, context) => {
        fetchSignal = context.signal;
        return new Promise(() => undefined);
      },
    }),
  });
  const running = subscribe('subscription { moved { label } }', { headers });
  await waitForAssertion(() => expect(queues).toHaveLength(1));
  queues[0]?.push({ id: '1', name: 'a' });
  await waitForAssertion(() => expect(fetchSignal?.aborted).toBe(false));
  running.unsubscribe();
  expect(fetchSignal?.aborted).toBe(true);
});

test('data sources receive the headers of the context', async () => {
  const contexts: object[] = [];
  const { subscribe, queues } = setUp({
    createDataSource: () => ({
      fetch: (_, context) => {
        contexts.push(context);
        return Promise.resolve({ data: null });
      },
    }),
  });
  const { results } = subscribe('subscription { moved { label } }', { headers });
  await waitForAssertion(() => expect(queues).toHaveLength(1));
  queues[0]?.push({ id: '1', name: 'a' });
  await waitForAssertion(() => expect(results).toHaveLength(1));
  expect(contexts).toMatchObject([{ headers: headers() }]);
});

test('an error of an event is formatted and logged with the context of its subscriber', async () => {
  const formatted: unknown[] = [];
  const { subscribe, queues } = setUp({
    formatError: (error, context) => (
      formatted.push([context?.authorizationKey, error.message]),
      error.toJSON()
    ),
  });
  const error = vi.fn();
  const logger = { ...silentLogger, error };
  subscribe(undefined, { authorizationKey: 'ana', logger: () => logger });
  await waitForAssertion(() => expect(queues).toHaveLength(1));
  queues[0]?.push(new Error('fails'));
  await waitForAssertion(() => expect(formatted).toStrictEqual([['ana', 'Internal server error']]));
  expect(error).toHaveBeenCalledWith(expect.anything(), 'subscription source failed');
});

test('close ends all subscriptions and rejects new ones', async () => {
  const { executor, subscribe, queues, signals } = setUp();
  const ends = [subscribe(), subscribe()].map(({ ended }) => ended.then(getCode));
  await waitForAssertion(() => expect(queues).not.toHaveLength(0));
  await executor.close();
  expect(await Promise.all(ends)).toEqual(['SERVER_SHUTTING_DOWN', 'SERVER_SHUTTING_DOWN']);
  expect(signals.every(({ aborted }) => aborted)).toBe(true);
  expect(getCode(await subscribe().ended)).toBe('SERVER_SHUTTING_DOWN');
  expect(executor.runningSubscriptionCount).toBe(0);
});

test('a source for an unknown subscription field is ignored', () => {
  const executor = createTestExecutor(federation, {
    nope: {
      snapshot: '{ id }',
      subscribe: (_, { signal }) => createEventQueue({ ...QUEUE_OPTIONS, signal }),
    },
  });
  expect(executor.subgraphs.map(({ name }) => name)).toEqual(['notes', 'things']);
});

test('subscribe rejects a query', async () => {
  const { subscribe, executor } = setUp();
  expect(getCode(await subscribe('{ __typename }').ended)).toBe('INTERNAL_SERVER_ERROR');
  expect(executor.runningSubscriptionCount).toBe(0);
});

test('createExecutor rejects SDL that is not a supergraph', () => {
  const other = { ...federation, supergraphSdl: 'type Query { a: Int }' };
  expect(() => createTestExecutor(other, {})).toThrow('not a supergraph');
});
