import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DEFAULT_REDIS_NAMES, type AlarmChange, type RuleChange } from '@seguridad-abc/contracts';
import { createRuleState } from '@seguridad-abc/contracts/testing';
import type { SourceEvent } from '@seguridad-abc/executor';
import {
  createLogger,
  createRedisPubSubClient,
  createRedisClient,
  type RedisPubSubClient,
} from '@seguridad-abc/platform';
import { eventually, startRedis, type TestRedis } from '@seguridad-abc/platform/testing';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RequestContext } from '../requests/transport-hooks.js';
import { createServiceClient } from '../supergraph/service-client.js';
import { createChangesClient } from './changes-client.js';
import { createAlarmChangedSource, createRuleChangedSource } from './change-sources.js';
import { createSubscriptionCursors } from './subscription-cursor.js';

const logger = createLogger('test', 'silent');
const CHECK_INTERVAL_MS = 50;
const SECRET = 's'.repeat(32);
/** Seals and opens cursors as the source does: their contents are `<position>.<log id>`. */
const cursors = createTestCursors(SECRET);
const { seal } = cursors;

function createTestCursors(secret: string) {
  return createSubscriptionCursors('alarmChanged', { secret, maxBytes: 80, isDeterministic: false });
}

let redis: TestRedis;
let observer: Redis;
let pubsub: RedisPubSubClient;
let reports: Awaited<ReturnType<typeof startReports>>;
let testEnd: AbortController;
beforeAll(async () => {
  redis = await startRedis();
  observer = createRedisClient(redis.settings, 'test', logger, { enableOfflineQueue: true });
});
afterAll(async () => {
  observer.disconnect();
  await redis.close();
});
beforeEach(async () => {
  pubsub = createRedisPubSubClient(redis.settings, logger);
  reports = await startReports();
  testEnd = new AbortController();
});
afterEach(async () => {
  testEnd.abort();
  pubsub.close();
  await reports.close();
  await untilListeners(0);
});

/** Stands for reports: serves the last change of each alarm after a position. */
async function startReports() {
  const state = {
    compactedUpTo: undefined as number | undefined,
    asked: 0,
    logId: 'log-1',
    changes: [] as AlarmChange[],
    isDown: false,
    /** The next pages come from an instance that has only this many changes. */
    behind: { pages: 0, changes: 0 },
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
    const isBehind = state.behind.pages > 0;
    if (isBehind) state.behind.pages -= 1;
    const known = isBehind ? state.changes.slice(0, state.behind.changes) : state.changes;
    const last = new Map(known.map((change) => [change.alarm.id, change]));
    const changes = [...last.values()]
      .filter(({ position }) => position > Number(searchParams.get('after')))
      .filter(({ alarm }) => user === null || alarm.userId === user)
      .sort((a, b) => a.position - b.position)
      .slice(0, Number(searchParams.get('limit')));
    const position = known.at(-1)?.position ?? 0;
    response.setHeader('content-type', 'application/json');
    const isOfRules = request.url?.startsWith('/rule-changes') === true;
    const { logId, compactedUpTo } = state;
    const page = { logId, position, compactedUpTo, changes: isOfRules ? changes.map(toRuleChange) : changes };
    response.end(JSON.stringify(page));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    state,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    /** Commits a change and, by default, publishes it. */
    async change(userId: string, { published = true, id = `of ${userId}`, kind = 'UPDATED' } = {}) {
      const position = (state.changes.at(-1)?.position ?? 0) + 2;
      const change = { ...changeAt(position, id, userId), kind: kind as AlarmChange['kind'] };
      state.changes.push(change);
      // The first change that a process publishes has no known predecessor.
      const { since } = state;
      state.since = position;
      if (!published) return position;
      const link = since === undefined ? {} : { since };
      await pubsub.publish(DEFAULT_REDIS_NAMES.alarmChangesChannel, { ...change, ...link });
      await pubsub.publish(DEFAULT_REDIS_NAMES.ruleChangesChannel, { ...toRuleChange(change), ...link });
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
    claimedBy: null,
    claimedAt: null,
    resolution: null,
    claimCount: 0,
    commentCount: 0,
    needsResolution: true,
    reason: 'open for 301 s',
    updatedAt: AT,
    version: 1,
  },
});

/** A change of a rule with the same id, owner and position. */
const toRuleChange = ({ position, alarm: { id, userId } }: AlarmChange): RuleChange => ({
  v: 1,
  kind: 'UPDATED',
  position,
  rule: createRuleState({ id, userId }),
});

const createContext = (id: string, role: 'operator' | 'customer' = 'customer') =>
  ({ credentials: () => ({ caller: { id, role, expiresAt: Infinity }, headers: {} }) }) as RequestContext;

/** @param feedMayStart the feed learns the end of the log after it */
function createSource(checkIntervalMs = CHECK_INTERVAL_MS, feedMayStart = Promise.resolve()) {
  const { fetchAlarmChanges: requestChanges } = createChangesClient(
    createServiceClient('reports', () => [reports.url], {}),
  );
  const fetchChanges: typeof requestChanges = async (request) => {
    if (request.userId === null) await feedMayStart;
    return requestChanges(request);
  };
  return createAlarmChangedSource({
    pubsub,
    resumption: { fetchChanges, installationSecret: SECRET },
    checkIntervalMs,
    logger,
  });
}

/** Subscribes as the executor does, and records the events. */
function subscribe(source: ReturnType<typeof createSource>, userId: string | null, after?: string) {
  const leaving = new AbortController();
  const signal = AbortSignal.any([leaving.signal, testEnd.signal]);
  const context = userId === null ? createContext('op', 'operator') : createContext(userId);
  const events: SourceEvent[] = [];
  let firstCursor: string | undefined;
  const args = { userId };
  const run = async () => {
    const live = source.subscribe(args, { signal, context });
    let known = -1;
    for await (const page of source.backfill?.(args, { signal, context, after }) ?? []) {
      events.push(...page.events);
      firstCursor ??= page.cursor;
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
    /** The cursor that came before all events. */
    firstCursor: () => firstCursor,
    /** The content of the last cursor. */
    cursorContent: () => openCursor(events.at(-1)?.cursor),
    leave: () => leaving.abort(),
  };
}

const openCursor = (cursor: string | undefined) => (cursor === undefined ? undefined : cursors.open(cursor));

const untilListeners = (wanted: number) =>
  eventually(async () => {
    const [, count] = (await observer.pubsub('NUMSUB', DEFAULT_REDIS_NAMES.alarmChangesChannel)) as [
      string,
      number,
    ];
    expect(count).toBe(wanted);
  });
/** Redis counts a subscriber before this process has read the confirmation; PING is answered after it. */
const untilSubscribed = async () => {
  await untilListeners(1);
  await pubsub.subscriber.ping();
};

/** Resolves when reports has received no request for 30 ms. */
const untilIdle = async () => {
  for (let before = -1; before !== reports.state.asked;) {
    before = reports.state.asked;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
};

describe('alarmChanged without a cursor', () => {
  test('delivers each change once and in order to the subscribers of its user, with a cursor', async () => {
    const source = createSource();
    const [ana, ben, all] = [subscribe(source, 'ana'), subscribe(source, 'ben'), subscribe(source, null)];
    await untilSubscribed();
    for (const user of ['ana', 'ben', 'ana', 'cleo'])
      await reports.change(user, { id: `${user} ${Math.random()}` });
    await eventually(() => expect(all.positions()).toStrictEqual([2, 4, 6, 8]));
    expect([ana.positions(), ben.positions()]).toStrictEqual([[2, 6], [4]]);
    await eventually(() => expect(ana.cursorContent()).toBe('6.log-1'));
    expect(new Set(all.events.map(({ cursor }) => cursor?.length)).size).toBe(1);
    expect(ana.events[0]?.value).toMatchObject({
      kind: 'UPDATED',
      alarm: { user: { id: 'ana' }, rule: { id: 'r' }, isQueued: true },
    });
  });

  test('delivers a change of a kind that a later version has added as UPDATED, also to subscribers that resume', async () => {
    const source = createSource();
    const ana = subscribe(source, 'ana');
    await untilSubscribed();
    await reports.change('ana', { kind: 'SUNG' });
    await eventually(() => expect(ana.positions()).toStrictEqual([2]));
    const resumed = subscribe(source, 'ana', seal('1.log-1'));
    await eventually(() => expect(resumed.positions()).toStrictEqual([2]));
    for (const { events } of [ana, resumed]) expect(events[0]?.value).toMatchObject({ kind: 'UPDATED' });
  });

  test('delivers changes that pub/sub has lost, in order if a later change arrives', async () => {
    const ana = subscribe(createSource(), 'ana');
    await untilSubscribed();
    await reports.change('ana');
    await eventually(() => expect(ana.positions()).toStrictEqual([2]));
    await reports.change('ana', { published: false, id: 'lost' });
    await reports.change('ana', { id: 'heard' });
    await eventually(() => expect(ana.positions()).toStrictEqual([2, 4, 6]));
    await reports.change('ana', { published: false, id: 'lost, and nothing follows' });
    await eventually(() => expect(ana.positions()).toStrictEqual([2, 4, 6, 8]));
  });

  test('delivers changes that directly follow each other at once, without a request to reports', async () => {
    const ana = subscribe(createSource(3_600_000), 'ana');
    await untilSubscribed();
    await reports.change('ana');
    await eventually(() => expect(ana.positions()).toStrictEqual([2]));
    await untilIdle();
    const { asked } = reports.state;
    await Promise.all([1, 2, 3, 4].map(() => reports.change('ana')));
    await eventually(() => expect(ana.positions()).toStrictEqual([2, 4, 6, 8, 10]));
    expect(reports.state.asked).toBe(asked);
    expect(ana.cursorContent()).toBe('10.log-1');
  });

  test('delivers the changes that were published while Redis was away', async () => {
    const ana = subscribe(createSource(3_600_000), 'ana');
    await untilSubscribed();
    await reports.change('ana');
    await eventually(() => expect(ana.positions()).toStrictEqual([2]));
    await redis.kill();
    await reports.change('ana', { published: false, id: 'while away' });
    await redis.start();
    await eventually(() => expect(ana.positions()).toStrictEqual([2, 4]));
  });

  test('delivers each change once and in order while Redis is away, and when it is back', async () => {
    const source = createSource(3_600_000);
    const ana = subscribe(source, 'ana');
    await untilSubscribed();
    await reports.change('ana');
    await eventually(() => expect(ana.positions()).toStrictEqual([2]));
    await redis.kill();
    await reports.change('ana', { published: false, id: 'while away' });
    await eventually(() => expect(ana.positions()).toStrictEqual([2, 4]));
    expect(ana.cursorContent()).toBe('4.log-1');
    const resumed = subscribe(source, 'ana', seal('2.log-1'));
    await eventually(() => expect(resumed.positions()).toStrictEqual([4]));
    await reports.change('ana', { published: false, id: 'also while away' });
    await eventually(() => expect(ana.positions()).toStrictEqual([2, 4, 6]));
    await redis.start();
    await untilSubscribed();
    await eventually(() => pubsub.publisher.ping());
    await reports.change('ana', { id: 'live' });
    await eventually(() => expect(ana.positions()).toStrictEqual([2, 4, 6, 8]));
    await eventually(() => expect(resumed.positions()).toStrictEqual([4, 6, 8]));
  });

  test('starts while Redis is away, and delivers each change once', async () => {
    await redis.kill();
    const ana = subscribe(createSource(3_600_000), 'ana');
    await eventually(() => expect(reports.state.asked).toBeGreaterThan(0));
    await untilIdle();
    await reports.change('ana', { published: false, id: 'while away' });
    await eventually(() => expect(ana.positions()).toStrictEqual([2]));
    await redis.start();
    await untilSubscribed();
    await eventually(() => pubsub.publisher.ping());
    await reports.change('ana', { id: 'live' });
    await eventually(() => expect(ana.positions()).toStrictEqual([2, 4]));
  });

  test('delivers live changes while reports cannot be reached', async () => {
    const ana = subscribe(createSource(), 'ana');
    await untilSubscribed();
    await reports.change('ana');
    await eventually(() => expect(ana.cursorContent()).toBe('2.log-1'));
    reports.state.isDown = true;
    await reports.change('ana', { published: false, id: 'lost' });
    await reports.change('ana', { id: 'heard' });
    await eventually(() => expect(ana.positions()).toStrictEqual([2, 6]));
    // The cursor does not cover the lost change, so a client that resumes with it misses nothing.
    expect(ana.cursorContent()).toBe('2.log-1');
    reports.state.isDown = false;
    await eventually(() => expect(ana.positions()).toStrictEqual([2, 6, 4]));
    expect(ana.cursorContent()).toBe('4.log-1');
  });
});

describe('alarmChanged with a cursor', () => {
  test('delivers what has changed since for the user, then live changes', async () => {
    const source = createSource();
    const before = subscribe(source, 'ana');
    await untilSubscribed();
    await reports.change('ana', { id: 'first' });
    await eventually(() => expect(before.cursorContent()).toBe('2.log-1'));
    before.leave();
    for (const user of ['ben', 'ana', 'ana']) await reports.change(user);
    const resumed = subscribe(source, 'ana', seal('2.log-1'));
    await eventually(() => expect(resumed.positions()).toStrictEqual([8]));
    await untilSubscribed();
    await reports.change('ana', { id: 'another' });
    await eventually(() => expect(resumed.positions()).toStrictEqual([8, 10]));
  });

  test('misses nothing if an instance of reports answers that is behind the cursor, or behind the feed', async () => {
    const source = createSource(3_600_000);
    const before = subscribe(source, 'ana');
    await untilSubscribed();
    for (const id of ['first', 'second', 'third']) await reports.change('ana', { id });
    await eventually(() => expect(before.cursorContent()).toBe('6.log-1'));
    reports.state.behind = { pages: 2, changes: 1 };
    const resumed = subscribe(source, 'ana', seal('4.log-1'));
    await eventually(() => expect(resumed.positions()).toStrictEqual([6]));
    // It has the cursor's position, but not all that the feed has delivered.
    reports.state.behind = { pages: 1, changes: 2 };
    const other = subscribe(source, 'ana', seal('4.log-1'));
    await eventually(() => expect(other.positions()).toStrictEqual([6]));
    await reports.change('ana', { id: 'live' });
    await eventually(() =>
      expect([resumed, other].map(({ positions }) => positions())).toStrictEqual([
        [6, 8],
        [6, 8],
      ]),
    );
  });

  test('delivers many changes in pages', async () => {
    for (let n = 0; n < 450; n += 1) await reports.change('ana', { published: false, id: `alarm ${n}` });
    const resumed = subscribe(createSource(), 'ana', seal('10.log-1'));
    await eventually(() => expect(resumed.positions()).toHaveLength(445));
    expect(new Set(resumed.positions()).size).toBe(445);
  });

  test('delivers what was committed after its last page and before the feed started', async () => {
    const start = new EventTarget();
    const feedMayStart = new Promise<void>((resolve) => start.addEventListener('start', () => resolve()));
    await reports.change('ana', { published: false, id: 'in the page' });
    const resumed = subscribe(createSource(CHECK_INTERVAL_MS, feedMayStart), 'ana', seal('0.log-1'));
    await eventually(() => expect(resumed.positions()).toStrictEqual([2]));
    await reports.change('ana', { published: false, id: 'lost by pub/sub' });
    start.dispatchEvent(new Event('start'));
    await eventually(() => expect(resumed.positions()).toStrictEqual([2, 4]));
    await reports.change('ana', { id: 'live' });
    await eventually(() => expect(resumed.positions()).toStrictEqual([2, 4, 6]));
  });

  test('delivers every change once to a client that reconnects again and again', async () => {
    const source = createSource();
    const received: SourceEvent[] = [];
    let cursor = seal('0.log-1');
    let client = subscribe(source, 'ana', cursor);
    const isOver = { value: false };
    const changing = (async () => {
      for (let n = 0; n < 60; n += 1) {
        // Pub/sub loses every third change.
        await reports.change('ana', { id: `alarm ${n}`, published: n % 3 !== 0 });
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 8));
      }
      isOver.value = true;
    })();
    while (!isOver.value) {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
      client.leave();
      received.push(...client.events);
      cursor = client.cursor() ?? cursor;
      client = subscribe(source, 'ana', cursor);
    }
    await changing;
    const all = Array.from({ length: 60 }, (_, n) => 2 * (n + 1));
    await eventually(() => {
      const events = [...received, ...client.events];
      expect(new Set(events.map(({ position }) => position))).toStrictEqual(new Set(all));
      // On a busy machine reports may respond too late. A change that is delivered without its page is repeated.
      const verified = events.flatMap(({ position, cursor: own }) =>
        position !== undefined && openCursor(own) === `${position}.log-1` ? [position] : [],
      );
      expect(verified).toStrictEqual([...new Set(verified)].sort((a, b) => a - b));
      expect(verified.length).toBeGreaterThan(0);
    });
  });

  test.each([
    ['belongs to another log', seal('2.log-0'), 'CURSOR_TOO_OLD'],
    ['is ahead of what any instance of reports has', seal('99.log-1'), 'SUBGRAPH_UNAVAILABLE'],
    ['is not sealed, as earlier versions issued it', 'l1.2.log-1', 'CURSOR_TOO_OLD'],
    [
      'was sealed with an earlier secret',
      createTestCursors('t'.repeat(32)).seal('2.log-1'),
      'CURSOR_TOO_OLD',
    ],
    ['has another content', seal('nonsense'), 'BAD_USER_INPUT'],
    ['has another form', 'nonsense', 'BAD_USER_INPUT'],
  ])('rejects a cursor that %s', async (_, after, code) => {
    await expect(subscribe(createSource(), 'ana', after).ended).rejects.toMatchObject({
      extensions: { code },
    });
  });

  test('rejects a cursor from before the removal of history, but not one at its position', async () => {
    await reports.change('ana');
    await reports.change('ana');
    reports.state.compactedUpTo = 3;
    await expect(subscribe(createSource(), 'ana', seal('2.log-1')).ended).rejects.toMatchObject({
      extensions: { code: 'CURSOR_TOO_OLD' },
    });
    const resumed = subscribe(createSource(), 'ana', seal('3.log-1'));
    await eventually(() => expect(resumed.positions()).toStrictEqual([4]));
  });

  test('an empty cursor asks for one before the first change: the client misses nothing after it', async () => {
    await reports.change('ana', { id: 'before' });
    const first = subscribe(createSource(), 'ana', '');
    await eventually(() => expect(first.firstCursor()).toBeDefined());
    expect(openCursor(first.firstCursor())).toBe('2.log-1');
    first.leave();
    await reports.change('ana', { id: 'while away' });
    const resumed = subscribe(createSource(), 'ana', first.firstCursor());
    await eventually(() => expect(resumed.positions()).toStrictEqual([4]));
    expect([first.positions(), resumed.firstCursor()]).toStrictEqual([[], undefined]);
    await untilSubscribed();
    await reports.change('ana', { id: 'live' });
    await eventually(() => expect(resumed.positions()).toStrictEqual([4, 6]));
  });

  test('fails with SUBGRAPH_UNAVAILABLE while reports cannot be reached', async () => {
    reports.state.isDown = true;
    const { ended } = subscribe(createSource(), 'ana', seal('0.log-1'));
    await expect(ended).rejects.toMatchObject({ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } });
  });
});

test('ruleChanged loses nothing while Redis is away, and resumes after its own cursors only', async () => {
  const createRuleSource = () =>
    createRuleChangedSource({
      pubsub,
      resumption: {
        fetchChanges: createChangesClient(createServiceClient('reports', () => [reports.url], {}))
          .fetchRuleChanges,
        installationSecret: SECRET,
      },
      checkIntervalMs: 3_600_000,
      logger,
    });
  const ana = subscribe(createRuleSource(), 'ana');
  await eventually(() => expect(pubsub.channels).toStrictEqual([DEFAULT_REDIS_NAMES.ruleChangesChannel]));
  await pubsub.subscriber.ping();
  await reports.change('ana', { id: 'first' });
  await eventually(() => expect(ana.cursor()).toBeDefined());
  const cursor = ana.cursor();
  await redis.kill();
  await reports.change('ana', { published: false, id: 'while away' });
  await redis.start();
  await eventually(() => expect(ana.positions()).toStrictEqual([2, 4]));
  const resumed = subscribe(createRuleSource(), 'ana', cursor);
  await eventually(() => expect(resumed.positions()).toStrictEqual([4]));
  expect(resumed.events[0]?.value).toMatchObject({ rule: { id: 'while away', user: { id: 'ana' } } });
  await expect(subscribe(createSource(), 'ana', cursor).ended).rejects.toMatchObject({
    extensions: { code: 'BAD_USER_INPUT' },
  });
});

test('a replaced event log ends the subscriptions with CURSOR_TOO_OLD', async () => {
  const ana = subscribe(createSource(), 'ana');
  await untilSubscribed();
  await reports.change('ana');
  await eventually(() => expect(ana.cursorContent()).toBe('2.log-1'));
  reports.state.logId = 'log-2';
  await expect(ana.ended).rejects.toMatchObject({ extensions: { code: 'CURSOR_TOO_OLD' } });
});

test('a customer cannot subscribe to the changes of another user', async () => {
  const source = createSource();
  const call = { signal: testEnd.signal, context: createContext('ana') };
  expect(() => source.subscribe({ userId: 'ben' }, call)).toThrow('Only an operator');
  const pages = source.backfill?.({ userId: 'ben' }, { ...call, after: seal('0.log-1') }) ?? [];
  const begun = (async () => {
    for await (const page of pages) expect(page).toBeUndefined();
  })();
  await expect(begun).rejects.toMatchObject({ extensions: { code: 'FORBIDDEN' } });
});

test('the last subscriber that leaves frees the channel and the connection listeners', async () => {
  await pubsub.subscriber.ping();
  const before = pubsub.subscriber.listenerCount('ready');
  const source = createSource();
  const [one, other] = [subscribe(source, 'ana'), subscribe(source, 'ben')];
  await untilSubscribed();
  one.leave();
  expect(pubsub.channels).toStrictEqual([DEFAULT_REDIS_NAMES.alarmChangesChannel]);
  other.leave();
  await eventually(() => expect(pubsub.channels).toStrictEqual([]));
  await eventually(() => expect(pubsub.subscriber.listenerCount('ready')).toBe(before));
});
