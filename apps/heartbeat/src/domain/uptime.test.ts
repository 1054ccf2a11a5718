import type { HealthStatus } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeSpans, transitionHistories } from '../testing/transition-histories.js';
import { calculateUptime, deriveCompactionChanges, type StoredTransition } from './uptime.js';

const FROM_0_TO_100 = { from: 0, to: 100 };

describe('calculateUptime', () => {
  const createSteps = (...steps: [HealthStatus, number][]) => steps.map(([to, at]) => ({ to, at }));

  it.each<[HealthStatus, number | undefined]>([
    ['UP', 1],
    ['LATE', 1],
    ['DEGRADED', 1],
    ['DOWN', 0],
    ['UNKNOWN', undefined],
    ['MAINTENANCE', undefined],
  ])('of a time span in which the service was %s is %s', (status, uptime) => {
    expect(calculateUptime(createSteps([status, -50]), FROM_0_TO_100)).toBe(uptime);
  });

  it('leaves out time that was not observed', () => {
    const steps = createSteps(['UP', 0], ['UNKNOWN', 30], ['DOWN', 60], ['MAINTENANCE', 70]);
    expect(calculateUptime(steps, FROM_0_TO_100)).toBe(30 / 40);
  });

  it('starts with the first transition if the service was not known before', () => {
    expect(calculateUptime(createSteps(['DOWN', 80], ['UP', 90]), FROM_0_TO_100)).toBe(0.5);
  });

  it('counts only time within the time span', () => {
    expect(calculateUptime(createSteps(['UP', -100], ['DOWN', 75], ['UP', 150]), FROM_0_TO_100)).toBe(0.75);
  });

  it('is undefined if no time was observed', () => {
    expect(calculateUptime([], FROM_0_TO_100)).toBeUndefined();
    expect(calculateUptime(createSteps(['UP', 0]), { from: 50, to: 50 })).toBeUndefined();
    expect(calculateUptime(createSteps(['UP', 200]), FROM_0_TO_100)).toBeUndefined();
  });

  it('counts zero between transitions over which the wall clock was set back', () => {
    expect(calculateUptime(createSteps(['UP', 40], ['DOWN', 10], ['UP', 20]), FROM_0_TO_100)).toBe(80 / 90);
  });

  it('is from 0 to 1, and 1 if the service was never DOWN', () => {
    fc.assert(
      fc.property(transitionHistories, timeSpans, (transitions, timeSpan) => {
        const uptime = calculateUptime(transitions, timeSpan) ?? 1;
        expect(uptime).toBeGreaterThanOrEqual(0);
        expect(uptime).toBeLessThanOrEqual(1);
        if (transitions.every(({ to }) => to !== 'DOWN')) expect(uptime).toBe(1);
      }),
    );
  });

  it('needs only the last transition before the time span', () => {
    fc.assert(
      fc.property(transitionHistories, timeSpans, (transitions, timeSpan) => {
        const inEffect = transitions.findLastIndex(({ at }) => at <= timeSpan.from);
        expect(calculateUptime(transitions.slice(Math.max(inEffect, 0)), timeSpan)).toBe(
          calculateUptime(transitions, timeSpan),
        );
      }),
    );
  });
});

describe('deriveCompactionChanges', () => {
  const createTransitions = (...statuses: HealthStatus[]): StoredTransition[] =>
    statuses.map((to, index) => ({
      id: index + 1,
      service: 'reports',
      from: statuses[index - 1] ?? 'UNKNOWN',
      to,
      at: 10 * index,
      reason: `it is ${to}`,
    }));
  const applyCompaction = (transitions: readonly StoredTransition[]): StoredTransition[] => {
    const { removed, relinked } = deriveCompactionChanges(transitions);
    const newFrom = new Map(relinked.map(({ id, from }) => [id, from]));
    return transitions
      .filter(({ id }) => !removed.includes(id))
      .map((transition) => ({ ...transition, from: newFrom.get(transition.id) ?? transition.from }));
  };
  const summarize = (transitions: readonly StoredTransition[]) =>
    transitions.map(({ id, from, to }) => [id, from, to]);

  it('merges transitions that count alike into the first of each group, and relinks the chain', () => {
    const transitions = createTransitions('UP', 'LATE', 'UP', 'DOWN', 'UNKNOWN', 'MAINTENANCE', 'DEGRADED');
    expect(summarize(applyCompaction(transitions))).toStrictEqual([
      [1, 'UNKNOWN', 'UP'],
      [4, 'UP', 'DOWN'],
      [5, 'DOWN', 'UNKNOWN'],
      [7, 'UNKNOWN', 'DEGRADED'],
    ]);
  });

  it('keeps the last status, because later transitions start from it', () => {
    expect(summarize(applyCompaction(createTransitions('UP', 'LATE')))).toStrictEqual([
      [1, 'UNKNOWN', 'UP'],
      [2, 'UP', 'LATE'],
    ]);
    expect(summarize(applyCompaction(createTransitions('UP', 'LATE', 'UP')))).toStrictEqual([
      [1, 'UNKNOWN', 'UP'],
    ]);
  });

  it('keeps transitions next to a backward step of the wall clock', () => {
    const [first, second, third] = createTransitions('UP', 'LATE', 'DOWN');
    expect(applyCompaction([first!, { ...second!, at: -5 }, third!])).toHaveLength(3);
    expect(applyCompaction([first!, second!, { ...third!, at: 5 }])).toHaveLength(3);
  });

  it('changes the uptime of no time span', () => {
    fc.assert(
      fc.property(transitionHistories, timeSpans, (transitions, timeSpan) => {
        expect(calculateUptime(applyCompaction(transitions), timeSpan)).toBe(
          calculateUptime(transitions, timeSpan),
        );
      }),
      { numRuns: fc.readConfigureGlobal().numRuns ?? 1_000 },
    );
  });

  it('leaves a chain of transitions with the same last status', () => {
    fc.assert(
      fc.property(transitionHistories, (transitions) => {
        const compacted = applyCompaction(transitions);
        compacted.forEach(({ from }, index) => expect(from).toBe(compacted[index - 1]?.to ?? 'UNKNOWN'));
        expect(compacted.at(-1)?.to).toBe(transitions.at(-1)?.to);
      }),
    );
  });

  it('leaves nothing to merge', () => {
    fc.assert(
      fc.property(transitionHistories, (transitions) => {
        const once = applyCompaction(transitions);
        expect(applyCompaction(once)).toStrictEqual(once);
      }),
    );
  });
});
