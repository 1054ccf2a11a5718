import { HEALTH_CHANNEL, type HealthReport, type ServiceHealthSnapshot } from '@seguridad-abc/contracts';
import type { SourceEvent } from '@seguridad-abc/executor';
import { createLogger, createPubSub, type PubSub } from '@seguridad-abc/platform';
import { eventually, startRedis, type TestRedis } from '@seguridad-abc/platform/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startMonitor, type TestMonitor } from '../testing/monitor.js';
import { report as reportOf, service } from '../testing/reports.js';
import { createHealthMirror, type HealthMirror } from './health-mirror.js';
import { createReportClient } from './report-client.js';

/** Long enough that a busy machine is no silence, short enough to wait for several. */
const INTERVAL_MS = 200;
const logger = createLogger('test', 'silent');
const EXPECTED = ['gateway', 'heartbeat'];

let redis: TestRedis;
let monitor: TestMonitor;
let pubsub: PubSub;
let mirror: HealthMirror;
/** Ends what a test has begun. */
let ending: AbortController;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
  monitor = await startMonitor();
  pubsub = createPubSub(redis.url, logger);
  ending = new AbortController();
  mirror = createHealthMirror({
    rules: { intervalMs: INTERVAL_MS, expected: EXPECTED },
    pubsub,
    fetchReport: createReportClient(() => monitor.url, {}),
    clock: () => ({ mono: performance.now(), wall: Date.now() }),
    logger,
  });
});
afterEach(async () => {
  ending.abort();
  pubsub.close();
  await monitor.close();
});

/** Subscribes, and keeps what is told. */
function watch(services: readonly string[] | null = null, signal = ending.signal, after?: string) {
  const told: ServiceHealthSnapshot[] = [];
  const cursors: string[] = [];
  const hear = ({ value, cursor = '' }: SourceEvent) => {
    told.push(value as ServiceHealthSnapshot);
    cursors.push(cursor);
  };
  void (async () => {
    const live = mirror.watch(services, signal);
    let known = -1;
    for await (const { events, upTo } of mirror.begin(services, after, signal)) {
      for (const event of events) hear(event);
      known = upTo;
    }
    for await (const event of live) if ((event.position ?? 0) > known) hear(event);
  })();
  const states = () => told.map(({ name, status }) => `${name} ${status}`);
  return {
    told,
    states,
    cursor: () => cursors.at(-1),
    /**
     * Resolves when these are the last words on each service, and forgets what was told until then: on a busy machine
     * `UNKNOWN` may come first.
     */
    async settles(...last: string[]) {
      await eventually(() => {
        const byName = new Map(told.map(({ name, status }) => [name, `${name} ${status}`]));
        expect([...byName.values()].sort()).toStrictEqual(last);
      });
      told.length = 0;
    },
  };
}

const report = (sequence: number, services: ServiceHealthSnapshot[], run?: string): HealthReport =>
  reportOf(sequence, services, { intervalMs: INTERVAL_MS, ...(run !== undefined && { run }) });
const publish = (each: HealthReport) => pubsub.publish(HEALTH_CHANNEL, each);
const UP = [service('gateway'), service('heartbeat')];

/** Reports once an interval over Redis, as a monitor that lives does. */
function live(services: ServiceHealthSnapshot[], run = 'live') {
  let sequence = 0;
  const timer = setInterval(() => void publish(report(++sequence, services, run)), INTERVAL_MS);
  ending.signal.addEventListener('abort', () => clearInterval(timer));
  return { stop: () => clearInterval(timer) };
}
const channels = () => pubsub.channels;
const subscribed = () => eventually(() => expect(channels()).toStrictEqual([HEALTH_CHANNEL]));

describe('a subscriber', () => {
  test('gets the present state at once from the monitor itself, then each change over Redis', async () => {
    monitor.answer = report(1, UP);
    const all = watch();
    const one = watch(['gateway', 'nobody']);
    const none = watch([]);
    await all.settles('gateway UP', 'heartbeat UP');
    await one.settles('gateway UP');
    await subscribed();
    await eventually(async () => {
      await publish(report(2, [service('gateway', 'LATE', 5), service('heartbeat')]));
      expect(all.states()).toStrictEqual(['gateway LATE']);
    });
    await publish(report(3, [service('gateway', 'UP', 6), service('heartbeat'), service('probe')]));
    await eventually(() => expect(all.states()).toStrictEqual(['gateway LATE', 'gateway UP', 'probe UP']));
    expect(one.states()).toStrictEqual(['gateway LATE', 'gateway UP']);
    expect(none.told).toStrictEqual([]);
  });

  test('that comes later gets what is known, and the others nothing', async () => {
    monitor.answer = report(1, UP);
    const first = watch();
    await first.settles('gateway UP', 'heartbeat UP');
    const second = watch();
    await eventually(() => expect(second.states()).toStrictEqual(['gateway UP', 'heartbeat UP']));
    expect(first.told).toStrictEqual([]);
  });

  test('is the reason to listen: with the last one the channel is free, and the next begins anew', async () => {
    monitor.answer = report(1, UP);
    const [a, b] = [new AbortController(), new AbortController()];
    watch(null, a.signal);
    await watch(null, b.signal).settles('gateway UP', 'heartbeat UP');
    await subscribed();
    a.abort();
    expect(channels()).toStrictEqual([HEALTH_CHANNEL]);
    b.abort();
    await eventually(() => expect(channels()).toStrictEqual([]));
    const { asked } = monitor;
    monitor.answer = report(1, [service('gateway', 'DOWN', 9)], 'another');
    const third = watch();
    await eventually(() => expect(third.states().at(-1)).toBe('gateway DOWN'));
    expect(monitor.asked).toBeGreaterThan(asked);
  });

  test('that is gone before it begins is nobody', async () => {
    const controller = new AbortController();
    controller.abort();
    watch(null, controller.signal);
    await Promise.resolve();
    expect([channels(), monitor.asked]).toStrictEqual([[], 0]);
  });
});

describe('one who brings a cursor', () => {
  const changed = [service('gateway', 'LATE', 5), service('heartbeat')];

  test('is told what has changed since, and then what changes', async () => {
    monitor.answer = report(1, UP);
    const before = new AbortController();
    const first = watch(null, before.signal);
    await first.settles('gateway UP', 'heartbeat UP');
    const cursor = first.cursor();
    before.abort();
    monitor.answer = report(2, changed);
    const same = watch(null, ending.signal, cursor);
    await eventually(() => expect(same.states()).toStrictEqual(['gateway LATE']));
    live([service('gateway', 'UP', 9), service('heartbeat')]);
    await eventually(() => expect(same.states()).toStrictEqual(['gateway LATE', 'gateway UP']));
  });

  test('of another gateway, while this one does not know anything yet, is told nothing again', async () => {
    monitor.answer = report(1, UP);
    const first = watch();
    await first.settles('gateway UP', 'heartbeat UP');
    const other = createHealthMirror({
      rules: { intervalMs: INTERVAL_MS, expected: EXPECTED },
      pubsub,
      fetchReport: createReportClient(() => monitor.url, {}),
      clock: () => ({ mono: performance.now(), wall: Date.now() }),
      logger,
    });
    mirror = other;
    const resumed = watch(null, ending.signal, first.cursor());
    const fresh = watch();
    await fresh.settles('gateway UP', 'heartbeat UP');
    expect(resumed.told).toStrictEqual([]);
    monitor.answer = report(2, changed);
    live(changed, 'another run');
    await eventually(() => expect(resumed.states()).toStrictEqual(['gateway LATE']));
  });

  test('that is none is refused', async () => {
    for (const after of ['', 'nonsense', 'h1.abc', `h1.${'a'.repeat(9_000)}`]) {
      const begun = mirror.begin(null, after, ending.signal)[Symbol.asyncIterator]().next();
      await expect(begun).rejects.toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
    }
  });
});

describe('a monitor that cannot be asked', () => {
  test('is heard over Redis', async () => {
    live(UP);
    await watch().settles('gateway UP', 'heartbeat UP');
  });

  test('and is not heard: states are told nevertheless', async () => {
    const all = watch();
    await eventually(() => expect(all.states()).toStrictEqual(['gateway UNKNOWN', 'heartbeat UNKNOWN']));
    expect(all.told[0]?.reason).toBe('not heard yet');
    await eventually(() => expect(all.states().slice(2)).toStrictEqual(['heartbeat DOWN']));
  });
});

describe('a monitor that falls silent', () => {
  test('is told to everyone, and taken back when it is heard again', async () => {
    monitor.answer = report(1, UP, 'live');
    const life = live(UP);
    const all = watch();
    const one = watch(['gateway']);
    await all.settles('gateway UP', 'heartbeat UP');
    await one.settles('gateway UP');
    life.stop();
    monitor.answer = undefined;
    await eventually(() => expect(all.states()).toStrictEqual(['heartbeat DOWN', 'gateway UNKNOWN']));
    expect(all.told[0]?.reason).toMatch(/^no report for \d+\.\d s; one every 0\.2 s is due$/);
    expect(all.told[1]?.reason).toMatch(/^the monitor is silent for \d+\.\d s$/);
    expect(one.states()).toStrictEqual(['gateway UNKNOWN']);
    live(UP, 'next run');
    await eventually(() => expect(all.states().slice(2)).toStrictEqual(['gateway UP', 'heartbeat UP']));
  });

  test('over Redis alone is asked each interval, and its answers hold', async () => {
    monitor.answer = report(1, UP);
    const all = watch();
    await all.settles('gateway UP', 'heartbeat UP');
    monitor.answer = report(2, [service('gateway', 'LATE', 4), service('heartbeat')]);
    await eventually(() => expect(all.states()).toStrictEqual(['gateway LATE']));
    // Longer than it would take to call it silent.
    const { asked } = monitor;
    await eventually(() => expect(monitor.asked).toBeGreaterThan(asked + 6));
    expect(all.told).toHaveLength(1);
  });
});

describe('Redis', () => {
  test('that is away from the beginning keeps nobody waiting', async () => {
    await redis.kill();
    const all = watch();
    await eventually(() => expect(all.states()).toStrictEqual(['gateway UNKNOWN', 'heartbeat UNKNOWN']));
    monitor.answer = report(1, UP);
    await eventually(() => expect(all.states().slice(-2)).toStrictEqual(['gateway UP', 'heartbeat UP']));
    await redis.start();
  });

  test('that comes back brings the present state again, and then the changes', async () => {
    monitor.answer = report(1, UP);
    const all = watch();
    await all.settles('gateway UP', 'heartbeat UP');
    await subscribed();
    await redis.kill();
    await redis.start();
    await eventually(() => expect(all.states()).toStrictEqual(['gateway UP', 'heartbeat UP']));
    await eventually(async () => {
      await publish(report(2, [service('gateway', 'DOWN', 7), service('heartbeat')]));
      expect(all.states().slice(2)).toStrictEqual(['gateway DOWN']);
    });
  });

  test('that stands still is no silence while the monitor answers', async () => {
    monitor.answer = report(1, UP);
    const all = watch();
    await all.settles('gateway UP', 'heartbeat UP');
    redis.freeze();
    try {
      const { asked } = monitor;
      await eventually(() => expect(monitor.asked).toBeGreaterThan(asked + 6));
      expect(all.told).toStrictEqual([]);
    } finally {
      redis.thaw();
    }
  });
});
