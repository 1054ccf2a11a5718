import { expect, test } from 'vitest';
import { createTimeSlicedQueue } from './time-sliced-queue.js';

/** Holds the event loop for so many milliseconds. */
const hold = (ms: number) => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};

test('work is done in the order asked for, and its result told', async () => {
  const queue = createTimeSlicedQueue();
  const done: number[] = [];
  const results = [1, 2, 3].map((n) => queue.run(() => (done.push(n), n)));
  expect(await Promise.all(results)).toStrictEqual([1, 2, 3]);
  expect(done).toStrictEqual([1, 2, 3]);
});

test('what fails is told to whoever asked, and the others go on', async () => {
  const queue = createTimeSlicedQueue();
  const failing = queue.run(() => {
    throw new Error('no');
  });
  const next = queue.run(() => 'yes');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('yes');
});

test('others have their turn after each slice, however much there is to do', async () => {
  const queue = createTimeSlicedQueue(5);
  let others = 0;
  let isOver = false;
  const other = () => {
    others += 1;
    if (!isOver) setImmediate(other);
  };
  setImmediate(other);
  // 60 ms of work: at least 10 slices of at most 5 ms and one piece more.
  await Promise.all(Array.from({ length: 60 }, () => queue.run(() => hold(1))));
  isOver = true;
  expect(others).toBeGreaterThanOrEqual(8);
});

test('what a piece leaves to promises counts as its work', async () => {
  const queue = createTimeSlicedQueue(5);
  let others = 0;
  let isOver = false;
  const other = () => {
    others += 1;
    if (!isOver) setImmediate(other);
  };
  setImmediate(other);
  await Promise.all(
    Array.from({ length: 20 }, () =>
      queue.run(async () => {
        await Promise.resolve();
        hold(3);
      }),
    ),
  );
  isOver = true;
  expect(others).toBeGreaterThanOrEqual(6);
});

test('a piece that waits holds up nobody', async () => {
  const queue = createTimeSlicedQueue();
  let release: () => void = () => undefined;
  const waiting = queue.run(() => new Promise<void>((resolve) => (release = resolve)));
  expect(await queue.run(() => 'next')).toBe('next');
  release();
  await waiting;
});
