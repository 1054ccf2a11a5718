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
  readonly log?: string;
  readonly late?: true;
  readonly id: string;
}

interface TestEvent {
  readonly change: TestChange;
  readonly cursor: LogCursor | undefined;
  /** The last change of each entity when the event was delivered. */
  readonly latest: readonly TestChange[];
}

/** A feed of changes of user `ana`, without Redis and without reports. */
function startFeed({
  onLogReplaced = vi.fn(),
  checkIntervalMs = 5,
  startGraceMs = 2_000,
  committed = 0,
} = {}) {
  let onMessage: (change: TestChange) => void = () => undefined;
  const subscriber = Object.assign(new EventEmitter(), {
    status: 'ready',
    ping: () => Promise.resolve('PONG'),
  });
  const world = {
    logId: 'log-1',
    changes: [] as TestChange[],
    isReportsAway: false,
    /** The next pages come from an instance that is behind. */
    behind: { times: 0, position: 0 } as { times: number; position: number; logId?: string },
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
  for (let n = 0; n < committed; n += 1) world.commit(`before ${n}`);
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
      const { behind } = world;
      if (behind.times > 0) {
        behind.times -= 1;
        const { position, logId = page.logId } = behind;
        return { logId, position, changes: changes.filter((change) => change.position <= position) };
      }
      await setImmediate();
      if (world.isReportsAway) throw new Error('away');
      return page;
    },
    checkIntervalMs,
    startGraceMs,
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

/** An instance of reports that publishes the changes of a log at its own pace. */
function createInstance(world: ReturnType<typeof startFeed>, from = 0) {
  let next = from;
  let since = from === 0 ? undefined : world.changes[from - 1]?.position;
  return {
    /** Publishes at most this many changes. */
    publish(count: number) {
      for (const change of world.changes.slice(next, next + count)) {
        world.send({ ...change, log: world.logId, ...(since !== undefined && { since }) });
        since = change.position;
      }
      next = Math.min(next + count, world.changes.length);
    },
    restart: () => (since = undefined),
    isAt: () => next,
  };
}

test('each change is delivered once and in order, however far the instances of reports are', async () => {
  const step = fc.record({
    commits: fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 3 }),
    publications: fc.array(fc.record({ instance: fc.nat(1), count: fc.nat(4) }), { maxLength: 3 }),
    restarted: fc.option(fc.nat(1)),
    pauses: fc.nat(2),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const world = startFeed({ checkIntervalMs: 3_600_000 });
      await eventually(() => expect(world.getPosition()).toBe(0));
      await setImmediate();
      const instances = [createInstance(world), createInstance(world)];
      for (const { commits, publications, restarted, pauses } of steps) {
        for (const id of commits) world.commit(id);
        for (const { instance, count } of publications) instances[instance]?.publish(count);
        if (restarted !== null) instances[restarted]?.restart();
        for (let n = 0; n < pauses; n += 1) await setImmediate();
      }
      for (const instance of instances) instance.publish(Infinity);
      const head = world.changes.at(-1)?.position ?? 0;
      await eventually(() => expect(world.getPosition()).toBe(head));
      world.abort.abort();
      const positions = world.events.map(({ change }) => change.position);
      expect(positions).toStrictEqual(positions.toSorted((a, b) => a - b));
      expect(new Set(positions).size).toBe(positions.length);
      const last = new Map(world.changes.map(({ id, position }) => [id, position]));
      expect(new Map(world.events.map(({ change }) => [change.id, change.position]))).toStrictEqual(last);
    }),
    { numRuns: 60 },
  );
});

test('the copies of a second instance cause no request to reports', async () => {
  const world = startFeed({ checkIntervalMs: 3_600_000 });
  const [fast, slow] = [createInstance(world), createInstance(world)];
  world.commit('a');
  fast.publish(1);
  await eventually(() => expect(world.events).toHaveLength(1));
  const { requests } = world;
  for (let n = 0; n < 20; n += 1) world.commit(`of ${n}`);
  fast.publish(20);
  await eventually(() => expect(world.events).toHaveLength(21));
  slow.publish(21);
  for (let n = 0; n < 5; n += 1) await setImmediate();
  expect(world.events).toHaveLength(21);
  expect(world.requests).toBe(requests);
  world.abort.abort();
});

test('what a slow instance publishes from before the start of the feed is no news', async () => {
  const world = startFeed({ checkIntervalMs: 3_600_000, startGraceMs: 0, committed: 5 });
  await eventually(() => expect(world.getPosition()).toBe(10));
  const { requests } = world;
  createInstance(world).publish(5);
  world.send(world.commit('new'));
  await eventually(() => expect(world.events.map(({ change }) => change.id)).toStrictEqual(['new']));
  expect(world.requests).toBe(requests);
  world.abort.abort();
});

test('a change that one instance has set aside is delivered when another publishes it, or when it is retried', async () => {
  const world = startFeed({ checkIntervalMs: 3_600_000 });
  const first = world.commit('first');
  world.send(first);
  await eventually(() => expect(world.events).toHaveLength(1));
  const [skipped, retried, after] = [world.commit('skipped'), world.commit('retried'), world.commit('after')];
  world.send({ ...after, since: first.position });
  await eventually(() => expect(world.getPosition()).toBe(after.position));
  world.send({ ...skipped, since: first.position });
  world.send({ ...retried, late: true });
  await eventually(() =>
    expect(world.events.map(({ change }) => change.id).toSorted()).toStrictEqual([
      'after',
      'first',
      'retried',
      'skipped',
    ]),
  );
  world.abort.abort();
});

test('a page of an instance that is behind, or that holds the log from before a restore, is read again', async () => {
  const world = startFeed();
  world.send(world.commit('a'));
  await eventually(() => expect(world.events).toHaveLength(1));
  const lost = world.commit('lost');
  const heard = world.commit('heard');
  world.behind = { position: 2, times: 2 };
  world.send({ ...heard, since: lost.position });
  await eventually(() =>
    expect(world.events.map(({ change }) => change.id)).toStrictEqual(['a', 'lost', 'heard']),
  );
  world.logId = 'log-2';
  await eventually(() => expect(world.onLogReplaced).toHaveBeenCalledOnce());
  await eventually(() => expect(world.getPosition()).toBe(6));
  world.behind = { logId: 'log-1', position: 99, times: 3 };
  world.send({ kind: 'UPDATED', id: 'lost by the restore', position: 8, log: 'log-1', since: 6 });
  await eventually(() => expect(world.behind.times).toBe(0));
  const next = world.commit('next');
  world.send({ ...next, log: 'log-2' });
  await eventually(() => expect(world.events.at(-1)?.change.id).toBe('next'));
  expect(world.events).toHaveLength(4);
  expect(world.onLogReplaced).toHaveBeenCalledOnce();
  world.abort.abort();
});
