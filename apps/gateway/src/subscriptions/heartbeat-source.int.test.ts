import { DEFAULT_REDIS_NAMES, type HealthReport, type ServiceHealth } from '@seguridad-abc/contracts';
import type { SourceEvent, SubscriptionSource } from '@seguridad-abc/executor';
import { createLogger, createRedisPubSubClient, type RedisPubSubClient } from '@seguridad-abc/platform';
import { eventually, startRedis, type TestRedis } from '@seguridad-abc/platform/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createServiceClient } from '../supergraph/service-client.js';
import { createHealthCache } from '../health/health-cache.js';
import {
  healthReport,
  serviceHealth,
  startFakeMonitor,
  type FakeMonitor,
} from '../testing/health-fixtures.js';
import { createHeartbeatSubscriptionSource } from './heartbeat-source.js';
import { createSubscriptionCursors } from './subscription-cursor.js';

/** Long enough that a busy machine does not count as silent, short enough to wait for several intervals. */
const INTERVAL_MS = 200;
const logger = createLogger('test', 'silent');
const EXPECTED_SERVICES = ['gateway', 'heartbeat'];

let redis: TestRedis;
let monitor: FakeMonitor;
let pubsub: RedisPubSubClient;
let source: SubscriptionSource;
let testEnd: AbortController;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
  monitor = await startFakeMonitor();
  pubsub = createRedisPubSubClient(redis.settings, logger);
  testEnd = new AbortController();
  source = createSource();
});
afterEach(async () => {
  testEnd.abort();
  pubsub.close();
  await monitor.close();
});

const SECRET = 's'.repeat(32);

/** The source of one gateway. */
const createSource = () =>
  createHeartbeatSubscriptionSource(
    createHealthCache({
      pubsub,
      intervalMs: INTERVAL_MS,
      expectedServices: EXPECTED_SERVICES,
      monitors: createServiceClient('heartbeat', () => [monitor.url], {}),
      clock: () => ({ monotonicMs: performance.now(), wallMs: Date.now() }),
      logger,
    }),
    SECRET,
  );

/** Starts a backfill. Call it after `subscribe`. */
function backfill(services: readonly string[] | null, after: string | undefined, signal: AbortSignal) {
  if (!source.backfill) throw new Error('the source has no backfill');
  return source.backfill({ services }, { after, signal, context: undefined });
}

/** Subscribes until `end` aborts, and records the delivered events. */
function subscribe(services: readonly string[] | null = null, end = testEnd.signal, after?: string) {
  // Each subscription has its own signal, as in the executor.
  const signal = AbortSignal.any([end]);
  const received: ServiceHealth[] = [];
  const cursors: string[] = [];
  const receive = ({ value, cursor = '' }: SourceEvent) => {
    received.push(value as ServiceHealth);
    cursors.push(cursor);
  };
  void (async () => {
    const live = source.subscribe({ services }, { signal, context: undefined }) as AsyncIterable<SourceEvent>;
    let backfilledUpTo = -1;
    for await (const { events, upTo } of backfill(services, after, signal)) {
      for (const event of events) receive(event);
      backfilledUpTo = upTo;
    }
    for await (const event of live) if ((event.position ?? 0) > backfilledUpTo) receive(event);
  })();
  const states = () => received.map(({ name, status }) => `${name} ${status}`);
  return {
    received,
    states,
    cursor: () => cursors.at(-1),
    /**
     * Resolves when these are the last statuses of each service, and clears the recorded events: on a busy machine
     * `UNKNOWN` may arrive first.
     */
    async waitForStatuses(...last: string[]) {
      await eventually(() => {
        const byName = new Map(received.map(({ name, status }) => [name, `${name} ${status}`]));
        expect([...byName.values()].sort()).toStrictEqual(last);
      });
      received.length = 0;
    },
  };
}

const createReport = (sequence: number, services: ServiceHealth[], run?: string): HealthReport =>
  healthReport(sequence, services, { intervalMs: INTERVAL_MS, ...(run !== undefined && { run }) });
const publish = (report: HealthReport) => pubsub.publish(DEFAULT_REDIS_NAMES.healthChannel, report);
const UP = [serviceHealth('gateway'), serviceHealth('heartbeat')];

/** Publishes a report per interval over Redis, as a running monitor does. */
function startPublishing(services: ServiceHealth[], run = 'live') {
  let sequence = 0;
  const timer = setInterval(() => void publish(createReport(++sequence, services, run)), INTERVAL_MS);
  testEnd.signal.addEventListener('abort', () => clearInterval(timer));
  return { stop: () => clearInterval(timer) };
}
const channels = () => pubsub.channels;
const subscribed = () =>
  eventually(() => expect(channels()).toStrictEqual([DEFAULT_REDIS_NAMES.healthChannel]));

describe('a subscriber', () => {
  test('gets the current statuses from the monitor over HTTP, then each change over Redis', async () => {
    monitor.report = createReport(1, UP);
    const all = subscribe();
    const one = subscribe(['gateway', 'unknown']);
    const none = subscribe([]);
    await all.waitForStatuses('gateway UP', 'heartbeat UP');
    await one.waitForStatuses('gateway UP');
    await subscribed();
    await eventually(async () => {
      await publish(createReport(2, [serviceHealth('gateway', 'LATE', 5), serviceHealth('heartbeat')]));
      expect(all.states()).toStrictEqual(['gateway LATE']);
    });
    await publish(
      createReport(3, [
        serviceHealth('gateway', 'UP', 6),
        serviceHealth('heartbeat'),
        serviceHealth('probe'),
      ]),
    );
    await eventually(() => expect(all.states()).toStrictEqual(['gateway LATE', 'gateway UP', 'probe UP']));
    expect(one.states()).toStrictEqual(['gateway LATE', 'gateway UP']);
    expect(none.received).toStrictEqual([]);
  });

  test('that joins later gets the current statuses; earlier subscribers get nothing again', async () => {
    monitor.report = createReport(1, UP);
    const first = subscribe();
    await first.waitForStatuses('gateway UP', 'heartbeat UP');
    const second = subscribe();
    await eventually(() => expect(second.states()).toStrictEqual(['gateway UP', 'heartbeat UP']));
    expect(first.received).toStrictEqual([]);
  });

  test('keeps the channel subscribed; after the last one leaves, the next starts with a new report', async () => {
    monitor.report = createReport(1, UP);
    const [a, b] = [new AbortController(), new AbortController()];
    subscribe(null, a.signal);
    await subscribe(null, b.signal).waitForStatuses('gateway UP', 'heartbeat UP');
    await subscribed();
    a.abort();
    expect(channels()).toStrictEqual([DEFAULT_REDIS_NAMES.healthChannel]);
    b.abort();
    await eventually(() => expect(channels()).toStrictEqual([]));
    const { requestCount } = monitor;
    monitor.report = createReport(1, [serviceHealth('gateway', 'DOWN', 9)], 'another');
    const third = subscribe();
    await eventually(() => expect(third.states().at(-1)).toBe('gateway DOWN'));
    expect(monitor.requestCount).toBeGreaterThan(requestCount);
  });

  test('that left before it subscribed causes no work', async () => {
    const controller = new AbortController();
    controller.abort();
    subscribe(null, controller.signal);
    await Promise.resolve();
    expect([channels(), monitor.requestCount]).toStrictEqual([[], 0]);
  });
});

describe('a subscriber with a cursor', () => {
  const changed = [serviceHealth('gateway', 'LATE', 5), serviceHealth('heartbeat')];

  test('gets the changes since the cursor, then live changes', async () => {
    monitor.report = createReport(1, UP);
    const before = new AbortController();
    const first = subscribe(null, before.signal);
    await first.waitForStatuses('gateway UP', 'heartbeat UP');
    const cursor = first.cursor();
    before.abort();
    monitor.report = createReport(2, changed);
    const same = subscribe(null, testEnd.signal, cursor);
    await eventually(() => expect(same.states()).toStrictEqual(['gateway LATE']));
    startPublishing([serviceHealth('gateway', 'UP', 9), serviceHealth('heartbeat')]);
    await eventually(() => expect(same.states()).toStrictEqual(['gateway LATE', 'gateway UP']));
  });

  test('of another gateway gets nothing again, even before this gateway has a report', async () => {
    monitor.report = createReport(1, UP);
    const first = subscribe();
    await first.waitForStatuses('gateway UP', 'heartbeat UP');
    source = createSource();
    const resumed = subscribe(null, testEnd.signal, first.cursor());
    const fresh = subscribe();
    await fresh.waitForStatuses('gateway UP', 'heartbeat UP');
    expect(resumed.received).toStrictEqual([]);
    monitor.report = createReport(2, changed);
    startPublishing(changed, 'another run');
    await eventually(() => expect(resumed.states()).toStrictEqual(['gateway LATE']));
  });

  test.each([
    ['nonsense', 'BAD_USER_INPUT'],
    ['a'.repeat(9_000), 'BAD_USER_INPUT'],
    ['h1.abcdefgh', 'CURSOR_TOO_OLD'],
  ])('is rejected if the cursor is not sealed by this installation', async (after, code) => {
    const firstBatch = backfill(null, after, testEnd.signal)[Symbol.asyncIterator]().next();
    await expect(firstBatch).rejects.toMatchObject({ extensions: { code } });
  });

  test('is rejected if the cursor belongs to another subscription', async () => {
    const options = { secret: SECRET, maxBytes: 128, isDeterministic: true };
    const after = createSubscriptionCursors('alarmChanged', options).seal('');
    const firstBatch = backfill(null, after, testEnd.signal)[Symbol.asyncIterator]().next();
    await expect(firstBatch).rejects.toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  });
});

describe('a monitor that does not answer over HTTP', () => {
  test('is received over Redis', async () => {
    startPublishing(UP);
    await subscribe().waitForStatuses('gateway UP', 'heartbeat UP');
  });

  test('without reports over Redis, subscribers get UNKNOWN, then DOWN for the monitor', async () => {
    const all = subscribe();
    await eventually(() => expect(all.states()).toStrictEqual(['gateway UNKNOWN', 'heartbeat UNKNOWN']));
    expect(all.received[0]?.reason).toBe('no health report received yet');
    await eventually(() => expect(all.states().slice(2)).toStrictEqual(['heartbeat DOWN']));
  });
});

describe('a silent monitor', () => {
  test('makes services UNKNOWN for all subscribers until it reports again', async () => {
    monitor.report = createReport(1, UP, 'live');
    const publisher = startPublishing(UP);
    const all = subscribe();
    const one = subscribe(['gateway']);
    await all.waitForStatuses('gateway UP', 'heartbeat UP');
    await one.waitForStatuses('gateway UP');
    publisher.stop();
    monitor.report = undefined;
    await eventually(() => expect(all.states()).toStrictEqual(['heartbeat DOWN', 'gateway UNKNOWN']));
    expect(all.received[0]?.reason).toMatch(/^no health report for \d+\.\d s; one is due every 0\.2 s$/);
    expect(all.received[1]?.reason).toMatch(/^the monitor sent no health report for \d+\.\d s$/);
    expect(one.states()).toStrictEqual(['gateway UNKNOWN']);
    startPublishing(UP, 'next run');
    await eventually(() => expect(all.states().slice(2)).toStrictEqual(['gateway UP', 'heartbeat UP']));
  });

  test('over Redis only: its reports are fetched over HTTP each interval', async () => {
    monitor.report = createReport(1, UP);
    const all = subscribe();
    await all.waitForStatuses('gateway UP', 'heartbeat UP');
    monitor.report = createReport(2, [serviceHealth('gateway', 'LATE', 4), serviceHealth('heartbeat')]);
    await eventually(() => expect(all.states()).toStrictEqual(['gateway LATE']));
    // Longer than the time after which the monitor counts as silent.
    const { requestCount } = monitor;
    await eventually(() => expect(monitor.requestCount).toBeGreaterThan(requestCount + 6));
    expect(all.received).toHaveLength(1);
  });
});

describe('Redis', () => {
  test('that is away from the start delays no subscriber', async () => {
    await redis.kill();
    const all = subscribe();
    await eventually(() => expect(all.states()).toStrictEqual(['gateway UNKNOWN', 'heartbeat UNKNOWN']));
    monitor.report = createReport(1, UP);
    await eventually(() => expect(all.states().slice(-2)).toStrictEqual(['gateway UP', 'heartbeat UP']));
    await redis.start();
  });

  test('that comes back delivers all statuses again, then the changes', async () => {
    monitor.report = createReport(1, UP);
    const all = subscribe();
    await all.waitForStatuses('gateway UP', 'heartbeat UP');
    await subscribed();
    await redis.kill();
    await redis.start();
    await eventually(() => expect(all.states()).toStrictEqual(['gateway UP', 'heartbeat UP']));
    await eventually(async () => {
      await publish(createReport(2, [serviceHealth('gateway', 'DOWN', 7), serviceHealth('heartbeat')]));
      expect(all.states().slice(2)).toStrictEqual(['gateway DOWN']);
    });
  });

  test('that hangs does not make the monitor silent while it answers over HTTP', async () => {
    monitor.report = createReport(1, UP);
    const all = subscribe();
    await all.waitForStatuses('gateway UP', 'heartbeat UP');
    redis.freeze();
    try {
      const { requestCount } = monitor;
      await eventually(() => expect(monitor.requestCount).toBeGreaterThan(requestCount + 6));
      expect(all.received).toStrictEqual([]);
    } finally {
      redis.thaw();
    }
  });
});
