import { GraphQLError } from 'graphql';
import { expect, test, vi } from 'vitest';
import { createEventQueue, type EventQueue } from './subscriptions/event-queue.js';
import type { SubscriptionSource } from './subscriptions/subscription-source.js';
import type { SubscriptionEnd } from './subscriptions/subscriber.js';
import type { ExecutorContext } from './executor.js';
import type { OperationContext } from './data-sources/data-source.js';
import type { AbortSignalLike } from './data-sources/light-abort-signal.js';
import { createRecordingSubscriber, createTestExecutor, silentLogger } from './testing/test-executor.js';
import { createThingsFederation } from './testing/things-federation.js';

const federation = createThingsFederation();
const INBOX = { capacity: 10, overflow: () => new GraphQLError('') };
const headers = () => ({ a: 'b' });

function setUp(options: Parameters<typeof createTestExecutor>[2] = {}) {
  const queues: EventQueue<unknown>[] = [];
  const signals: AbortSignal[] = [];
  const source: SubscriptionSource<OperationContext> = {
    snapshot: '{ id name }',
    subscribe(_, { signal }) {
      signals.push(signal);
      const queue = createEventQueue<unknown>({ ...INBOX, signal });
      queues.push(queue);
      return queue;
    },
  };
  const executor = createTestExecutor(federation, { moved: source }, options);
  const subscribe = (query = 'subscription { moved { id } }', context: ExecutorContext = {}) => {
    const prepared = executor.prepare({ query });
    if ('errors' in prepared) throw new Error(prepared.errors.join());
    const heard = createRecordingSubscriber();
    return { ...heard, ...executor.subscribe(prepared, context, heard.subscriber) };
  };
  return { executor, subscribe, queues, signals };
}

const code = (end: SubscriptionEnd) => end.errors?.[0]?.extensions?.['code'];

test('a subscriber that leaves leaves nothing behind, and hears nothing more', async () => {
  const { executor, subscribe, signals, queues } = setUp();
  const { results, ...running } = subscribe();
  await vi.waitFor(() => expect(signals).toHaveLength(1));
  expect(executor.runningSubscriptions).toBe(1);
  queues[0]?.push({ id: '1', name: 'a' });
  running.unsubscribe();
  running.unsubscribe();
  expect(signals[0]?.aborted).toBe(true);
  expect(executor.runningSubscriptions).toBe(0);
  await new Promise(setImmediate);
  expect(results).toStrictEqual([]);
});

test('a subscriber that leaves ends what is being fetched for it', async () => {
  let fetching: AbortSignalLike | undefined;
  const { subscribe, queues } = setUp({
    createDataSource: () => ({
      fetch: (_, context) => {
        fetching = context.signal;
        return new Promise(() => undefined);
      },
    }),
  });
  const running = subscribe('subscription { moved { label } }', { headers });
  await vi.waitFor(() => expect(queues).toHaveLength(1));
  queues[0]?.push({ id: '1', name: 'a' });
  await vi.waitFor(() => expect(fetching?.aborted).toBe(false));
  running.unsubscribe();
  expect(fetching?.aborted).toBe(true);
});

test('the data sources get what the transport knows of the caller', async () => {
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
  await vi.waitFor(() => expect(queues).toHaveLength(1));
  queues[0]?.push({ id: '1', name: 'a' });
  await vi.waitFor(() => expect(results).toHaveLength(1));
  expect(contexts).toMatchObject([{ headers: headers() }]);
});

test('an error of an event is formatted for the subscriber that it is told, and logged where he says', async () => {
  const logged: string[] = [];
  const seen: unknown[] = [];
  const { subscribe, queues } = setUp({
    formatError: (error, context) => (seen.push([context?.authorisationKey, error.message]), error.toJSON()),
  });
  const logger = { ...silentLogger, error: (_: object, message: string) => void logged.push(message) };
  subscribe(undefined, { authorisationKey: 'ana', logger: () => logger });
  await vi.waitFor(() => expect(queues).toHaveLength(1));
  queues[0]?.push(new Error('fails'));
  await vi.waitFor(() => expect(seen).toStrictEqual([['ana', 'Internal server error']]));
  expect(logged).toStrictEqual(['subscription source failed']);
});

test('on close every subscription ends with an error, and no new one begins', async () => {
  const { executor, subscribe, queues, signals } = setUp();
  const ends = [subscribe(), subscribe()].map(({ ended }) => ended.then(code));
  await vi.waitFor(() => expect(queues).not.toHaveLength(0));
  await executor.close();
  expect(await Promise.all(ends)).toEqual(['SERVER_SHUTTING_DOWN', 'SERVER_SHUTTING_DOWN']);
  expect(signals.every(({ aborted }) => aborted)).toBe(true);
  expect(code(await subscribe().ended)).toBe('SERVER_SHUTTING_DOWN');
  expect(executor.runningSubscriptions).toBe(0);
});

test('a source of a field that the supergraph does not have is passed over', () => {
  const executor = createTestExecutor(federation, {
    nope: { snapshot: '{ id }', subscribe: (_, { signal }) => createEventQueue({ ...INBOX, signal }) },
  });
  expect(executor.subgraphs.map(({ name }) => name)).toEqual(['notes', 'things']);
});

test('only subscriptions can be subscribed to', async () => {
  const { subscribe, executor } = setUp();
  expect(code(await subscribe('{ __typename }').ended)).toBe('INTERNAL_SERVER_ERROR');
  expect(executor.runningSubscriptions).toBe(0);
});

test('a text that is no supergraph is refused', () => {
  const other = { ...federation, supergraphSdl: 'type Query { a: Int }' };
  expect(() => createTestExecutor(other, {})).toThrow('not a supergraph');
});
