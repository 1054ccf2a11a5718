import { describe, expect, it } from 'vitest';
import { findSettled, mergeChanges, toIntervalsToEvaluate } from './changed-intervals.js';

const interval = (startedAt: number, endedAt: number | null) => ({
  startId: `r${startedAt}`,
  startedAt,
  endedAt,
});

describe('changed intervals', () => {
  it('are settled if no reading from the next instant on can change them', () => {
    const changed = mergeChanges([], {
      put: [interval(1, 4), interval(5, 9), interval(6, 10), interval(20, null)],
      removed: [interval(8, 9), interval(10, null), interval(30, 40)],
    });
    const list = (nextAt?: number) => findSettled(changed, nextAt).map(({ startedAt }) => startedAt);
    expect(list(10).sort((a, b) => a - b)).toEqual([1, 5, 8]);
    expect(list(4)).toEqual([]);
    expect(list()).toHaveLength(7);
  });

  it('are known by the reading that starts them, as they are after the last change', () => {
    const stored = { startId: 'r1', startedAt: 1, present: interval(1, null), isStored: true };
    const first = mergeChanges([stored], { put: [interval(7, 8)], removed: [interval(1, null)] });
    expect(first).toContainEqual({ startId: 'r1', startedAt: 1, present: undefined, isStored: true });
    const second = mergeChanges(first, { put: [interval(1, 2)], removed: [] });
    expect(toIntervalsToEvaluate(second)).toEqual({ put: [interval(1, 2), interval(7, 8)], removed: [] });
  });
});
