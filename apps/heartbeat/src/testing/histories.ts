import { HEALTH_STATUSES } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import type { KeptTransition } from '../domain/compact.js';

/** Histories of one service: each transition some time after the one before, from the status that it had then. */
export const histories: fc.Arbitrary<KeptTransition[]> = fc
  .array(fc.record({ after: fc.integer({ min: 0, max: 50 }), to: fc.constantFrom(...HEALTH_STATUSES) }), {
    maxLength: 30,
  })
  .map((steps) => {
    let at = 0;
    let from: KeptTransition['from'] = 'UNKNOWN';
    return steps.flatMap(({ after, to }, index) => {
      at += after;
      if (to === from) return [];
      const transition = { id: index + 1, service: 'reports', from, to, at, reason: `it is ${to}` };
      from = to;
      return [transition];
    });
  });

/** Stretches of the time in which {@link histories} happen. */
export const stretches = fc
  .tuple(fc.integer({ min: 0, max: 1_600 }), fc.integer({ min: 0, max: 1_600 }))
  .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
