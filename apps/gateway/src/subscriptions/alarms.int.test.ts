import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ALARM_CHANGES_CHANNEL, type AlarmChange } from '@seguridad-abc/contracts';
import type { SourceEvent } from '@seguridad-abc/executor';
import { createLogger, createPubSub, createRedis, type PubSub } from '@seguridad-abc/platform';
import { eventually, startRedis, type TestRedis } from '@seguridad-abc/platform/testing';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RequestContext } from '../requests/request-context.js';
import { alarmChanged } from './alarm-changed.js';
import { createAlarmFeed } from './alarm-feed.js';
import { createAlarmHistoryClient } from './alarm-history.js';

const logger = createLogger('test', 'silent');
const CHECK_MS = 50;

let redis: TestRedis;
let asking: Redis;
let pubsub: PubSub;
let reports: Awaited<ReturnType<typeof startReports>>;
let ending: AbortController;
beforeAll(async () => {
  redis = await startRedis();
  asking = createRedis(redis.url, 'test', logger, { enableOfflineQueue: true });
});
afterAll(async () => {
  asking.disconnect();
  await redis.close();
});
beforeEach(async () => {
  pubsub = createPubSub(redis.url, logger);
  reports = await startReports();
  ending = new AbortController();
});
afterEach(async () => {
  ending.abort();
  pubsub.close();
  await reports.close();
  await listeners(0);
});

/** Reports as far as alarms' changes go: it tells the last of each alarm after a position. */
async function startReports() {
  const state = {
    asked: 0,
    logId: 'log-1',
    changes: [] as AlarmChange[],
    isDown: false,
    since: undefined as number | undefined,
  };
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://reports');
    state.asked += 1;
    if (state.isDown) {
      response.writeHead(503).end();
      return;
    }
    const user = searchParams.get('user');
    const last = new Map(state.changes.map((change) => [change.alarm.id, change]));
    const changes = [...last.values()]
      .filter(({ position }) => position > Number(searchParams.get('after')))
      .filter(({ alarm }) => user === null || alarm.userId === user)
      .sort((a, b) => a.position - b.position)
      .slice(0, Number(searchParams.get('limit')));
    const position = state.changes.at(-1)?.position ?? 0;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ logId: state.logId, position, changes }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    state,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    /** Commits a change, and publishes it. */
    async change(userId: string, { published = true, id = `of ${userId}` } = {}) {
      const position = (state.changes.at(-1)?.position ?? 0) + 2;
      const change = changeAt(position, id, userId);
      state.changes.push(change);
      // The first that a process publishes is not known to follow anything.
      const { since } = state;
      state.since = position;
      if (!published) return position;
      await pubsub.publish(ALARM_CHANGES_CHANNEL, { ...change, ...(since !== undefined && { since }) });
      return position;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const AT = '2026-11-24T08:00:00.000Z';
const changeAt = (position: number, id: string, userId: string): AlarmChange => ({
  v: 1,
  kind: 'UPDATED',
  position,
  alarm: {
    id,
    ruleId: 'r',
    userId,
    opening: 'Shop',
    kind: 'OPEN_TOO_LONG',
    severity: 'WARNING',
    status: 'ACTIVE',
    raisedAt: AT,
    clearedAt: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
    note: null,
    reason: 'open for 301 s',
    updatedAt: AT,
    version: 1,
  },
});

const contextOf = (id: string, role: 'operator' | 'customer' = 'customer') =>
  ({ credentials: () => ({ caller: { id, role, expiresAt: Infinity }, headers: {} }) }) as RequestContext;

function sourceOf(checkMs = CHECK_MS) {
  const fetchHistory = createAlarmHistoryClient(() => reports.url, {});
  return alarmChanged(createAlarmFeed({ pubsub, fetchHistory, checkMs, logger }), fetchHistory);
}

/** Subscribes as the executor does, and keeps the positions that are told. */
function hear(source: ReturnType<typeof sourceOf>, userId: string | null, after?: string) {
  const leaving = new AbortController();
  const signal = AbortSignal.any([leaving.signal, ending.signal]);
  const context = userId === null ? contextOf('op', 'operator') : contextOf(userId);
  const events: SourceEvent[] = [];
  const args = { userId };
  const run = async () => {
    const live = source.subscribe(args, { signal, context });
    let known = -1;
    for await (const page of source.backfill?.(args, { signal, context, after }) ?? []) {
      events.push(...page.events);
      known = page.upTo;
    }
    for await (const each of live) {
      const event = each as SourceEvent;
      if ((event.position ?? 0) > known) events.push(event);
    }
  };
  const ended = run();
  ended.catch(() => undefined);
  return {
    events,
    ended,
    positions: () => events.map(({ position }) => position),
    cursor: () => events.at(-1)?.cursor,
    leave: () => leaving.abort(),
  };
}

const listeners = (wanted: number) =>
  eventually(async () => {
    const [, count] = (await asking.pubsub('NUMSUB', ALARM_CHANGES_CHANNEL)) as [string, number];
    expect(count).toBe(wanted);
  });
const listening = () => listeners(1);

/** Resolves when nothing has been asked of reports for a while. */
const quiet = async () => {
  for (let before = -1; before !== reports.state.asked;) {
    before = reports.state.asked;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
};

describe('changes of alarms', () => {
  test('are heard by whom they concern, with cursors, once and in order', async () => {
    const source = sourceOf();
    const [ana, ben, all] = [hear(source, 'ana'), hear(source, 'ben'), hear(source, null)];
    await listening();
    for (const user of ['ana', 'ben', 'ana', 'cleo'])
      await reports.change(user, { id: `${user} ${Math.random()}` });
    await eventually(() => expect(all.positions()).toStrictEqual([2, 4, 6, 8]));
    expect([ana.positions(), ben.positions()]).toStrictEqual([[2, 6], [4]]);
    await eventually(() => expect(ana.cursor()).toBe('l1.6.log-1'));
    expect(ana.events[0]?.value).toMatchObject({
      kind: 'UPDATED',
      alarm: { user: { id: 'ana' }, rule: { id: 'r' } },
    });
  });

  test('that pub/sub has lost are told all the same, in order where another follows', async () => {
    const ana = hear(sourceOf(), 'ana');
    await listening();
    await reports.change('ana');
    await eventually(() => expect(ana.positions()).toStrictEqual([2]));
    await reports.change('ana', { published: false, id: 'lost' });
    await reports.change('ana', { id: 'heard' });
    await eventually(() => expect(ana.positions()).toStrictEqual([2, 4, 6]));
    await reports.change('ana', { published: false, id: 'lost, and nothing follows' });
    await eventually(() => expect(ana.positions()).toStrictEqual([2, 4, 6, 8]));
  });

  test('that follow one another are told at once, each of them, without asking reports', async () => {
    const ana = hear(sourceOf(3_600_000), 'ana');
    await listening();
    await reports.change('ana');
    await eventually(() => expect(ana.positions()).toStrictEqual([2]));
    await quiet();
    const { asked } = reports.state;
    await Promise.all([1, 2, 3, 4].map(() => reports.change('ana')));
    await eventually(() => expect(ana.positions()).toStrictEqual([2, 4, 6, 8, 10]));
    expect(reports.state.asked).toBe(asked);
    expect(ana.cursor()).toBe('l1.10.log-1');
  });

  test('are caught up with when Redis comes back', async () => {
    const ana = hear(sourceOf(3_600_000), 'ana');
    await listening();
    await reports.change('ana');
    await eventually(() => expect(ana.positions()).toStrictEqual([2]));
    await redis.kill();
    await reports.change('ana', { published: false, id: 'while away' });
    await redis.start();
    await eventually(() => expect(ana.positions()).toStrictEqual([2, 4]));
  });

  test('are heard while reports cannot be asked', async () => {
    const ana = hear(sourceOf(), 'ana');
    await listening();
    await reports.change('ana');
    await eventually(() => expect(ana.cursor()).toBe('l1.2.log-1'));
    reports.state.isDown = true;
    await reports.change('ana', { published: false, id: 'lost' });
    await reports.change('ana', { id: 'heard' });
    await eventually(() => expect(ana.positions()).toStrictEqual([2, 6]));
    // Who comes back with this misses nothing.
    expect(ana.cursor()).toBe('l1.2.log-1');
    reports.state.isDown = false;
    await eventually(() => expect(ana.positions()).toStrictEqual([2, 6, 4]));
    expect(ana.cursor()).toBe('l1.4.log-1');
  });
});

describe('one who brings a cursor', () => {
  test('is told what has changed since, of its own, and goes on', async () => {
    const source = sourceOf();
    const before = hear(source, 'ana');
    await listening();
    await reports.change('ana', { id: 'first' });
    await eventually(() => expect(before.cursor()).toBe('l1.2.log-1'));
    before.leave();
    for (const user of ['ben', 'ana', 'ana']) await reports.change(user);
    const resumed = hear(source, 'ana', 'l1.2.log-1');
    await eventually(() => expect(resumed.positions()).toStrictEqual([8]));
    await listening();
    await reports.change('ana', { id: 'another' });
    await eventually(() => expect(resumed.positions()).toStrictEqual([8, 10]));
  });

  test('is told much of it in pages', async () => {
    for (let n = 0; n < 450; n += 1) await reports.change('ana', { published: false, id: `alarm ${n}` });
    const resumed = hear(sourceOf(), 'ana', 'l1.10.log-1');
    await eventually(() => expect(resumed.positions()).toHaveLength(445));
    expect(new Set(resumed.positions()).size).toBe(445);
  });

  test('that drops again and again misses nothing of what it has not seen', async () => {
    const source = sourceOf();
    const seen: (number | undefined)[] = [];
    let client = hear(source, 'ana', 'l1.0.log-1');
    const isOver = { value: false };
    const changing = (async () => {
      for (let n = 0; n < 60; n += 1) {
        // One in three is lost by pub/sub.
        await reports.change('ana', { id: `alarm ${n}`, published: n % 3 !== 0 });
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 8));
      }
      isOver.value = true;
    })();
    while (!isOver.value) {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
      client.leave();
      seen.push(...client.positions());
      client = hear(source, 'ana', `l1.${String(seen.at(-1) ?? 0)}.log-1`);
    }
    await changing;
    const all = Array.from({ length: 60 }, (_, n) => 2 * (n + 1));
    await eventually(() => expect([...seen, ...client.positions()]).toStrictEqual(all));
  });

  test.each([
    ['of another log', 'l1.2.log-0', 'CURSOR_TOO_OLD'],
    ['of changes that are not known any more', 'l1.99.log-1', 'CURSOR_TOO_OLD'],
    ['that is none', 'nonsense', 'BAD_USER_INPUT'],
    ['that is empty', '', 'BAD_USER_INPUT'],
  ])('%s is refused', async (_, after, code) => {
    await expect(hear(sourceOf(), 'ana', after).ended).rejects.toMatchObject({ extensions: { code } });
  });

  test('is told to come back while reports cannot be asked', async () => {
    reports.state.isDown = true;
    const { ended } = hear(sourceOf(), 'ana', 'l1.0.log-1');
    await expect(ended).rejects.toMatchObject({ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } });
  });
});

test('another log in the place of the one before is told, never skipped', async () => {
  const ana = hear(sourceOf(), 'ana');
  await listening();
  await reports.change('ana');
  await eventually(() => expect(ana.cursor()).toBe('l1.2.log-1'));
  reports.state.logId = 'log-2';
  await expect(ana.ended).rejects.toMatchObject({ extensions: { code: 'CURSOR_TOO_OLD' } });
});

test('nobody hears what is of another user', async () => {
  const source = sourceOf();
  const call = { signal: ending.signal, context: contextOf('ana') };
  expect(() => source.subscribe({ userId: 'ben' }, call)).toThrow('Only an operator');
  const pages = source.backfill?.({ userId: 'ben' }, { ...call, after: 'l1.0.log-1' }) ?? [];
  const begun = (async () => {
    for await (const page of pages) expect(page).toBeUndefined();
  })();
  await expect(begun).rejects.toMatchObject({ extensions: { code: 'FORBIDDEN' } });
});

test('with the last that hears the channel is free, and nobody is asked any more', async () => {
  await pubsub.subscriber.ping();
  const before = pubsub.subscriber.listenerCount('ready');
  const source = sourceOf();
  const [one, other] = [hear(source, 'ana'), hear(source, 'ben')];
  await listening();
  one.leave();
  expect(pubsub.channels).toStrictEqual([ALARM_CHANGES_CHANNEL]);
  other.leave();
  await eventually(() => expect(pubsub.channels).toStrictEqual([]));
  await eventually(() => expect(pubsub.subscriber.listenerCount('ready')).toBe(before));
});
