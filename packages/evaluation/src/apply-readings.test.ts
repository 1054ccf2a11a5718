import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyReadings, type IntervalChanges, type SignalHistory } from './apply-readings.js';
import { deriveIntervals, deriveSignalValue, type SignalInterval } from './signal-intervals.js';
import { createMemoryStore, parseReport, type MemoryStore, type ReportText } from './testing/index.js';

function add(store: MemoryStore, ...texts: ReportText[]): IntervalChanges {
  const changes = applyReadings(store, store.record(texts.map(parseReport)));
  store.apply(changes);
  return changes;
}

function withdraw(store: MemoryStore, ...ids: ReportText[]): IntervalChanges {
  const changes = applyReadings(store, store.withdraw(ids));
  store.apply(changes);
  return changes;
}

describe('applyReadings returns the changes', () => {
  it('for a beginning, a repeated report and an end', () => {
    const store = createMemoryStore();
    const present = { startId: '5+', startedAt: 5, endedAt: null };
    expect(add(store, '5+')).toStrictEqual({
      put: [present],
      removed: [],
      changedPeriods: [{ from: 5, until: Infinity }],
      value: true,
      since: 5,
    });
    const none = { put: [], removed: [], changedPeriods: [] };
    expect(add(store, '7+')).toStrictEqual({ ...none, value: true, since: 5 });
    expect(add(store, '9-')).toStrictEqual({
      put: [{ ...present, endedAt: 9 }],
      removed: [],
      changedPeriods: [{ from: 9, until: Infinity }],
      value: false,
      since: 9,
    });
  });

  it('for a late end, which splits the interval at the next report of true', () => {
    const store = createMemoryStore();
    add(store, '5+', '7+', '9-');
    expect(add(store, '6-')).toStrictEqual({
      put: [
        { startId: '5+', startedAt: 5, endedAt: 6 },
        { startId: '7+', startedAt: 7, endedAt: 9 },
      ],
      removed: [],
      changedPeriods: [{ from: 6, until: 10 }],
      value: false,
      since: 9,
    });
  });

  it('for a late beginning, which replaces the interval that starts after it', () => {
    const store = createMemoryStore();
    add(store, '5+', '9-', '20+');
    expect(add(store, '4+')).toStrictEqual({
      put: [{ startId: '4+', startedAt: 4, endedAt: 9 }],
      removed: [{ startId: '5+', startedAt: 5, endedAt: 9 }],
      changedPeriods: [{ from: 4, until: 10 }],
      value: true,
      since: 20,
    });
  });

  it('for a late beginning, which starts the present interval earlier', () => {
    const store = createMemoryStore();
    add(store, '5+');
    expect(add(store, '4+')).toStrictEqual({
      put: [{ startId: '4+', startedAt: 4, endedAt: null }],
      removed: [{ startId: '5+', startedAt: 5, endedAt: null }],
      changedPeriods: [{ from: 4, until: Infinity }],
      value: true,
      since: 4,
    });
  });

  it('for an end without a beginning', () => {
    const changes = { put: [], removed: [], changedPeriods: [], value: false, since: 5 };
    expect(add(createMemoryStore(), '5-', '7-')).toStrictEqual(changes);
  });

  it('for a late end that reverses the order within later instants', () => {
    const store = createMemoryStore();
    add(store, '1+', '5+', '5-', '7+', '7-');
    expect(store.intervals).toHaveLength(3);
    add(store, '3-');
    expect(store.intervals.map(({ startedAt, endedAt }) => [startedAt, endedAt])).toStrictEqual([
      [1, 3],
      [5, 5],
      [7, 7],
    ]);
  });

  it('for no reading: none, with the present value', () => {
    const store = createMemoryStore();
    const none = { put: [], removed: [], changedPeriods: [] };
    expect(applyReadings(store, [])).toStrictEqual({ ...none, value: null, since: null });
    add(store, '5+');
    expect(applyReadings(store, [])).toStrictEqual({ ...none, value: true, since: 5 });
  });
});

describe('applyReadings after a withdrawal returns the changes', () => {
  const createStore = (...texts: ReportText[]) => {
    const store = createMemoryStore();
    add(store, ...texts);
    return store;
  };
  const interval = (startId: string, startedAt: number, endedAt: number | null): SignalInterval => ({
    startId,
    startedAt,
    endedAt,
  });

  it.each<[string, ReportText[], ReportText[], Omit<IntervalChanges, 'changedPeriods'>, [number, number]]>([
    [
      'of the beginning: the next report of true begins the interval',
      ['5+', '7+', '9-'],
      ['5+'],
      { put: [interval('7+', 7, 9)], removed: [interval('5+', 5, 9)], value: false, since: 9 },
      [5, 10],
    ],
    [
      'of the only beginning',
      ['3-', '5+', '9-'],
      ['5+'],
      { put: [], removed: [interval('5+', 5, 9)], value: false, since: 3 },
      [5, Infinity],
    ],
    [
      'of the end: the interval joins the next one',
      ['5+', '6-', '7+', '9-'],
      ['6-'],
      { put: [interval('5+', 5, 9)], removed: [interval('7+', 7, 9)], value: false, since: 9 },
      [6, 10],
    ],
    [
      'of the only end: the interval lasts',
      ['5+', '9-'],
      ['9-'],
      { put: [interval('5+', 5, null)], removed: [], value: true, since: 5 },
      [9, Infinity],
    ],
    [
      'of all readings',
      ['5+', '9-', '11+'],
      ['5+', '9-', '11+'],
      { put: [], removed: [interval('5+', 5, 9), interval('11+', 11, null)], value: null, since: null },
      [5, Infinity],
    ],
    [
      'of the last interval: the one before is the last',
      ['2+', '3-', '5+', '9-', '11+'],
      ['5+', '11+'],
      {
        put: [],
        removed: [interval('5+', 5, 9), interval('11+', 11, null)],
        value: false,
        since: 3,
      },
      [5, Infinity],
    ],
    [
      'of one of two reports of an instant',
      ['5+a', '5+b', '9-'],
      ['5+a'],
      { put: [interval('5+b', 5, 9)], removed: [interval('5+a', 5, 9)], value: false, since: 9 },
      [5, 10],
    ],
  ])('%s', (_, stored, withdrawn, expected, [from, until]) => {
    const changes = withdraw(createStore(...stored), ...withdrawn);
    expect(changes).toStrictEqual({ ...expected, changedPeriods: [{ from, until }] });
  });

  it('of a repeated report: none', () => {
    const changes = withdraw(createStore('5+', '7+', '9-', '11-'), '7+', '11-');
    expect(changes).toStrictEqual({ put: [], removed: [], changedPeriods: [], value: false, since: 9 });
  });
});

/** Batches with few instants and ids, so that readings collide. Each withdraws some of the reports before it. */
const batches = fc.array(
  fc.record({
    reports: fc.array(
      fc.record({
        id: fc.string({ minLength: 1, maxLength: 2, unit: fc.constantFrom('a', 'b', 'c', '\uffff', '😀') }),
        value: fc.boolean(),
        at: fc.integer({ min: 0, max: 12 }),
      }),
      { maxLength: 12 },
    ),
    withdrawn: fc.array(fc.nat(30), { maxLength: 4 }),
  }),
  { maxLength: 8 },
);

/** The value just before an instant, from the intervals. */
const isTrueBefore = (intervals: readonly SignalInterval[], at: number) =>
  intervals.some(({ startedAt, endedAt }) => startedAt < at && (endedAt === null || endedAt >= at));

describe('applyReadings in any batches, with withdrawals', () => {
  it('stores the intervals that all readings give at once', () => {
    fc.assert(
      fc.property(batches, (all) => {
        const store = createMemoryStore();
        for (const { reports, withdrawn } of all) {
          const before = store.intervals;
          const ids = withdrawn.flatMap((index) => store.reports[index]?.id ?? []);
          const instants = [...store.withdraw(ids), ...store.record(reports)];
          const changes = applyReadings(store, instants);
          const { put, removed, changedPeriods, value, since } = changes;
          for (const interval of put) expect(before).not.toContainEqual(interval);
          for (const interval of removed) expect(before).toContainEqual(interval);
          store.apply(changes);
          expect(store.intervals).toStrictEqual(deriveIntervals(store.reports));
          expect({ value, since }).toStrictEqual(deriveSignalValue(store.reports));
          for (let at = 0; at < 14; at++) {
            if (isTrueBefore(before, at + 1) === isTrueBefore(store.intervals, at + 1)) continue;
            expect(changedPeriods.some(({ from, until }) => from <= at && at < until)).toBe(true);
          }
        }
      }),
    );
  });

  it('ignores the order of readings, repetitions and further instants', () => {
    fc.assert(
      fc.property(batches, fc.infiniteStream(fc.nat()), (all, keys) => {
        const store = createMemoryStore();
        for (const { reports } of all) {
          store.record(reports);
          const shuffled = [...reports, ...store.reports]
            .map(({ at }) => ({ at, key: Number(keys.next().value) }))
            .sort((a, b) => a.key - b.key)
            .map(({ at }) => at);
          store.apply(applyReadings(store, shuffled));
        }
        expect(store.intervals).toStrictEqual(deriveIntervals(store.reports));
        expect(deriveIntervals(store.reports.toReversed())).toStrictEqual(deriveIntervals(store.reports));
      }),
    );
  });
});

describe('the cost of applyReadings', () => {
  /** Counts the queries, and the intervals that they return. */
  function createCountingHistory(store: SignalHistory) {
    const counts = { queries: 0, intervals: 0 };
    const countQuery = <T>(result: T): T => {
      counts.queries++;
      return result;
    };
    const history: SignalHistory = {
      firstReport: (value, from) => countQuery(store.firstReport(value, from)),
      intervalBefore: (at) => countQuery(store.intervalBefore(at)),
      intervalsBetween(from, until) {
        const found = countQuery(store.intervalsBetween(from, until));
        counts.intervals += found.length;
        return found;
      },
    };
    return { history, counts };
  }

  it.each<[string, ReportText]>([
    ['at the end', '3000+'],
    ['at the beginning', '0-'],
    ['a late closing', '1003-'],
    ['a late opening', '1007+'],
  ])('does not depend on the length of the history: %s', (_, text) => {
    const store = createMemoryStore();
    const earlier = Array.from({ length: 200 }, (_, i): ReportText[] => {
      const at = i * 10;
      // Both states are reported repeatedly.
      return [`${at + 1}+`, `${at + 2}+`, `${at + 4}+`, `${at + 5}-`, `${at + 6}-`, `${at + 8}-`];
    });
    add(store, ...earlier.flat());
    const { history, counts } = createCountingHistory(store);
    const changes = applyReadings(history, store.record([parseReport(text)]));
    store.apply(changes);
    expect(store.intervals).toStrictEqual(deriveIntervals(store.reports));
    expect(counts.queries).toBeLessThan(16);
    expect(counts.intervals).toBeLessThan(4);
  });
});
