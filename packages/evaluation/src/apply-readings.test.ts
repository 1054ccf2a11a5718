import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyReadings, type IntervalChanges, type IntervalHistory } from './apply-readings.js';
import { deriveIntervals, deriveOpeningState } from './opening-intervals.js';
import { createMemoryStore, parseReading, type MemoryStore, type ReadingText } from './testing/index.js';

function add(store: MemoryStore, ...texts: ReadingText[]): IntervalChanges {
  const changes = applyReadings(store, store.record(texts.map(parseReading)));
  store.apply(changes);
  return changes;
}

describe('applyReadings returns the changes', () => {
  it('for an opening, a repeated report and a closing', () => {
    const store = createMemoryStore();
    const open = { startId: '5+', startedAt: 5, endedAt: null };
    expect(add(store, '5+')).toStrictEqual({ put: [open], removed: [], state: 'OPEN', since: 5 });
    expect(add(store, '7+')).toStrictEqual({ put: [], removed: [], state: 'OPEN', since: 5 });
    const closed = { ...open, endedAt: 9 };
    expect(add(store, '9-')).toStrictEqual({ put: [closed], removed: [], state: 'CLOSED', since: 9 });
  });

  it('for a late closing, which splits the interval at the next OPEN reading', () => {
    const store = createMemoryStore();
    add(store, '5+', '7+', '9-');
    expect(add(store, '6-')).toStrictEqual({
      put: [
        { startId: '5+', startedAt: 5, endedAt: 6 },
        { startId: '7+', startedAt: 7, endedAt: 9 },
      ],
      removed: [],
      state: 'CLOSED',
      since: 9,
    });
  });

  it('for a late opening, which replaces the interval that starts after it', () => {
    const store = createMemoryStore();
    add(store, '5+', '9-', '20+');
    expect(add(store, '4+')).toStrictEqual({
      put: [{ startId: '4+', startedAt: 4, endedAt: 9 }],
      removed: [{ startId: '5+', startedAt: 5, endedAt: 9 }],
      state: 'OPEN',
      since: 20,
    });
  });

  it('for a late opening, which starts the present interval earlier', () => {
    const store = createMemoryStore();
    add(store, '5+');
    expect(add(store, '4+')).toStrictEqual({
      put: [{ startId: '4+', startedAt: 4, endedAt: null }],
      removed: [{ startId: '5+', startedAt: 5, endedAt: null }],
      state: 'OPEN',
      since: 4,
    });
  });

  it('for a closing without an opening', () => {
    const closed = { put: [], removed: [], state: 'CLOSED', since: 5 };
    expect(add(createMemoryStore(), '5-', '7-')).toStrictEqual(closed);
  });

  it('for a late closing that reverses the order within later instants', () => {
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

  it('for no reading: none, with the present state', () => {
    const store = createMemoryStore();
    expect(applyReadings(store, [])).toStrictEqual({ put: [], removed: [], state: null, since: null });
    add(store, '5+');
    expect(applyReadings(store, [])).toStrictEqual({ put: [], removed: [], state: 'OPEN', since: 5 });
  });
});

/** Batches with few instants and ids, so that readings collide. */
const batches = fc.array(
  fc.array(
    fc.record({
      id: fc.string({ minLength: 1, maxLength: 2, unit: fc.constantFrom('a', 'b', 'c', '\uffff', '😀') }),
      state: fc.constantFrom('OPEN' as const, 'CLOSED' as const),
      at: fc.integer({ min: 0, max: 12 }),
    }),
    { maxLength: 12 },
  ),
  { maxLength: 8 },
);

describe('applyReadings in any batches', () => {
  it('stores the intervals that all readings give at once', () => {
    fc.assert(
      fc.property(batches, (all) => {
        const store = createMemoryStore();
        for (const batch of all) {
          const before = store.intervals;
          const { put, removed, state, since } = applyReadings(store, store.record(batch));
          for (const interval of put) expect(before).not.toContainEqual(interval);
          for (const interval of removed) expect(before).toContainEqual(interval);
          store.apply({ put, removed, state, since });
          expect(store.intervals).toStrictEqual(deriveIntervals(store.readings));
          expect({ state, since }).toStrictEqual(deriveOpeningState(store.readings));
        }
      }),
    );
  });

  it('ignores the order of readings, repetitions and readings that are already stored', () => {
    fc.assert(
      fc.property(batches, fc.infiniteStream(fc.nat()), (all, keys) => {
        const store = createMemoryStore();
        for (const batch of all) {
          store.record(batch);
          const shuffled = [...batch, ...store.readings]
            .map((one) => ({ one, key: Number(keys.next().value) }))
            .sort((a, b) => a.key - b.key)
            .map(({ one }) => one);
          store.apply(applyReadings(store, shuffled));
        }
        expect(store.intervals).toStrictEqual(deriveIntervals(store.readings));
        expect(deriveIntervals(store.readings.toReversed())).toStrictEqual(deriveIntervals(store.readings));
      }),
    );
  });
});

describe('the cost of applyReadings', () => {
  /** Counts the queries, and the intervals that they return. */
  function createCountingHistory(store: IntervalHistory) {
    const counts = { queries: 0, intervals: 0 };
    const countQuery = <T>(result: T): T => {
      counts.queries++;
      return result;
    };
    const history: IntervalHistory = {
      firstReading: (state, from) => countQuery(store.firstReading(state, from)),
      intervalBefore: (at) => countQuery(store.intervalBefore(at)),
      intervalsBetween(from, until) {
        const found = countQuery(store.intervalsBetween(from, until));
        counts.intervals += found.length;
        return found;
      },
    };
    return { history, counts };
  }

  it.each<[string, ReadingText]>([
    ['at the end', '3000+'],
    ['at the beginning', '0-'],
    ['a late closing', '1003-'],
    ['a late opening', '1007+'],
  ])('does not depend on the length of the history: %s', (_, text) => {
    const store = createMemoryStore();
    const earlier = Array.from({ length: 200 }, (_, i): ReadingText[] => {
      const at = i * 10;
      // Both states are reported repeatedly.
      return [`${at + 1}+`, `${at + 2}+`, `${at + 4}+`, `${at + 5}-`, `${at + 6}-`, `${at + 8}-`];
    });
    add(store, ...earlier.flat());
    const { history, counts } = createCountingHistory(store);
    const changes = applyReadings(history, store.record([parseReading(text)]));
    store.apply(changes);
    expect(store.intervals).toStrictEqual(deriveIntervals(store.readings));
    expect(counts.queries).toBeLessThan(16);
    expect(counts.intervals).toBeLessThan(4);
  });
});
