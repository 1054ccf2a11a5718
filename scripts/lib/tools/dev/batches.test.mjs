import { expect, test } from 'vitest';
import { createBatches } from './batches.mjs';

test('what comes while it waits for quiet is given out together, each once', async () => {
  const { signal } = new AbortController();
  const batches = createBatches(20);
  const first = batches.next(signal);
  batches.add('a');
  batches.add('b');
  batches.add('a');
  expect(await first).toEqual(['a', 'b']);
  batches.add('c');
  expect(await batches.next(signal)).toEqual(['c']);
});

test('an abort ends the waiting', async () => {
  const abort = new AbortController();
  const next = createBatches().next(abort.signal);
  abort.abort();
  await expect(next).rejects.toThrow('aborted');
});
