import { expect, test } from 'vitest';
import { resolveCorrelationId } from './http-server.js';

test('a request keeps the caller’s correlation id if it is safe to log, else a new one', () => {
  expect(resolveCorrelationId('order-4711.a')).toBe('order-4711.a');
  for (const header of [undefined, 'short', 'x'.repeat(65), 'line\nbreak-here', ['a', 'b']]) {
    expect(resolveCorrelationId(header)).toMatch(/^[0-9a-f]{32}$/);
  }
});
