import { expect, test } from 'vitest';
import {
  createFiniteSource,
  createRecordingSubscriber,
  createTestExecutor,
  executeTestRequest,
  prepareNow,
} from './testing/test-executor.js';
import { createThingsFederation } from './testing/things-federation.js';

const federation = createThingsFederation();
const SUBSCRIPTION = 'subscription { moved { id } }';

test('the caches of operations count their hits, misses and bytes', () => {
  const executor = createTestExecutor(federation);
  for (const query of ['{ __typename }', '{ __typename }', '{ unknown }', '{ unknown }'])
    prepareNow(executor, { query });
  const { operations, rejectedOperations } = executor.statistics.caches;
  expect(operations).toMatchObject({ hits: 1, misses: 3, entries: 1 });
  expect(operations.bytes).toBeGreaterThan(0);
  expect(operations.bytes).toBeLessThan(operations.maxBytes);
  // An operation that is not known yet is looked up there too.
  expect(rejectedOperations).toMatchObject({ hits: 1, misses: 2, entries: 1 });
});

test('requests that share the response of an equal one are counted', async () => {
  const executor = createTestExecutor(federation);
  const query = '{ things { id name } }';
  const running = [executeTestRequest(executor, query), executeTestRequest(executor, query)];
  expect(executor.statistics.runningExecutions).toBe(2);
  await Promise.all(running);
  expect(executor.statistics).toMatchObject({
    runningExecutions: 0,
    requestSharing: { sent: 1, shared: 1 },
    planning: undefined,
  });
});

test('equal subscriptions share executions, and each payload is counted', async () => {
  const executor = createTestExecutor(federation, {
    moved: { snapshot: '{ id }', ...createFiniteSource({ id: '1' }, { id: '2' }) },
  });
  const subscribers = [createRecordingSubscriber(), createRecordingSubscriber()];
  for (const { subscriber } of subscribers) {
    const prepared = prepareNow(executor, { query: SUBSCRIPTION });
    if ('errors' in prepared) throw new AggregateError(prepared.errors);
    executor.subscribe(prepared, { authorizationKey: 'ana' }, subscriber);
  }
  expect(executor.statistics.subscriptions).toMatchObject({ running: 2, groups: 1 });
  await Promise.all(subscribers.map(({ ended }) => ended));
  const { subscriptions } = executor.statistics;
  expect(subscriptions).toMatchObject({
    running: 0,
    groups: 0,
    sentPayloads: 4,
    droppedPayloads: 0,
    tooSlowEnds: 0,
    slowSubscribers: 0,
    unreadPayloads: 0,
  });
  expect(subscriptions.fields.get('moved')).toMatchObject({ started: 2, events: 2, executions: 2 });
});

test('payloads that a slow client leaves unread are counted, and those that are dropped', async () => {
  const executor = createTestExecutor(
    federation,
    {
      moved: {
        snapshot: '{ id }',
        stateKey: (event) => (event as { readonly id: string }).id,
        ...createFiniteSource({ id: '1' }, { id: '2' }, { id: '1' }, { id: '3' }),
      },
    },
    { subscriptionLimits: { maxUnread: 2 } },
  );
  const { subscriber, ended } = createRecordingSubscriber();
  const prepared = prepareNow(executor, { query: SUBSCRIPTION });
  if ('errors' in prepared) throw new AggregateError(prepared.errors);
  executor.subscribe(prepared, {}, { ...subscriber, unsentBytes: 1_000_000 });
  expect((await ended).errors).toMatchObject([{ extensions: { code: 'SUBSCRIBER_TOO_SLOW' } }]);
  // The second payload of 1 replaced the first one; three were unread at the end.
  expect(executor.statistics.subscriptions).toMatchObject({
    sentPayloads: 0,
    droppedPayloads: 4,
    tooSlowEnds: 1,
    slowSubscribers: 0,
  });
});
