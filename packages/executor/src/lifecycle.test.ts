import { AsyncLocalStorage } from 'node:async_hooks';
import { GraphQLError } from 'graphql';
import { expect, test, vi } from 'vitest';
import { createEventQueue, type EventQueue } from './subscriptions/event-queue.js';
import type { SubscriptionSource } from './subscriptions/source.js';
import type { FetchContext } from './fetching/data-source.js';
import { executorOf, things } from './testing/things.js';

const federation = things();
const headers = () => ({ a: 'b' });

function setUp(options: Parameters<typeof executorOf>[2] = {}) {
  const queues: EventQueue<unknown>[] = [];
  const signals: AbortSignal[] = [];
  const source: SubscriptionSource<FetchContext> = {
    snapshot: '{ id name }',
    subscribe(_, { signal }) {
      signals.push(signal);
      const queue = createEventQueue<unknown>({
        signal,
        capacity: 10,
        overflow: () => new GraphQLError(''),
      });
      queues.push(queue);
      return queue;
    },
  };
  const executor = executorOf(federation, { moved: source }, options);
  const subscribe = (query = 'subscription { moved { id } }', context: FetchContext = {}) => {
    const prepared = executor.prepare({ query });
    if ('errors' in prepared) throw new Error(prepared.errors.join());
    return executor.subscribe(prepared, context);
  };
  return { executor, subscribe, queues, signals };
}

const code = (error: unknown) => (error as GraphQLError).extensions['code'];

test('a subscriber that leaves leaves nothing behind', async () => {
  const { executor, subscribe, signals } = setUp();
  const stream = subscribe();
  const waiting = stream.next();
  await vi.waitFor(() => expect(signals).toHaveLength(1));
  expect(executor.running).toBe(1);
  await stream.return();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(signals[0]?.aborted).toBe(true);
  expect(executor.running).toBe(0);
});

test('a subscriber that leaves ends what is being fetched for it', async () => {
  let fetching: AbortSignal | undefined;
  const { subscribe, queues } = setUp({
    dataSource: () => ({
      fetch: (_, context) => {
        fetching = context.signal;
        return new Promise(() => undefined);
      },
    }),
  });
  const stream = subscribe('subscription { moved { label } }', { headers });
  const waiting = stream.next();
  await vi.waitFor(() => expect(queues).toHaveLength(1));
  queues[0]?.push({ id: '1', name: 'a' });
  await vi.waitFor(() => expect(fetching?.aborted).toBe(false));
  await stream.return();
  expect(fetching?.aborted).toBe(true);
  await waiting;
});

test('the data sources get what the transport knows of the caller', async () => {
  const contexts: object[] = [];
  const { subscribe, queues } = setUp({
    dataSource: () => ({
      fetch: (_, context) => {
        contexts.push(context);
        return Promise.resolve({ data: null });
      },
    }),
  });
  const next = subscribe('subscription { moved { label } }', { headers }).next();
  await vi.waitFor(() => expect(queues).toHaveLength(1));
  queues[0]?.push({ id: '1', name: 'a' });
  await next;
  expect(contexts).toMatchObject([{ headers }]);
});

test('an event is answered in the asynchronous context of its subscription', async () => {
  const storage = new AsyncLocalStorage<string>();
  const seen: (string | undefined)[] = [];
  const { subscribe, queues } = setUp({
    formatError: (error) => (seen.push(storage.getStore()), error.toJSON()),
  });
  const stream = storage.run('subscriber', () => subscribe());
  const next = storage.run('reader', () => stream.next());
  await vi.waitFor(() => expect(queues).toHaveLength(1));
  queues[0]?.push(new Error('fails'));
  await next;
  expect(seen).toEqual(['subscriber']);
});

test('on close every stream ends with an error, and no new one begins', async () => {
  const { executor, subscribe, queues, signals } = setUp();
  const streams = [subscribe(), subscribe()];
  const waiting = streams.map((stream) => stream.next().catch(code));
  await vi.waitFor(() => expect(queues).toHaveLength(2));
  await executor.close();
  expect(await Promise.all(waiting)).toEqual(['SERVER_SHUTTING_DOWN', 'SERVER_SHUTTING_DOWN']);
  expect(signals.every(({ aborted }) => aborted)).toBe(true);
  expect(await subscribe().next().catch(code)).toBe('SERVER_SHUTTING_DOWN');
  expect(executor.running).toBe(0);
});

test('close does not wait for ever for a reader that reads no more', async () => {
  const { executor, subscribe } = setUp({ closeTimeoutMs: 10 });
  subscribe();
  await executor.close();
  expect(executor.running).toBe(0);
});

test('a source of a field that the supergraph does not have is passed over', () => {
  const { subscribe } = setUp();
  const executor = executorOf(federation, { nope: { snapshot: '{ id }', subscribe: () => subscribe() } });
  expect(executor.subgraphs.map(({ name }) => name)).toEqual(['notes', 'things']);
});

test('only subscriptions can be subscribed to', () => {
  const { executor } = setUp();
  const prepared = executor.prepare({ query: '{ __typename }' });
  expect(() => 'errors' in prepared || executor.subscribe(prepared, {})).toThrow('prepared subscription');
});

test('a text that is no supergraph is refused', () => {
  const other = { ...federation, supergraphSdl: 'type Query { a: Int }' };
  expect(() => executorOf(other, {})).toThrow('This is no supergraph');
});
