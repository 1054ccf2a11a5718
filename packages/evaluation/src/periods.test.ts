import { describe, expect, it } from 'vitest';
import { createExceptionPeriods, findPeriodEndingAfter, mergePeriods, skipPeriods } from './periods.js';

const periods = (...bounds: [number, number][]) => bounds.map(([from, until]) => ({ from, until }));

describe('mergePeriods', () => {
  it.each([
    ['nothing', periods(), periods()],
    ['another order', periods([5, 6], [1, 2]), periods([1, 2], [5, 6])],
    ['periods that touch', periods([1, 2], [2, 3]), periods([1, 3])],
    ['periods that overlap', periods([1, 4], [2, 3], [3, 6]), periods([1, 6])],
    ['periods without length', periods([1, 1], [3, 2]), periods()],
  ])('merges %s', (_, given, merged) => {
    expect(mergePeriods(given)).toStrictEqual(merged);
  });
});

describe('findPeriodEndingAfter and skipPeriods', () => {
  const merged = periods([1, 3], [5, 8], [10, 12]);

  it.each([
    [0, 1, 0],
    [1, 1, 3],
    [2, 1, 3],
    [3, 5, 3],
    [7, 5, 8],
    [8, 10, 8],
    [11, 10, 12],
    [12, undefined, 12],
  ])('at %d find the period from %s and skip to %d', (at, from, skipped) => {
    expect(findPeriodEndingAfter(merged, at)?.from).toBe(from);
    expect(skipPeriods(merged, at)).toBe(skipped);
  });

  it('find nothing without periods', () => {
    expect(findPeriodEndingAfter([], 1)).toBeUndefined();
    expect(skipPeriods([], 1)).toBe(1);
  });
});

describe('createExceptionPeriods', () => {
  const at = (hour: number) => `2026-01-05T${String(hour).padStart(2, '0')}:00:00.000Z`;
  const period = (from: number, until: number) => ({
    from: Date.parse(at(from)),
    until: Date.parse(at(until)),
  });
  const exception = (effect: 'ALLOW' | 'SUSPEND', from: number, until: number, cancelled?: number) => ({
    effect,
    from: at(from),
    until: at(until),
    cancelledAt: cancelled === undefined ? null : at(cancelled),
  });

  it('separates the effects, merges periods and ends cancelled ones early', () => {
    expect(
      createExceptionPeriods([
        exception('SUSPEND', 10, 12),
        exception('ALLOW', 8, 20, 9),
        exception('SUSPEND', 12, 14),
        exception('ALLOW', 16, 18, 15),
      ]),
    ).toStrictEqual({ allow: [period(8, 9)], suspend: [period(10, 14)] });
  });

  it('ends an exception at its end if it was cancelled later', () => {
    expect(createExceptionPeriods([exception('ALLOW', 8, 9, 10)]).allow).toStrictEqual([period(8, 9)]);
  });
});
