import { expect, test } from 'vitest';
import { correlationIdStorage } from './logger.js';

test('a correlation id is available in the asynchronous context of its request only', async () => {
  const seen = await correlationIdStorage.run('request-1', async () => {
    await Promise.resolve();
    return correlationIdStorage.getStore();
  });
  expect(seen).toBe('request-1');
  expect(correlationIdStorage.getStore()).toBeUndefined();
});
