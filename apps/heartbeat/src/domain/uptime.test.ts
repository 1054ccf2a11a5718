import type { HealthStatus } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { histories, stretches } from '../testing/histories.js';
import { uptime } from './uptime.js';

const history = (...steps: [HealthStatus, number][]) => steps.map(([to, at]) => ({ to, at }));
const HUNDRED = { from: 0, to: 100 };

describe('the share of the observed time', () => {
  it.each<[HealthStatus, number | undefined]>([
    ['UP', 1],
    ['LATE', 1],
    ['DEGRADED', 1],
    ['DOWN', 0],
    ['UNKNOWN', undefined],
    ['MAINTENANCE', undefined],
  ])('is of time that was all %s: %s', (status, share) => {
    expect(uptime(history([status, -50]), HUNDRED)).toBe(share);
  });

  it('leaves out what nobody observed', () => {
    const steps = history(['UP', 0], ['UNKNOWN', 30], ['DOWN', 60], ['MAINTENANCE', 70]);
    expect(uptime(steps, HUNDRED)).toBe(30 / 40);
  });

  it('begins with the first transition, where the service was not known before', () => {
    expect(uptime(history(['DOWN', 80], ['UP', 90]), HUNDRED)).toBe(0.5);
  });

  it('counts of a transition before the stretch and one after it only what lies within', () => {
    expect(uptime(history(['UP', -100], ['DOWN', 75], ['UP', 150]), HUNDRED)).toBe(0.75);
  });

  it('of nothing is none', () => {
    expect(uptime([], HUNDRED)).toBeUndefined();
    expect(uptime(history(['UP', 0]), { from: 50, to: 50 })).toBeUndefined();
    expect(uptime(history(['UP', 200]), HUNDRED)).toBeUndefined();
  });

  it('counts the time over which a clock was set back as none', () => {
    expect(uptime(history(['UP', 40], ['DOWN', 10], ['UP', 20]), HUNDRED)).toBe(80 / 90);
  });
});

test('it is from 0 to 1, and 1 only where it was never down', () => {
  fc.assert(
    fc.property(histories, stretches, (transitions, stretch) => {
      const share = uptime(transitions, stretch) ?? 1;
      expect(share).toBeGreaterThanOrEqual(0);
      expect(share).toBeLessThanOrEqual(1);
      if (transitions.every(({ to }) => to !== 'DOWN')) expect(share).toBe(1);
    }),
  );
});

test('what held before the stretch is not needed but for the last of it', () => {
  fc.assert(
    fc.property(histories, stretches, (transitions, stretch) => {
      const holding = transitions.findLastIndex(({ at }) => at <= stretch.from);
      expect(uptime(transitions.slice(Math.max(holding, 0)), stretch)).toBe(uptime(transitions, stretch));
    }),
  );
});
