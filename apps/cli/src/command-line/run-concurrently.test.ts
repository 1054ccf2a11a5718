import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runConcurrently } from './run-concurrently.js';

test('processes all items, never more at a time than the limit', async () => {
  let running = 0;
  let most = 0;
  const done: number[] = [];
  await runConcurrently([1, 2, 3, 4, 5, 6, 7], { concurrency: 3 }, async (item, index) => {
    most = Math.max(most, ++running);
    await setImmediate();
    running--;
    expect(index).toBe(item - 1);
    done.push(item);
  });
  expect(most).toBe(3);
  expect(done).toHaveLength(7);
});

test('begins no item after an abort, and finishes those in progress', async () => {
  const abort = new AbortController();
  const done: number[] = [];
  await runConcurrently([1, 2, 3, 4], { concurrency: 2, signal: abort.signal }, async (item) => {
    abort.abort();
    await setImmediate();
    done.push(item);
  });
  expect(done).toEqual([1]);
});

test('rejects after the items in progress have finished', async () => {
  const done: number[] = [];
  const all = runConcurrently([1, 2, 3, 4], { concurrency: 2 }, async (item) => {
    if (item === 1) throw new Error('one');
    await setImmediate();
    done.push(item);
  });
  await expect(all).rejects.toThrow('one');
  expect(done).toEqual([2]);
});
