import { describe, expect, it } from 'vitest';
import {
  createChangedSilence,
  createLateOpeningSpan,
  findLateOpeningSpan,
  isSettled,
  listChangedIntervals,
  MAX_WINDOW_MS,
  mergeChanges,
} from './changed-episodes.js';

const interval = (startedAt: number, endedAt: number | null) => ({
  startId: `r${startedAt}`,
  startedAt,
  endedAt,
});

describe('changed episodes', () => {
  it('are settled if no reading from the next instant on can change them', () => {
    const changed = listChangedIntervals('OPEN', {
      put: [interval(1, 4), interval(5, 9), interval(6, 10), interval(20, null)],
      removed: [interval(8, 9), interval(10, null), interval(30, 40)],
    });
    const list = (nextAt?: number) =>
      changed.filter((one) => isSettled(one, nextAt)).map(({ startedAt }) => startedAt);
    expect(list(10).sort((a, b) => a - b)).toEqual([1, 5, 8]);
    expect(list(4)).toEqual([]);
    expect(list()).toHaveLength(7);
    const silence = createChangedSilence(1, { endedAt: 4 }, false);
    expect([isSettled(silence, 5), isSettled(silence, 4)]).toEqual([true, false]);
    const span = createLateOpeningSpan(1, 4, false);
    expect([isSettled(span, undefined), isSettled(span, 100)]).toEqual([true, false]);
  });

  it('are known by what they are about and their start, as they are after the last change', () => {
    const [stored] = listChangedIntervals('OPEN', { put: [interval(1, null)], removed: [] });
    const first = mergeChanges(
      [{ ...stored!, isStored: true, isEvaluated: true }],
      [
        ...listChangedIntervals('OPEN', { put: [interval(7, 8)], removed: [interval(1, null)] }),
        ...listChangedIntervals('TAMPERED', { put: [interval(1, 3)], removed: [] }),
      ],
    );
    expect(first).toHaveLength(3);
    expect(first[0]).toEqual({ ...stored, present: undefined, isStored: true });
    const second = mergeChanges(first, listChangedIntervals('OPEN', { put: [interval(1, 2)], removed: [] }));
    expect(second.map(({ subject, startKey, present }) => [subject, startKey, present?.endedAt])).toEqual([
      ['OPEN', 'r1', 2],
      ['OPEN', 'r7', 8],
      ['TAMPERED', 'r1', 3],
    ]);
  });

  it('have one span of late openings, which contains every window that a change can concern', () => {
    const periods = [
      { from: 10, until: 20 },
      { from: 40, until: Infinity },
    ];
    const span = findLateOpeningSpan({ changedPeriods: periods }, 1_000)!;
    expect(span).toMatchObject({ startedAt: 10 - MAX_WINDOW_MS, present: { endedAt: 1_000 } });
    expect(findLateOpeningSpan({ changedPeriods: [] }, 1_000)).toBeUndefined();
    expect(mergeChanges([span], [createLateOpeningSpan(5, 2_000, false)])).toMatchObject([
      { startedAt: 10 - MAX_WINDOW_MS, present: { endedAt: 2_000 } },
    ]);
  });
});
