import { expect, test } from 'vitest';
import { createErrorCodeCounts } from './error-code-counts.js';

test('codes are counted one by one within a limit', () => {
  const errorCodes = createErrorCodeCounts();
  for (const code of ['FORBIDDEN', 'FORBIDDEN', undefined, 7, 'X'.repeat(65)]) errorCodes.record(code);
  for (let index = 0; index < 200; index++) errorCodes.record(`CODE_${index}`);
  expect(errorCodes.counts.get('FORBIDDEN')).toBe(2);
  expect(errorCodes.counts.get('none')).toBe(2);
  expect(errorCodes.counts.get('other')).toBeGreaterThan(100);
  expect(errorCodes.counts.size).toBeLessThanOrEqual(101);
});
