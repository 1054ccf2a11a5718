import type { HealthReport, ClockReading } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { healthReport, INTERVAL_MS, serviceHealth } from '../testing/health-fixtures.js';
import {
  applyHealthReport,
  createHealthCacheState,
  getServiceHealth,
  isReportFetchDue,
  recordReportFetchStart,
  tickHealthCache,
  type HealthCacheState,
} from './health-cache-state.js';

const settings = { intervalMs: INTERVAL_MS, expectedServices: ['gateway', 'heartbeat', 'reports'] };
/** The clocks after a number of intervals since the start. */
const after = (intervals: number): ClockReading => ({
  monotonicMs: 500 + intervals * INTERVAL_MS,
  wallMs: intervals * INTERVAL_MS,
});
const started = createHealthCacheState(settings, after(0));
const UP = [serviceHealth('heartbeat'), serviceHealth('reports')];

/** Ticks four times per interval. */
function tickUntil(state: HealthCacheState, from: number, to: number): HealthCacheState {
  let next = state;
  for (let quarter = from * 4 + 1; quarter <= to * 4; quarter++)
    next = tickHealthCache(next, true, after(quarter / 4));
  return next;
}
const summarize = (state: HealthCacheState) =>
  getServiceHealth(state)?.map(({ name, status, reason, since }) => ({ name, status, reason, since }));
const statuses = (state: HealthCacheState) =>
  getServiceHealth(state)?.map(({ name, status }) => `${name} ${status}`);

describe('before the first report', () => {
  test('the health is not known for one interval, then every expected service is UNKNOWN', () => {
    expect(getServiceHealth(tickUntil(started, 0, 0.75))).toBeUndefined();
    expect(summarize(tickUntil(started, 0, 1))).toStrictEqual(
      settings.expectedServices.map((name) => ({
        name,
        status: 'UNKNOWN',
        reason: 'no health report received yet',
        since: '1970-01-01T00:00:00.000Z',
      })),
    );
  });

  test('the monitor is DOWN after 5 intervals, and the other services stay UNKNOWN since the start', () => {
    expect(statuses(tickUntil(started, 0, 4.75))).toStrictEqual([
      'gateway UNKNOWN',
      'heartbeat UNKNOWN',
      'reports UNKNOWN',
    ]);
    expect(summarize(tickUntil(started, 0, 5))).toStrictEqual([
      {
        name: 'heartbeat',
        status: 'DOWN',
        reason: 'no health report for 5.0 s; one is due every 1.0 s',
        since: '1970-01-01T00:00:05.000Z',
      },
      {
        name: 'gateway',
        status: 'UNKNOWN',
        reason: 'the monitor sent no health report for 5.0 s',
        since: '1970-01-01T00:00:00.000Z',
      },
      {
        name: 'reports',
        status: 'UNKNOWN',
        reason: 'the monitor sent no health report for 5.0 s',
        since: '1970-01-01T00:00:00.000Z',
      },
    ]);
  });
});

describe('with several monitors', () => {
  const DOWN = [serviceHealth('heartbeat'), serviceHealth('reports', 'DOWN', 7)];
  const spoken = applyHealthReport(started, healthReport(5, UP, { run: 'a', term: 7 }), 'redis', after(0));

  test('a report of an older term is ignored, and does not show that a monitor runs', () => {
    const old = healthReport(900, DOWN, { run: 'b', term: 6 });
    expect(applyHealthReport(spoken, old, 'redis', after(1))).toBe(spoken);
    expect(applyHealthReport(spoken, old, 'http', after(3))).toBe(spoken);
    const withoutTerm = healthReport(900, DOWN, { run: 'b' });
    expect(applyHealthReport(spoken, withoutTerm, 'redis', after(1))).toBe(spoken);
  });

  test('a report of an older term counts after a silence', () => {
    const silent = tickUntil(spoken, 0, 5);
    const old = healthReport(1, DOWN, { run: 'b', term: 2 });
    expect(getServiceHealth(applyHealthReport(silent, old, 'redis', after(5)))).toStrictEqual(DOWN);
  });

  test('a report of a later term counts, also of the same run', () => {
    const later = healthReport(1, DOWN, { run: 'a', term: 8 });
    expect(getServiceHealth(applyHealthReport(spoken, later, 'redis', after(1)))).toStrictEqual(DOWN);
  });

  test('what a listening monitor sees counts only while Redis brings no reports, and keeps the start of a status', () => {
    const seen = healthReport(
      2,
      [serviceHealth('heartbeat', 'UP', 50), serviceHealth('reports', 'UNKNOWN', 50)],
      {
        run: 'b',
        term: 7,
      },
    );
    expect(applyHealthReport(spoken, seen, 'http', after(0.75))).toBe(spoken);
    const away = tickUntil(spoken, 0, 2);
    expect(summarize(applyHealthReport(away, seen, 'http', after(2)))).toMatchObject([
      { name: 'heartbeat', status: 'UP', since: '1970-01-01T00:00:00.000Z' },
      { name: 'reports', status: 'UNKNOWN', since: '1970-01-01T00:00:50.000Z' },
    ]);
  });

  test('listening monitors that answer in turn change nothing', () => {
    const lost = (run: string, since: number) =>
      healthReport(2, [serviceHealth('reports', 'UNKNOWN', since)], { run, term: 7 });
    let state = tickUntil(spoken, 0, 2);
    const seen: unknown[] = [];
    for (const [index, run] of ['b', 'c', 'b', 'a', 'c'].entries()) {
      state = applyHealthReport(state, lost(run, 50 + index), 'http', after(2 + index));
      seen.push(summarize(state));
    }
    expect(seen).toStrictEqual(seen.map(() => seen[0]));
  });
});

describe('the health cache state after a report', () => {
  test('a report holds until the next one, over any transport', () => {
    const first = applyHealthReport(started, healthReport(3, UP), 'http', after(0.1));
    expect(getServiceHealth(first)).toStrictEqual(UP);
    const down = [serviceHealth('heartbeat'), serviceHealth('reports', 'DOWN', 7)];
    expect(
      getServiceHealth(applyHealthReport(first, healthReport(4, down), 'redis', after(0.2))),
    ).toStrictEqual(down);
  });

  test('ignores a report of the same run with an older or equal sequence', () => {
    const late = applyHealthReport(started, healthReport(3, UP), 'redis', after(0.1));
    for (const sequence of [1, 2, 3]) {
      expect(
        getServiceHealth(applyHealthReport(late, healthReport(sequence, []), 'http', after(0.2))),
      ).toStrictEqual(UP);
    }
  });

  test('stores a report of another run, whatever its sequence', () => {
    const stored = applyHealthReport(started, healthReport(300, UP), 'redis', after(0.1));
    const replaced = applyHealthReport(stored, healthReport(1, [], { run: 'second' }), 'redis', after(0.2));
    expect(getServiceHealth(replaced)).toStrictEqual([]);
    expect(
      getServiceHealth(
        applyHealthReport(replaced, healthReport(2, UP, { run: 'second' }), 'http', after(0.3)),
      ),
    ).toStrictEqual(UP);
  });

  test('the latest report of a run holds, in any order of arrival', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([1, 2, 3, 4, 5, 6], { minLength: 1 }), (sequences) => {
        const latest = sequences.reduce(
          (state, sequence) =>
            applyHealthReport(
              state,
              healthReport(sequence, [serviceHealth('reports', 'UP', sequence)]),
              'redis',
              after(0.1),
            ),
          started,
        );
        expect(latest.report?.sequence).toBe(Math.max(...sequences));
      }),
    );
  });
});

describe('a silent monitor', () => {
  const received = applyHealthReport(
    started,
    healthReport(1, [
      serviceHealth('reports', 'LATE', 2),
      ...UP.slice(0, 1),
      serviceHealth('old', 'UNKNOWN', 1),
    ]),
    'redis',
    after(0),
  );

  test('is DOWN after 5 intervals and makes the other services UNKNOWN, with reasons that do not change later', () => {
    expect(statuses(tickUntil(received, 0, 4.75))).toStrictEqual([
      'reports LATE',
      'heartbeat UP',
      'old UNKNOWN',
    ]);
    const silent = tickUntil(received, 0, 5);
    expect(summarize(silent)).toStrictEqual([
      {
        name: 'heartbeat',
        status: 'DOWN',
        reason: 'no health report for 5.0 s; one is due every 1.0 s',
        since: '1970-01-01T00:00:05.000Z',
      },
      {
        name: 'reports',
        status: 'UNKNOWN',
        reason: 'the monitor sent no health report for 5.0 s',
        since: '1970-01-01T00:00:05.000Z',
      },
      {
        name: 'old',
        status: 'UNKNOWN',
        reason: 'the monitor sent no health report for 5.0 s',
        since: '1970-01-01T00:00:01.000Z',
      },
    ]);
    expect(
      getServiceHealth(silent)?.flatMap(({ instances }) => instances.map(({ status }) => status)),
    ).toStrictEqual(['DOWN', 'UNKNOWN', 'UNKNOWN']);
    expect(summarize(tickUntil(silent, 5, 20))).toStrictEqual(summarize(silent));
  });

  test('is listed as DOWN even if its reports never listed it', () => {
    const state = tickUntil(
      applyHealthReport(started, healthReport(1, [serviceHealth('reports')]), 'redis', after(0)),
      0,
      5,
    );
    expect(statuses(state)).toStrictEqual(['heartbeat DOWN', 'reports UNKNOWN']);
  });

  test('is current again after the next report, even an outdated one', () => {
    const silent = tickUntil(received, 0, 6);
    expect(
      getServiceHealth(applyHealthReport(silent, healthReport(1, []), 'http', after(6.1))),
    ).toStrictEqual(received.report?.services);
  });

  test('gets all its intervals again after this process was suspended', () => {
    const resumed = tickHealthCache(tickUntil(received, 0, 1), true, after(30));
    expect(statuses(resumed)).toStrictEqual(['reports LATE', 'heartbeat UP', 'old UNKNOWN']);
    expect(resumed.phase).toBe('current');
    expect(tickUntil(resumed, 30, 34.75).phase).toBe('current');
    expect(tickUntil(resumed, 30, 35).phase).toBe('silent');
  });

  test('is silent after five of the intervals that its report states', () => {
    const slow = applyHealthReport(
      started,
      healthReport(1, UP, { intervalMs: 2 * INTERVAL_MS }),
      'redis',
      after(0),
    );
    expect(tickUntil(slow, 0, 9.75).phase).toBe('current');
    expect(tickUntil(slow, 0, 10).phase).toBe('silent');
  });

  test('is silent exactly if no report arrived for 5 intervals', () => {
    const arrivals = fc.array(
      fc.record({
        quarters: fc.integer({ min: 1, max: 40 }),
        transport: fc.constantFrom('redis' as const, 'http' as const),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(arrivals, (steps) => {
        let state = started;
        let now = 0;
        steps.forEach(({ quarters, transport }, index) => {
          state = tickUntil(state, now / 4, (now + quarters) / 4);
          expect(state.phase === 'silent').toBe(quarters >= 20);
          now += quarters;
          state = applyHealthReport(state, healthReport(index + 1, UP), transport, after(now / 4));
        });
      }),
    );
  });
});

describe('isReportFetchDue', () => {
  /** The times of the fetches, in intervals, if every due fetch starts at once. */
  const findFetchTimes = (
    initialState: HealthCacheState,
    from: number,
    to: number,
    isRedisReady: (at: number) => boolean,
    receiveReport: (at: number) => HealthReport | undefined,
  ) => {
    const fetchTimes: number[] = [];
    let state = initialState;
    for (let quarter = from * 4; quarter <= to * 4; quarter++) {
      const at = quarter / 4;
      const report = receiveReport(at);
      if (report) state = applyHealthReport(state, report, 'redis', after(at));
      state = tickHealthCache(state, isRedisReady(at), after(at));
      if (!isReportFetchDue(state, after(at))) continue;
      fetchTimes.push(at);
      state = recordReportFetchStart(state, after(at));
    }
    return fetchTimes;
  };
  const never = () => undefined;
  const eachInterval = (at: number) => (Number.isInteger(at) ? healthReport(at + 1, UP) : undefined);

  test('a report fetch is due at the start, and not again while Redis brings reports', () => {
    expect(findFetchTimes(started, 0, 10, () => true, eachInterval)).toStrictEqual([0]);
  });

  test('a report fetch is due at each interval after Redis brought no report for 2 intervals', () => {
    expect(findFetchTimes(started, 0, 5, () => true, never)).toStrictEqual([0, 2, 3, 4, 5]);
  });

  test('a report fetch is due at each interval after Redis was away for 1 interval', () => {
    expect(findFetchTimes(started, 0, 4, () => false, never)).toStrictEqual([0, 1, 2, 3, 4]);
    expect(findFetchTimes(started, 0, 6, (at) => at <= 3, eachInterval)).toStrictEqual([0, 4, 5, 6]);
  });
});
