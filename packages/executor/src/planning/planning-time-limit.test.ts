import { describe, expect, test } from 'vitest';
import { getRemainingPlanningMs } from './planning-time-limit.js';

describe('a plan with a limit of 2 seconds', () => {
  test('is stopped after 2 seconds in which the process has used the CPU', () => {
    expect(getRemainingPlanningMs(2_000, 500, 450)).toBe(1_550);
    expect(getRemainingPlanningMs(2_000, 1_999, 2_500)).toBe(1);
    expect(getRemainingPlanningMs(2_000, 2_000, 2_000)).toBe(0);
  });

  test('is not stopped before 2 seconds have passed, however much the process computes', () => {
    expect(getRemainingPlanningMs(2_000, 600, 9_000)).toBe(1_400);
  });

  test('goes on if other processes have used the CPU', () => {
    expect(getRemainingPlanningMs(2_000, 2_000, 100)).toBe(1_900);
    expect(getRemainingPlanningMs(2_000, 9_000, 100)).toBe(1_000);
  });

  test('is stopped after 10 seconds in any case', () => {
    expect(getRemainingPlanningMs(2_000, 10_000, 100)).toBe(0);
  });
});
