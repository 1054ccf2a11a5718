import { expect, test } from 'vitest';
import {
  createRecordingSubscriber,
  createTestExecutor,
  createTestSource,
  prepareNow,
} from './testing/test-executor.js';
import { createThingsFederation } from './testing/things-federation.js';
import type { SubscriptionLimits } from './subscriptions/subscription-manager.js';
import { waitForAssertion } from './testing/wait-for-assertion.js';

const federation = createThingsFederation();

function setUp(limits: SubscriptionLimits) {
  const source = createTestSource();
  const executor = createTestExecutor(federation, { moved: source }, { subscriptionLimits: limits });
  const subscribe = () => {
    const prepared = prepareNow(executor, { query: 'subscription { moved { id } }' });
    if ('errors' in prepared) throw new Error();
    const recording = createRecordingSubscriber();
    return { ...recording, ...executor.subscribe(prepared, {}, recording.subscriber) };
  };
  return { source, executor, subscribe };
}

test('maxSubscriptions rejects further subscriptions until one ends', async () => {
  const { subscribe } = setUp({ maxSubscriptions: 2 });
  const [first] = [subscribe(), subscribe()];
  expect(await subscribe().ended).toMatchObject({
    errors: [{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } }],
  });
  first.unsubscribe();
  const { ended } = subscribe();
  expect(await Promise.race([ended, Promise.resolve('runs')])).toBe('runs');
});

test('maxLifetimeMs ends subscriptions, the oldest first', async () => {
  const { subscribe, executor, source } = setUp({ maxLifetimeMs: 40 });
  const first = subscribe();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const second = subscribe();
  const order: string[] = [];
  void first.ended.then(() => order.push('first'));
  void second.ended.then(() => order.push('second'));
  for (const { ended } of [first, second]) {
    expect(await ended).toMatchObject({ errors: [{ extensions: { code: 'SUBSCRIPTION_EXPIRED' } }] });
  }
  await waitForAssertion(() => expect(order).toStrictEqual(['first', 'second']));
  expect([executor.runningSubscriptionCount, source.openStreamCount]).toStrictEqual([0, 0]);
});
