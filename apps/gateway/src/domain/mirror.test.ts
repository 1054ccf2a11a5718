import type { HealthReport } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { INTERVAL_MS, report, service } from '../testing/reports.js';
import { asked, begin, hear, isToBeAsked, look, type Mirror } from './mirror.js';
import type { Moment } from './moment.js';
import { present } from './present.js';

const rules = { intervalMs: INTERVAL_MS, expected: ['gateway', 'heartbeat', 'reports'] };
/** A moment, in intervals from the beginning. */
const after = (intervals: number): Moment => ({
  mono: 500 + intervals * INTERVAL_MS,
  wall: intervals * INTERVAL_MS,
});
const began = begin(rules, after(0));
const UP = [service('heartbeat'), service('reports')];

/** Looks four times an interval. */
function lookUntil(mirror: Mirror, from: number, to: number, redisReady = true): Mirror {
  let next = mirror;
  for (let quarter = from * 4 + 1; quarter <= to * 4; quarter++)
    next = look(next, redisReady, after(quarter / 4));
  return next;
}
const told = (mirror: Mirror) =>
  present(mirror)?.map(({ name, status, reason, since }) => ({ name, status, reason, since }));
const statuses = (mirror: Mirror) => present(mirror)?.map(({ name, status }) => `${name} ${status}`);

describe('before anything was heard', () => {
  test('nothing is said for an interval, then that nothing was heard', () => {
    expect(present(lookUntil(began, 0, 0.75))).toBeUndefined();
    expect(told(lookUntil(began, 0, 1))).toStrictEqual(
      rules.expected.map((name) => ({
        name,
        status: 'UNKNOWN',
        reason: 'not heard yet',
        since: '1970-01-01T00:00:00.000Z',
      })),
    );
  });

  test('the monitor is gone after 5 intervals; what was unknown stays so since then', () => {
    expect(statuses(lookUntil(began, 0, 4.75))).toStrictEqual([
      'gateway UNKNOWN',
      'heartbeat UNKNOWN',
      'reports UNKNOWN',
    ]);
    expect(told(lookUntil(began, 0, 5))).toStrictEqual([
      {
        name: 'heartbeat',
        status: 'DOWN',
        reason: 'no report for 5.0 s; one every 1.0 s is due',
        since: '1970-01-01T00:00:05.000Z',
      },
      {
        name: 'gateway',
        status: 'UNKNOWN',
        reason: 'the monitor is silent for 5.0 s',
        since: '1970-01-01T00:00:00.000Z',
      },
      {
        name: 'reports',
        status: 'UNKNOWN',
        reason: 'the monitor is silent for 5.0 s',
        since: '1970-01-01T00:00:00.000Z',
      },
    ]);
  });
});

describe('a report', () => {
  test('holds until the next, whichever way it came', () => {
    const first = hear(began, report(3, UP), 'http', after(0.1));
    expect(present(first)).toStrictEqual(UP);
    const down = [service('heartbeat'), service('reports', 'DOWN', 7)];
    expect(present(hear(first, report(4, down), 'redis', after(0.2)))).toStrictEqual(down);
  });

  test('of the same run that is not later changes nothing', () => {
    const late = hear(began, report(3, UP), 'redis', after(0.1));
    for (const sequence of [1, 2, 3]) {
      expect(present(hear(late, report(sequence, []), 'http', after(0.2)))).toStrictEqual(UP);
    }
  });

  test('of another run replaces the old, whatever its number', () => {
    const old = hear(began, report(300, UP), 'redis', after(0.1));
    const replaced = hear(old, report(1, [], { run: 'second' }), 'redis', after(0.2));
    expect(present(replaced)).toStrictEqual([]);
    expect(present(hear(replaced, report(2, UP, { run: 'second' }), 'http', after(0.3)))).toStrictEqual(UP);
  });

  test('in any order within a run, the latest holds', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([1, 2, 3, 4, 5, 6], { minLength: 1 }), (sequences) => {
        const mirror = sequences.reduce(
          (state, sequence) =>
            hear(state, report(sequence, [service('reports', 'UP', sequence)]), 'redis', after(0.1)),
          began,
        );
        expect(mirror.report?.sequence).toBe(Math.max(...sequences));
      }),
    );
  });
});

describe('a monitor that falls silent', () => {
  const heard = hear(
    began,
    report(1, [service('reports', 'LATE', 2), ...UP.slice(0, 1), service('old', 'UNKNOWN', 1)]),
    'redis',
    after(0),
  );

  test('is down after 5 intervals, and the rest unknown, each with the figure, once', () => {
    expect(statuses(lookUntil(heard, 0, 4.75))).toStrictEqual([
      'reports LATE',
      'heartbeat UP',
      'old UNKNOWN',
    ]);
    const silent = lookUntil(heard, 0, 5);
    expect(told(silent)).toStrictEqual([
      {
        name: 'heartbeat',
        status: 'DOWN',
        reason: 'no report for 5.0 s; one every 1.0 s is due',
        since: '1970-01-01T00:00:05.000Z',
      },
      {
        name: 'reports',
        status: 'UNKNOWN',
        reason: 'the monitor is silent for 5.0 s',
        since: '1970-01-01T00:00:05.000Z',
      },
      {
        name: 'old',
        status: 'UNKNOWN',
        reason: 'the monitor is silent for 5.0 s',
        since: '1970-01-01T00:00:01.000Z',
      },
    ]);
    expect(present(silent)?.flatMap(({ instances }) => instances.map(({ status }) => status))).toStrictEqual([
      'DOWN',
      'UNKNOWN',
      'UNKNOWN',
    ]);
    expect(told(lookUntil(silent, 5, 20))).toStrictEqual(told(silent));
  });

  test('is told also where it has never reported of itself', () => {
    const mirror = lookUntil(hear(began, report(1, [service('reports')]), 'redis', after(0)), 0, 5);
    expect(statuses(mirror)).toStrictEqual(['heartbeat DOWN', 'reports UNKNOWN']);
  });

  test('holds again with the next sign of life, also one that says nothing new', () => {
    const silent = lookUntil(heard, 0, 6);
    expect(present(hear(silent, report(1, []), 'http', after(6.1)))).toStrictEqual(heard.report?.services);
  });

  test('gets the intervals anew after a pause of this process', () => {
    const resumed = look(lookUntil(heard, 0, 1), true, after(30));
    expect(statuses(resumed)).toStrictEqual(['reports LATE', 'heartbeat UP', 'old UNKNOWN']);
    expect(resumed.phase).toBe('hearing');
    expect(lookUntil(resumed, 30, 34.75).phase).toBe('hearing');
    expect(lookUntil(resumed, 30, 35).phase).toBe('silent');
  });

  test('is judged by the interval that it promised itself', () => {
    const slow = hear(began, report(1, UP, { intervalMs: 2 * INTERVAL_MS }), 'redis', after(0));
    expect(lookUntil(slow, 0, 9.75).phase).toBe('hearing');
    expect(lookUntil(slow, 0, 10).phase).toBe('silent');
  });

  test('is one exactly where nothing came for 5 intervals', () => {
    const steps = fc.array(
      fc.record({
        quarters: fc.integer({ min: 1, max: 40 }),
        way: fc.constantFrom('redis' as const, 'http' as const),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(steps, (waits) => {
        let mirror = began;
        let now = 0;
        waits.forEach(({ quarters, way }, index) => {
          mirror = lookUntil(mirror, now / 4, (now + quarters) / 4);
          expect(mirror.phase === 'silent').toBe(quarters >= 20);
          now += quarters;
          mirror = hear(mirror, report(index + 1, UP), way, after(now / 4));
        });
      }),
    );
  });
});

describe('the monitor is asked over HTTP', () => {
  /** When it is asked, in intervals, if every question is counted at once. */
  const asksOf = (
    mirror: Mirror,
    from: number,
    to: number,
    redisReady: (at: number) => boolean,
    heard: (at: number) => HealthReport | undefined,
  ) => {
    const asks: number[] = [];
    let state = mirror;
    for (let quarter = from * 4; quarter <= to * 4; quarter++) {
      const at = quarter / 4;
      const message = heard(at);
      if (message) state = hear(state, message, 'redis', after(at));
      state = look(state, redisReady(at), after(at));
      if (!isToBeAsked(state, after(at))) continue;
      asks.push(at);
      state = asked(state, after(at));
    }
    return asks;
  };
  const never = () => undefined;
  const eachInterval = (at: number) => (Number.isInteger(at) ? report(at + 1, UP) : undefined);

  test('at once, and not again while Redis brings its reports', () => {
    expect(asksOf(began, 0, 10, () => true, eachInterval)).toStrictEqual([0]);
  });

  test('each interval, once Redis has brought none for 2', () => {
    expect(asksOf(began, 0, 5, () => true, never)).toStrictEqual([0, 2, 3, 4, 5]);
  });

  test('each interval, once Redis is away for one', () => {
    expect(asksOf(began, 0, 4, () => false, never)).toStrictEqual([0, 1, 2, 3, 4]);
    expect(asksOf(began, 0, 6, (at) => at <= 3, eachInterval)).toStrictEqual([0, 4, 5, 6]);
  });
});
