import { HEALTH_STATUSES } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import type { StoredTransition } from '../domain/uptime.js';

/** Random histories of one service: each transition starts from the status of the one before. */
export const transitionHistories: fc.Arbitrary<StoredTransition[]> = fc
  .array(fc.record({ afterMs: fc.integer({ min: 0, max: 50 }), to: fc.constantFrom(...HEALTH_STATUSES) }), {
    maxLength: 30,
  })
  .map((steps) => {
    let at = 0;
    let from: StoredTransition['from'] = 'UNKNOWN';
    return steps.flatMap(({ afterMs, to }, index) => {
      at += afterMs;
      if (to === from) return [];
      const transition = { id: index + 1, service: 'reports', from, to, at, reason: `it is ${to}` };
      from = to;
      return [transition];
    });
  });

/** Random periods that overlap the time of {@link transitionHistories}. */
export const timeSpans = fc
  .tuple(fc.integer({ min: 0, max: 1_600 }), fc.integer({ min: 0, max: 1_600 }))
  .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
