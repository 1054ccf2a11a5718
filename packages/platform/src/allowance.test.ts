import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Allowance, createAllowanceRate } from './allowance.js';

/** 60 per minute is 1 per second. */
const createAllowance = (perMinute = 60, burst = 10) => new Allowance(createAllowanceRate(perMinute, burst));

describe('an allowance', () => {
  test('can be used at once, and returns with time', () => {
    const allowance = createAllowance();
    expect(allowance.take(10, 0)).toBe(0);
    expect(allowance.getRemaining(0)).toBe(0);
    expect(allowance.take(2, 0)).toBeCloseTo(2_000);
    expect(allowance.take(2, 1_999)).toBeCloseTo(1);
    expect(allowance.take(2, 2_001)).toBe(0);
    expect(allowance.getRemaining(100_000)).toBe(10);
  });

  test('covers a greater cost only while it is complete, and then takes longer to return', () => {
    const allowance = createAllowance();
    expect(allowance.take(1, 0)).toBe(0);
    expect(allowance.take(25, 0)).toBeCloseTo(1_000);
    expect(allowance.take(25, 1_001)).toBe(0);
    expect(allowance.take(1, 1_001)).toBeCloseTo(16_000);
  });

  test('gets a reservation back, unless the final cost is refused', () => {
    const allowance = createAllowance();
    expect(allowance.take(5, 0)).toBe(0);
    expect(allowance.take(3, 0, 5)).toBe(0);
    expect(allowance.getRemaining(0)).toBe(7);
    expect(allowance.take(5, 0)).toBe(0);
    expect(allowance.take(9, 0, 5)).toBeCloseTo(7_000);
    expect(allowance.getRemaining(0)).toBe(2);
    expect(allowance.take(5, 7_001)).toBe(0);
    expect(allowance.take(9, 7_001, 5)).toBe(0);
  });

  test('bounds the operations that are judged and then refused', () => {
    const allowance = createAllowance(60, 100);
    allowance.take(50, 0);
    let judged = 0;
    while (judged < 100 && allowance.take(10, 0) === 0) {
      judged += 1;
      allowance.take(90, 0, 10);
    }
    expect(judged).toBe(5);
  });

  test('is owed for what was taken anyway, for two bursts at most', () => {
    const allowance = createAllowance();
    expect([1, 2, 3, 4].map(() => allowance.takeAnyway(10, 0))).toStrictEqual([true, true, false, false]);
    expect(allowance.getWaitMs(1, 0)).toBeCloseTo(11_000);
    expect(allowance.takeAnyway(10, 1)).toBe(false);
    expect(createAllowance().takeAnyway(100, 0)).toBe(true);
  });

  test('that is used up returns in time after the clock is set back', () => {
    const allowance = createAllowance();
    expect(allowance.take(10, 60_000)).toBe(0);
    allowance.limitDebt(0);
    expect(allowance.getRemaining(0)).toBe(0);
    expect(allowance.take(2, 0)).toBeCloseTo(2_000);
    allowance.limitDebt(2_001);
    expect(allowance.take(2, 2_001)).toBe(0);
  });

  test('is common to several gateways after their settlements', () => {
    const [one, other] = [createAllowance(), createAllowance()];
    one.take(4, 0);
    other.take(5, 0);
    const usedMs = one.startSettlement() + other.startSettlement();
    expect(usedMs).toBeCloseTo(9_000);
    one.take(1, 0);
    for (const allowance of [one, other]) allowance.endSettlement(usedMs, 0);
    expect([one.getRemaining(0), other.getRemaining(0)]).toStrictEqual([0, 1]);
  });

  test('does not get more when Redis knows less than the gateway', () => {
    const allowance = createAllowance();
    allowance.take(10, 0);
    allowance.startSettlement();
    allowance.endSettlement(0, 0);
    expect(allowance.getRemaining(0)).toBe(0);
  });
});

const use = fc.record({
  /** Time since the last use. */
  pauseMs: fc.integer({ min: 0, max: 20_000 }),
  cost: fc.integer({ min: 1, max: 10 }),
  reserved: fc.integer({ min: 0, max: 5 }),
});

test('in any period, no more is used than the burst and what returns in the period', () => {
  fc.assert(
    fc.property(fc.array(use, { maxLength: 60 }), (uses) => {
      const allowance = createAllowance();
      let nowMs = 0;
      const taken: { readonly atMs: number; readonly cost: number }[] = [];
      for (const { pauseMs, cost, reserved } of uses) {
        nowMs += pauseMs;
        const hasReserved = reserved > 0 && allowance.take(reserved, nowMs) === 0;
        if (reserved > 0 && !hasReserved) continue;
        if (allowance.take(cost, nowMs, reserved) === 0) taken.push({ atMs: nowMs, cost });
      }
      for (let from = 0; from < taken.length; from++) {
        let sum = 0;
        for (const { atMs, cost } of taken.slice(from)) {
          sum += cost;
          const returned = (atMs - (taken[from]?.atMs ?? 0)) / 1_000;
          expect(sum).toBeLessThanOrEqual(10 + returned + 1e-6);
        }
      }
    }),
  );
});

test('a use succeeds after the time that a refusal names, and not before', () => {
  fc.assert(
    fc.property(fc.array(use, { minLength: 1, maxLength: 60 }), (uses) => {
      const allowance = createAllowance();
      let nowMs = 0;
      for (const { pauseMs, cost } of uses) {
        nowMs += pauseMs;
        const waitMs = allowance.take(cost, nowMs);
        if (waitMs === 0) continue;
        if (waitMs > 0.01) expect(allowance.getWaitMs(cost, nowMs + waitMs - 0.005)).toBeGreaterThan(0);
        nowMs += waitMs + 0.005;
        expect(allowance.take(cost, nowMs)).toBe(0);
      }
    }),
  );
});
