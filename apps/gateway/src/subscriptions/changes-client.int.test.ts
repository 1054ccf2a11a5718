import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { alarmChangeSchema, type AlarmChange } from '@seguridad-abc/contracts';
import { createLogger, type RedisPubSubClient } from '@seguridad-abc/platform';
import { eventually } from '@seguridad-abc/platform/testing';
import { afterEach, expect, test } from 'vitest';
import { createServiceClient } from '../supergraph/service-client.js';
import { createChangeFeed } from './change-feed.js';
import { createChangesClient } from './changes-client.js';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** Stands for an instance of reports that holds the log up to a position. Each position is the change of one alarm. */
async function startReports(position: number) {
  const state = { position, asked: 0, hangs: false };
  const server = createServer((request, response) => {
    state.asked += 1;
    if (state.hangs) return;
    const { searchParams } = new URL(request.url ?? '', 'http://reports');
    const after = Number(searchParams.get('after'));
    const changes: AlarmChange[] = [];
    for (let n = after + 1; n <= state.position; n++) changes.push(changeAt(n));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ logId: 'log-1', position: state.position, changes }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql` };
}

const AT = '2026-01-01T00:00:00.000Z';
const changeAt = (position: number): AlarmChange => ({
  v: 1,
  kind: 'RAISED',
  position,
  alarm: {
    id: `alarm ${position}`,
    ruleId: 'r',
    userId: 'ana',
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

const { signal } = new AbortController();
const createClient = (...instances: { readonly url: string }[]) =>
  createChangesClient(createServiceClient('reports', () => instances.map(({ url }) => url), {}));

test('a page that is behind is read from the next instance; the newest is the result if all are behind', async () => {
  const [behind, current] = [await startReports(100), await startReports(118)];
  const { fetchAlarmChanges } = createClient(behind, current);
  const fetchAt = (wanted: number) =>
    fetchAlarmChanges({
      after: 999,
      userId: null,
      limit: 1,
      signal,
      isBehind: ({ position }) => position < wanted,
    });
  expect([await fetchAt(118), await fetchAt(118)]).toMatchObject([{ position: 118 }, { position: 118 }]);
  expect([behind.state.asked, current.state.asked]).toEqual([1, 2]);
  expect(await fetchAt(200)).toMatchObject({ position: 118 });
});

test('a feed starts at the newest position of all instances, also if one of them hangs', async () => {
  const [behind, current, hanging] = [
    await startReports(100),
    await startReports(118),
    await startReports(0),
  ];
  hanging.state.hangs = true;
  const { fetchAlarmChanges } = createClient(hanging, behind, current);
  const pubsub = {
    subscriber: Object.assign(new EventEmitter(), { status: 'ready', ping: () => Promise.resolve('PONG') }),
    subscribe: () => Promise.resolve(() => undefined),
  } as unknown as Pick<RedisPubSubClient, 'subscribe' | 'subscriber'>;
  const feed = createChangeFeed<AlarmChange, number>({
    name: 'alarm changes',
    pubsub,
    channel: 'test',
    schema: alarmChangeSchema,
    getEntity: ({ alarm }) => alarm,
    toEvent: ({ position }) => position,
    fetchChanges: fetchAlarmChanges,
    checkIntervalMs: 20,
    logger: createLogger('test', 'silent'),
  });
  const events: number[] = [];
  const listening = new AbortController();
  ends.push(() => listening.abort());
  feed.listen('ana', { onEvent: (position) => events.push(position) }, listening.signal);
  await feed.waitUntilPositioned();
  expect(feed.position).toBe(118);
  // The other instance catches up: its changes are older than the subscriber.
  behind.state.position = current.state.position = 119;
  await eventually(() => expect(events).toEqual([119]));
});
