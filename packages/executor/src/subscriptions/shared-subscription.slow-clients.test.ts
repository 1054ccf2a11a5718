import { describe, expect, test } from 'vitest';
import type { SubscriptionSource } from './subscription-source.js';
import type { SubscriptionLimits } from './subscription-manager.js';
import {
  createRecordingSubscriber,
  createTestExecutor,
  createTestSource,
  prepareNow,
} from '../testing/test-executor.js';
import { createThingsFederation } from '../testing/things-federation.js';
import { waitForAssertion } from '../testing/wait-for-assertion.js';

const federation = createThingsFederation();

function setUp(source: Partial<SubscriptionSource<object>>, limits: SubscriptionLimits) {
  const events = createTestSource({ dependsOnCaller: false, ...source });
  const executor = createTestExecutor(federation, { moved: events }, { subscriptionLimits: limits });
  const subscribe = () => {
    const prepared = prepareNow(executor, { query: 'subscription { moved { id name } }' });
    if ('errors' in prepared) throw new Error();
    const recorder = createRecordingSubscriber();
    const connection = { ...recorder.subscriber, unsentBytes: 0 };
    return { ...recorder, connection, ...executor.subscribe(prepared, {}, connection) };
  };
  const names = ({ results }: ReturnType<typeof subscribe>) =>
    results.map(({ data }) => (data as { moved: { name: string } }).moved.name);
  const push = (...all: string[]) => {
    for (const name of all) events.push({ id: name.charAt(0), name });
  };
  return { executor, events, subscribe, names, push };
}

describe('a client that reads too slowly', () => {
  test('is ended after too many unread payloads; other clients are not', async () => {
    const { subscribe, push, names, executor } = setUp({}, { maxUnsentBytes: 100, maxUnread: 3 });
    const [slow, fast] = [subscribe(), subscribe()];
    push('a1');
    await waitForAssertion(() => expect(names(slow)).toStrictEqual(['a1']));
    slow.connection.unsentBytes = 101;
    push('a2', 'a3', 'a4', 'a5', 'a6');
    expect(await slow.ended).toMatchObject({ errors: [{ extensions: { code: 'SUBSCRIBER_TOO_SLOW' } }] });
    await waitForAssertion(() => expect(names(fast)).toStrictEqual(['a1', 'a2', 'a3', 'a4', 'a5', 'a6']));
    expect(names(slow)).toStrictEqual(['a1']);
    expect(executor.runningSubscriptionCount).toBe(1);
  });

  test('is ended after few unread payloads if they are large', async () => {
    const { subscribe, push } = setUp({}, { maxUnsentBytes: 100, maxUnread: 1_000 });
    const slow = subscribe();
    slow.connection.unsentBytes = 101;
    push('a'.repeat(300), 'a'.repeat(301));
    expect(await slow.ended).toMatchObject({ errors: [{ extensions: { code: 'SUBSCRIBER_TOO_SLOW' } }] });
  });

  test('receives unread payloads in order once it reads again', async () => {
    const { subscribe, push, names } = setUp({}, { maxUnsentBytes: 100, maxUnread: 10 });
    const [slow, fast] = [subscribe(), subscribe()];
    slow.connection.unsentBytes = 101;
    push('a1', 'a2', 'a3');
    await waitForAssertion(() => expect(names(fast)).toHaveLength(3));
    expect(names(slow)).toStrictEqual([]);
    slow.connection.unsentBytes = 0;
    await waitForAssertion(() => expect(names(slow)).toStrictEqual(['a1', 'a2', 'a3']));
    push('a4');
    await waitForAssertion(() => expect(names(slow)).toStrictEqual(['a1', 'a2', 'a3', 'a4']));
  });

  test('receives the latest payload of each state key and is not ended', async () => {
    const state = { stateKey: (value: unknown) => (value as { id: string }).id };
    const { subscribe, push, names } = setUp(state, { maxUnsentBytes: 100, maxUnread: 2 });
    const [slow, fast] = [subscribe(), subscribe()];
    slow.connection.unsentBytes = 101;
    push('a1', 'b1', 'a2', 'a3', 'b2', 'a4');
    await waitForAssertion(() => expect(names(fast)).toHaveLength(6));
    slow.connection.unsentBytes = 0;
    await waitForAssertion(() => expect(names(slow)).toStrictEqual(['b2', 'a4']));
  });

  test('is completed after its unread payloads', async () => {
    const { subscribe, push, names, events, executor } = setUp({}, { maxUnsentBytes: 100 });
    const [slow, fast] = [subscribe(), subscribe()];
    slow.connection.unsentBytes = 101;
    push('a1');
    events.end();
    await fast.ended;
    expect(executor.runningSubscriptionCount).toBe(1);
    slow.connection.unsentBytes = 0;
    expect(await slow.ended).toStrictEqual({});
    expect(names(slow)).toStrictEqual(['a1']);
    expect([executor.runningSubscriptionCount, events.openStreamCount]).toStrictEqual([0, 0]);
  });

  test('leaves no timer when it unsubscribes', async () => {
    const { subscribe, push, names } = setUp({}, { maxUnsentBytes: 100 });
    const [slow, fast] = [subscribe(), subscribe()];
    slow.connection.unsentBytes = 101;
    push('a1');
    await waitForAssertion(() => expect(names(fast)).toHaveLength(1));
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    slow.unsubscribe();
    expect(timers()).toBe(before - 1);
  });
});
