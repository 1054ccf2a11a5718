import { describe, expect, it } from 'vitest';
import { readCorrelationId, currentCorrelationId, runWithCorrelationId } from './correlation.js';

describe('a correlation id', () => {
  it('is the caller’s where it can be logged safely, else a new one', () => {
    expect(readCorrelationId('order-4711.a')).toBe('order-4711.a');
    for (const header of [undefined, 'short', 'x'.repeat(65), 'line\nbreak-here', ['a', 'b']]) {
      expect(readCorrelationId(header)).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('is known to everything that the request does, and to nothing else', async () => {
    const seen = await runWithCorrelationId('request-1', async () => {
      await Promise.resolve();
      return currentCorrelationId();
    });
    expect(seen).toBe('request-1');
    expect(currentCorrelationId()).toBeUndefined();
  });
});
