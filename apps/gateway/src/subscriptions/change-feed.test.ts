import { EventEmitter } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { createLogger, type RedisPubSubClient } from '@seguridad-abc/platform';
import { eventually } from '@seguridad-abc/platform/testing';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { createChangeFeed, createUserListeners, type ChangesPage, type LogCursor } from './change-feed.js';

test('a message reaches the listeners of its user and those of all users', () => {
  const onFirst = vi.fn();
  const onLast = vi.fn();
  const listeners = createUserListeners<(message: number) => void>(onFirst, onLast);
  const send = (userId: string, message: number) =>
    listeners.forEachOf(userId, (listener) => listener(message));
  const end = new AbortController();
  const [ana, ben, everyone] = [vi.fn(), vi.fn(), vi.fn()];
  listeners.add('ana', ana, end.signal);
  listeners.add('ben', ben, end.signal);
  listeners.add(null, everyone, end.signal);
  send('ana', 1);
  send('cleo', 2);
  expect(
    [ana, ben, everyone].map(({ mock }) => mock.calls.map(([message]) => message as number)),
  ).toStrictEqual([[1], [], [1, 2]]);
  expect(onFirst).toHaveBeenCalledOnce();
  expect(onLast).not.toHaveBeenCalled();
  end.abort();
  expect(onLast).toHaveBeenCalledOnce();
  send('ana', 3);
  expect(ana).toHaveBeenCalledOnce();
});

test('a listener whose signal is aborted is not added', () => {
  const onFirst = vi.fn();
  createUserListeners(onFirst, vi.fn()).add('ana', vi.fn(), AbortSignal.abort());
  expect(onFirst).not.toHaveBeenCalled();
});

interface TestChange {
  readonly kind: string;
  readonly position: number;
  readonly since?: number;
  readonly id: string;
}

interface TestEvent {
  readonly change: TestChange;
  readonly cursor: LogCursor | undefined;
  /** The last change of each entity when the event was delivered. */
  readonly latest: readonly TestChange[];
}

/** A feed of changes of user `ana`, without Redis and without reports. */
function startFeed(onLogReplaced = vi.fn()) {
  let onMessage: (change: TestChange) => void = () => undefined;
  const subscriber = Object.assign(new EventEmitter(), {
    status: 'ready',
    ping: () => Promise.resolve('PONG'),
  });
  const world = {
    logId: 'log-1',
    changes: [] as TestChange[],
    isReportsAway: false,
    requests: 0,
    events: [] as TestEvent[],
    onLogReplaced,
    /** Commits a change. @returns the message that reports publishes for it */
    commit(id: string): TestChange {
      const since = world.changes.at(-1)?.position;
      const change = { kind: 'UPDATED', position: (since ?? 0) + 2, id };
      world.changes.push(change);
      return { ...change, ...(since !== undefined && { since }) };
    },
    send: (change: TestChange) => onMessage(change),
    reconnect: () => void subscriber.emit('ready'),
    abort: new AbortController(),
    getPosition: () => feed.position,
  };
  const getLatest = () => [...new Map(world.changes.map((change) => [change.id, change])).values()];
  const pubsub = {
    subscriber,
    subscribe(_channel: string, _schema: unknown, listener: (change: TestChange) => void) {
      onMessage = listener;
      return Promise.resolve(() => undefined);
    },
  } as unknown as Pick<RedisPubSubClient, 'subscribe' | 'subscriber'>;
  const feed = createChangeFeed<TestChange, TestEvent>({
    name: 'test changes',
    pubsub,
    channel: 'test',
    schema: z.custom<TestChange>(),
    getEntity: ({ id }) => ({ id, userId: 'ana' }),
    toEvent: (change, cursor) => ({ change, cursor, latest: getLatest() }),
    async fetchChanges({ after, limit }): Promise<ChangesPage<TestChange>> {
      world.requests += 1;
      const changes = getLatest()
        .filter(({ position }) => position > after)
        .sort((a, b) => a.position - b.position)
        .slice(0, limit);
      const page = { logId: world.logId, position: world.changes.at(-1)?.position ?? 0, changes };
      await setImmediate();
      if (world.isReportsAway) throw new Error('away');
      return page;
    },
    checkIntervalMs: 5,
    logger: createLogger('test', 'silent'),
  });
  feed.listen('ana', { onEvent: (event) => world.events.push(event), onLogReplaced }, world.abort.signal);
  return world;
}

test('changes are delivered once, in order per entity, and a cursor covers delivered changes only', async () => {
  const action = fc.record({
    id: fc.constantFrom('a', 'b', 'c'),
    fate: fc.constantFrom('sent', 'lost', 'repeated', 'late'),
    isReportsAway: fc.boolean(),
    isReconnect: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    pauses: fc.nat(3),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
      const world = startFeed();
      await eventually(() => expect(world.requests).toBeGreaterThan(0));
      await setImmediate();
      await setImmediate();
      const late: TestChange[] = [];
      for (const { id, fate, isReportsAway, isReconnect, pauses } of actions) {
        world.isReportsAway = isReportsAway;
        const message = world.commit(id);
        if (fate === 'sent' || fate === 'repeated') world.send(message);
        if (fate === 'late') late.push(message);
        if (fate === 'repeated') for (const each of [message, ...late.splice(0)]) world.send(each);
        if (isReconnect) world.reconnect();
        for (let n = 0; n < pauses; n += 1) await setImmediate();
      }
      world.isReportsAway = false;
      const head = world.changes.at(-1)?.position ?? 0;
      await eventually(() => expect(world.getPosition()).toBe(head));
      world.abort.abort();

      const positions = world.events.map(({ change }) => change.position);
      expect(new Set(positions).size).toBe(positions.length);
      for (const id of ['a', 'b', 'c']) {
        const own = world.events
          .filter(({ change }) => change.id === id)
          .map(({ change }) => change.position);
        expect(own).toStrictEqual(own.toSorted((a, b) => a - b));
        const last = world.changes.findLast((change) => change.id === id);
        expect(own.at(-1)).toBe(last?.position);
      }
      world.events.forEach(({ cursor, latest }, index) => {
        // A client that stops here and resumes receives what it lacks: each entity was delivered, or changes again.
        const delivered = new Map(
          world.events.slice(0, index + 1).map(({ change }) => [change.id, change.position]),
        );
        for (const { id, position } of latest)
          if (position <= (cursor?.position ?? 0)) expect(delivered.get(id)).toBe(position);
      });
      if (actions.every(({ fate, isReportsAway }) => fate === 'sent' && !isReportsAway))
        expect(positions).toStrictEqual(world.changes.map(({ position }) => position));
    }),
    { numRuns: 60 },
  );
});

test('when another log replaces the log, the feed notifies old listeners, and new listeners follow the new log', async () => {
  const world = startFeed();
  world.send(world.commit('a'));
  await eventually(() => expect(world.events).toHaveLength(1));
  world.logId = 'log-2';
  await eventually(() => expect(world.onLogReplaced).toHaveBeenCalledOnce());
  await eventually(() => expect(world.getPosition()).toBe(2));
  world.send(world.commit('b'));
  await eventually(() => expect(world.events.at(-1)?.cursor).toStrictEqual({ logId: 'log-2', position: 4 }));
  world.abort.abort();
});
