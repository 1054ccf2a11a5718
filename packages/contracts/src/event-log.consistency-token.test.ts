import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatConsistencyToken,
  getLaterConsistencyToken,
  MAX_CONSISTENCY_TOKEN_LENGTH,
  parseConsistencyToken,
} from './event-log.js';

const token = fc.record(
  { logId: fc.uuid(), position: fc.nat(), at: fc.nat({ max: 4_000_000_000_000 }) },
  { noNullPrototype: true },
);

test('parseConsistencyToken reads every token that formatConsistencyToken writes', () => {
  fc.assert(
    fc.property(token, (one) => {
      expect(parseConsistencyToken(formatConsistencyToken(one))).toStrictEqual(one);
      expect(formatConsistencyToken(one).length).toBeLessThanOrEqual(MAX_CONSISTENCY_TOKEN_LENGTH);
    }),
  );
});

test.each([
  '',
  'x',
  '1.log.2',
  `${'1'.padStart(15, '0')}.lo g.2`,
  `${'1'.padStart(15, '0')}.log.2\n`,
  7,
  null,
  undefined,
])('parseConsistencyToken returns undefined for %o', (text) =>
  expect(parseConsistencyToken(text)).toBeUndefined(),
);

test('getLaterConsistencyToken returns the token of the higher position in one log, in either order', () => {
  fc.assert(
    fc.property(token, fc.nat(), fc.nat(), (one, position, at) => {
      const other = { ...one, position, at };
      const later = getLaterConsistencyToken(one, other);
      expect(later?.position).toBe(Math.max(one.position, position));
      expect(getLaterConsistencyToken(other, one)?.position).toBe(later?.position);
    }),
  );
});

test('getLaterConsistencyToken returns the newer token of two logs, or the only token', () => {
  const old = { logId: 'a', position: 9, at: 1 };
  const recent = { logId: 'b', position: 1, at: 2 };
  expect(getLaterConsistencyToken(old, recent)).toBe(recent);
  expect(getLaterConsistencyToken(recent, old)).toBe(recent);
  expect(getLaterConsistencyToken(undefined, old)).toBe(old);
  expect(getLaterConsistencyToken(old, undefined)).toBe(old);
});
