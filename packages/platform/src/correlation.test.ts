import { describe, expect, it } from 'vitest';
import { getCurrentCorrelationId, resolveCorrelationId, runWithCorrelationId } from './correlation.js';

describe('correlation ids', () => {
  it('uses the caller’s id if it is safe to log, else a new one', () => {
    expect(resolveCorrelationId('order-4711.a')).toBe('order-4711.a');
    for (const header of [undefined, 'short', 'x'.repeat(65), 'line\nbreak-here', ['a', 'b']]) {
      expect(resolveCorrelationId(header)).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('is available in the asynchronous context of its request only', async () => {
    const seen = await runWithCorrelationId('request-1', async () => {
      await Promise.resolve();
      return getCurrentCorrelationId();
    });
    expect(seen).toBe('request-1');
    expect(getCurrentCorrelationId()).toBeUndefined();
  });
});
