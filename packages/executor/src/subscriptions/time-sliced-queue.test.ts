import { expect, test } from 'vitest';
import { createTimeSlicedQueue } from './time-sliced-queue.js';

/** Blocks the event loop. */
const block = (ms: number) => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};

test('tasks run in order and their results are returned', async () => {
  const queue = createTimeSlicedQueue();
  const started: number[] = [];
  const results = [1, 2, 3].map((n) => queue.run(() => (started.push(n), n)));
  expect(await Promise.all(results)).toStrictEqual([1, 2, 3]);
  expect(started).toStrictEqual([1, 2, 3]);
});

test('a task that fails rejects, and later tasks still run', async () => {
  const queue = createTimeSlicedQueue();
  const failing = queue.run(() => {
    throw new Error('no');
  });
  const next = queue.run(() => 'yes');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('yes');
});

test('other work runs between slices of a long queue', async () => {
  const queue = createTimeSlicedQueue(5);
  let otherRuns = 0;
  let isOver = false;
  const other = () => {
    otherRuns += 1;
    if (!isOver) setImmediate(other);
  };
  setImmediate(other);
  // 60 ms of work is at least 10 slices of 5 ms plus one task each.
  await Promise.all(Array.from({ length: 60 }, () => queue.run(() => block(1))));
  isOver = true;
  expect(otherRuns).toBeGreaterThanOrEqual(8);
});

test('promise callbacks of a task count towards the slice', async () => {
  const queue = createTimeSlicedQueue(5);
  let otherRuns = 0;
  let isOver = false;
  const other = () => {
    otherRuns += 1;
    if (!isOver) setImmediate(other);
  };
  setImmediate(other);
  await Promise.all(
    Array.from({ length: 20 }, () =>
      queue.run(async () => {
        await Promise.resolve();
        block(3);
      }),
    ),
  );
  isOver = true;
  expect(otherRuns).toBeGreaterThanOrEqual(6);
});

test('a task that waits does not block later tasks', async () => {
  const queue = createTimeSlicedQueue();
  let release: () => void = () => undefined;
  const waiting = queue.run(() => new Promise<void>((resolve) => (release = resolve)));
  expect(await queue.run(() => 'next')).toBe('next');
  release();
  await waiting;
});
