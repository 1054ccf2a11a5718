import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canMix, describeFault, scheduleFaults } from './fault-schedule.js';
import { FAULT_NAMES, getFault } from './faults.js';

const seed = fc.nat();
const names = fc.subarray([...FAULT_NAMES], { minLength: 1 });

test('the same seed gives the same schedule', () => {
  fc.assert(
    fc.property(seed, names, (one, chosen) => {
      expect(scheduleFaults(one, chosen, 30)).toEqual(scheduleFaults(one, chosen, 30));
    }),
  );
  expect(scheduleFaults(1, FAULT_NAMES, 30)).not.toEqual(scheduleFaults(2, FAULT_NAMES, 30));
});

test('a longer schedule continues a shorter one', () => {
  expect(scheduleFaults(3, FAULT_NAMES, 40).slice(0, 10)).toEqual(scheduleFaults(3, FAULT_NAMES, 10));
});

test('each fault comes alone before any mix, and mixes are of different resources', () => {
  fc.assert(
    fc.property(seed, names, (one, chosen) => {
      const steps = scheduleFaults(one, chosen, 3 * chosen.length);
      const first = steps.slice(0, chosen.length).map(({ faults }) => faults.map(({ name }) => name));
      expect(first.flat().sort()).toEqual([...chosen].sort());
      for (const { faults } of steps) {
        const [a, b] = faults;
        if (a && b) expect(canMix(a.name, b.name)).toBe(true);
        for (const { name, target, durationMs } of faults) {
          const { targets, minMs, maxMs } = getFault(name);
          expect(durationMs).toBeGreaterThanOrEqual(minMs);
          expect(durationMs).toBeLessThanOrEqual(maxMs);
          expect(targets.length === 0 ? target === undefined : targets.includes(target!)).toBe(true);
        }
      }
    }),
  );
});

test('all faults together mix', () => {
  const steps = scheduleFaults(1, FAULT_NAMES, 60);
  expect(steps.filter(({ faults }) => faults.length === 2).length).toBeGreaterThan(5);
});

test('a fault is described with its target and duration', () => {
  expect(describeFault({ name: 'hang', target: 'reports', durationMs: 7_400 })).toBe(
    'hang of reports for 7.4 s',
  );
  expect(describeFault({ name: 'restart', target: undefined, durationMs: 0 })).toBe('restart');
});
