import { WEEKDAYS } from '@seguridad-abc/contracts';
import { findFirstForbiddenInstant } from '@seguridad-abc/evaluation';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { forbidden } from '../reference/hours.js';

const DAY = 86_400_000; // ms

const time = fc
  .tuple(
    fc.integer({ min: 0, max: 23 }),
    fc.constantFrom('00', '15', '30', '59'),
    fc.constantFrom('', ':01', ':59'),
  )
  .map(([hour, minutes, seconds]) => `${String(hour).padStart(2, '0')}:${minutes}${seconds}`);

it('in any zone, at any time from 1880 on, the first forbidden instant is the plain one', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
      fc.integer({ min: Date.UTC(1880, 0, 1), max: Date.UTC(2050, 0, 1) }),
      time,
      fc.option(time, { nil: undefined, freq: 4 }),
      fc.subarray([...WEEKDAYS]),
      (timeZone, from, opensAt, closesAt, days) => {
        const hours = { opensAt, closesAt: closesAt ?? opensAt, days, timeZone };
        expect(findFirstForbiddenInstant(hours, from)).toBe(forbidden(hours, from, from + 9 * DAY));
      },
    ),
  );
});
