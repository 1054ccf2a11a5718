import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyReadings, type IntervalChanges } from './apply-readings.js';
import type { IntervalHistory } from './interval-history.js';
import { deriveIntervals, deriveOpeningState } from './open-intervals.js';
import { createMemoryStore, reading, type MemoryStore, type Written } from './testing/index.js';

function add(store: MemoryStore, ...written: Written[]): IntervalChanges {
  const changes = applyReadings(store, store.record(written.map(reading)));
  store.apply(changes);
  return changes;
}

describe('what changes', () => {
  it('an opening, its repetition and its closing', () => {
    const store = createMemoryStore();
    const open = { startId: '5+', startedAt: 5, endedAt: null };
    expect(add(store, '5+')).toStrictEqual({ put: [open], removed: [], state: 'OPEN', since: 5 });
    expect(add(store, '7+')).toStrictEqual({ put: [], removed: [], state: 'OPEN', since: 5 });
    const closed = { ...open, endedAt: 9 };
    expect(add(store, '9-')).toStrictEqual({ put: [closed], removed: [], state: 'CLOSED', since: 9 });
  });

  it('a late closing divides an interval at the next report of being open', () => {
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

  it('a late opening takes the place of the one after it', () => {
    const store = createMemoryStore();
    add(store, '5+', '9-', '20+');
    expect(add(store, '4+')).toStrictEqual({
      put: [{ startId: '4+', startedAt: 4, endedAt: 9 }],
      removed: ['5+'],
      state: 'OPEN',
      since: 20,
    });
  });

  it('one late closing turns what follows within single instants around', () => {
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

  it('nothing added, nothing changed; the state is told', () => {
    const store = createMemoryStore();
    expect(applyReadings(store, [])).toStrictEqual({ put: [], removed: [], state: null, since: null });
    add(store, '5+');
    expect(applyReadings(store, [])).toStrictEqual({ put: [], removed: [], state: 'OPEN', since: 5 });
  });
});

/** Few instants and ids, so that readings meet, in any batches. */
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

describe('however readings come', () => {
  it('in whatever batches, what is on record is what all readings give at once', () => {
    fc.assert(
      fc.property(batches, (all) => {
        const store = createMemoryStore();
        for (const batch of all) {
          const before = store.intervals;
          const { put, removed, state, since } = applyReadings(store, store.record(batch));
          for (const interval of put) expect(before).not.toContainEqual(interval);
          const known = before.map(({ startId }) => startId);
          for (const startId of removed) expect(known).toContain(startId);
          store.apply({ put, removed, state, since });
          expect(store.intervals).toStrictEqual(deriveIntervals(store.readings));
          expect({ state, since }).toStrictEqual(deriveOpeningState(store.readings));
        }
      }),
    );
  });

  it('neither order nor repetition matters, nor what was on record before', () => {
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

describe('the work', () => {
  /** Counts what is asked for: questions, and intervals that they answer with. */
  function watched(store: IntervalHistory) {
    const seen = { questions: 0, intervals: 0 };
    const answered = <T>(answer: T): T => {
      seen.questions++;
      return answer;
    };
    const watching: IntervalHistory = {
      firstReading: (state, from) => answered(store.firstReading(state, from)),
      intervalBefore: (at) => answered(store.intervalBefore(at)),
      intervalsBetween(from, until) {
        const found = answered(store.intervalsBetween(from, until));
        seen.intervals += found.length;
        return found;
      },
    };
    return { watching, seen };
  }

  it.each<[string, Written]>([
    ['at the end', '3000+'],
    ['at the beginning', '0-'],
    ['late, a closing', '1003-'],
    ['late, an opening', '1007+'],
  ])('is in what is touched, not in history: %s', (_, written) => {
    const store = createMemoryStore();
    const history = Array.from({ length: 200 }, (_, i): Written[] => {
      const at = i * 10;
      // Reports that are repeated while open and while closed.
      return [`${at + 1}+`, `${at + 2}+`, `${at + 4}+`, `${at + 5}-`, `${at + 6}-`, `${at + 8}-`];
    });
    add(store, ...history.flat());
    const { watching, seen } = watched(store);
    const changes = applyReadings(watching, store.record([reading(written)]));
    store.apply(changes);
    expect(store.intervals).toStrictEqual(deriveIntervals(store.readings));
    expect(seen.questions).toBeLessThan(16);
    expect(seen.intervals).toBeLessThan(4);
  });
});
