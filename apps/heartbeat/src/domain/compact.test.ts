import type { HealthStatus } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { histories, stretches } from '../testing/histories.js';
import { compact, type KeptTransition } from './compact.js';
import { uptime } from './uptime.js';

const history = (...statuses: HealthStatus[]): KeptTransition[] =>
  statuses.map((to, index) => ({
    id: index + 1,
    service: 'reports',
    from: statuses[index - 1] ?? 'UNKNOWN',
    to,
    at: 10 * index,
    reason: `it is ${to}`,
  }));

const compacted = (transitions: readonly KeptTransition[]): KeptTransition[] => {
  const { removed, relinked } = compact(transitions);
  const links = new Map(relinked.map(({ id, from }) => [id, from]));
  return transitions
    .filter(({ id }) => !removed.includes(id))
    .map((transition) => ({ ...transition, from: links.get(transition.id) ?? transition.from }));
};
const told = (transitions: readonly KeptTransition[]) =>
  transitions.map(({ id, from, to }) => [id, from, to]);

describe('old transitions', () => {
  it('that count alike are merged into the first of a run, and the chain holds', () => {
    expect(
      told(compacted(history('UP', 'LATE', 'UP', 'DOWN', 'UNKNOWN', 'MAINTENANCE', 'DEGRADED'))),
    ).toStrictEqual([
      [1, 'UNKNOWN', 'UP'],
      [4, 'UP', 'DOWN'],
      [5, 'DOWN', 'UNKNOWN'],
      [7, 'UNKNOWN', 'DEGRADED'],
    ]);
  });

  it('end with the status that what follows comes from', () => {
    expect(told(compacted(history('UP', 'LATE')))).toStrictEqual([
      [1, 'UNKNOWN', 'UP'],
      [2, 'UP', 'LATE'],
    ]);
    expect(told(compacted(history('UP', 'LATE', 'UP')))).toStrictEqual([[1, 'UNKNOWN', 'UP']]);
  });

  it('beside which a clock was set back stay', () => {
    const [first, second, third] = history('UP', 'LATE', 'DOWN');
    expect(compacted([first!, { ...second!, at: -5 }, third!])).toHaveLength(3);
    expect(compacted([first!, second!, { ...third!, at: 5 }])).toHaveLength(3);
  });
});

describe('whatever the history', () => {
  it('no share of time changes', () => {
    fc.assert(
      fc.property(histories, stretches, (transitions, stretch) => {
        expect(uptime(compacted(transitions), stretch)).toBe(uptime(transitions, stretch));
      }),
      { numRuns: 1_000 },
    );
  });

  it('each comes from where the one before went, the last of all included', () => {
    fc.assert(
      fc.property(histories, (transitions) => {
        const rest = compacted(transitions);
        rest.forEach(({ from }, index) => expect(from).toBe(rest[index - 1]?.to ?? 'UNKNOWN'));
        expect(rest.at(-1)?.to).toBe(transitions.at(-1)?.to);
      }),
    );
  });

  it('there is nothing left to merge', () => {
    fc.assert(
      fc.property(histories, (transitions) => {
        const once = compacted(transitions);
        expect(compacted(once)).toStrictEqual(once);
      }),
    );
  });
});
