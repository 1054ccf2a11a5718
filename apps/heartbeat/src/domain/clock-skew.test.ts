import { describe, expect, it } from 'vitest';
import { addClockOffset, describeClockSkew, findClockReference } from './clock-skew.js';

const at = (monotonicMs: number) => ({ monotonicMs, wallMs: 0 });

describe('addClockOffset', () => {
  it('keeps the largest offset of a period of half an interval, and the one before', () => {
    const first = addClockOffset(undefined, 10, 2_000, at(0));
    expect(first).toStrictEqual({ periodStartedAt: 0, current: 10, previous: undefined });
    const same = addClockOffset(addClockOffset(first, 30, 2_000, at(500)), 20, 2_000, at(999));
    expect(same).toStrictEqual({ periodStartedAt: 0, current: 30, previous: undefined });
    expect(addClockOffset(same, 5, 2_000, at(1_000))).toStrictEqual({
      periodStartedAt: 1_000,
      current: 5,
      previous: 30,
    });
  });
});

describe('findClockReference', () => {
  it('is the median, without processes that have no previous period', () => {
    const offsets = [
      { periodStartedAt: 0, current: 30, previous: 7 },
      { periodStartedAt: 0, current: 10, previous: undefined },
      { periodStartedAt: 0, current: 20, previous: undefined },
    ];
    expect(findClockReference(offsets)).toStrictEqual({ current: 20, previous: 7 });
    expect(findClockReference([])).toStrictEqual({ current: 0, previous: 0 });
  });
});

describe('describeClockSkew', () => {
  const describeSkew = (current: number, previous: number | undefined) =>
    describeClockSkew({ periodStartedAt: 0, current, previous }, { current: 100, previous: 200 }, 5_000);

  it.each<[string, number, number | undefined]>([
    ['shown by one period only', 9_000, undefined],
    ['in opposite directions', 9_100, -8_800],
    ['that began in the last period', 9_100, 4_200],
    ['that was at the limit', 9_100, 5_200],
    ['that has ended', 4_100, 9_200],
    ['at the limit', 5_100, 9_200],
  ])('is silent about a skew %s (%i ms after %s ms)', (_, current, previous) => {
    expect(describeSkew(current, previous)).toBeUndefined();
  });

  it('names the direction and the limit', () => {
    expect(describeSkew(5_101, 5_201)).toBe("its clock is 5.0 s ahead of the other processes' (limit 5.0 s)");
    expect(describeSkew(-8_900, -8_800)).toBe("its clock is 9.0 s behind the other processes' (limit 5.0 s)");
  });
});
