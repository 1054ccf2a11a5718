import { expect, test } from 'vitest';
import { createTurns } from './turns.js';

/** Holds the event loop for so many milliseconds. */
const hold = (ms: number) => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};

test('work is done in the order asked for, and its result told', async () => {
  const turns = createTurns();
  const done: number[] = [];
  const results = [1, 2, 3].map((n) => turns.run(() => (done.push(n), n)));
  expect(await Promise.all(results)).toStrictEqual([1, 2, 3]);
  expect(done).toStrictEqual([1, 2, 3]);
});

test('what fails is told to whoever asked, and the others go on', async () => {
  const turns = createTurns();
  const failing = turns.run(() => {
    throw new Error('no');
  });
  const next = turns.run(() => 'yes');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('yes');
});

test('others have their turn after each slice, however much there is to do', async () => {
  const turns = createTurns(5);
  let others = 0;
  let isOver = false;
  const other = () => {
    others += 1;
    if (!isOver) setImmediate(other);
  };
  setImmediate(other);
  // 60 ms of work: at least 10 slices of at most 5 ms and one piece more.
  await Promise.all(Array.from({ length: 60 }, () => turns.run(() => hold(1))));
  isOver = true;
  expect(others).toBeGreaterThanOrEqual(8);
});

test('what a piece leaves to promises counts as its work', async () => {
  const turns = createTurns(5);
  let others = 0;
  let isOver = false;
  const other = () => {
    others += 1;
    if (!isOver) setImmediate(other);
  };
  setImmediate(other);
  await Promise.all(
    Array.from({ length: 20 }, () =>
      turns.run(async () => {
        await Promise.resolve();
        hold(3);
      }),
    ),
  );
  isOver = true;
  expect(others).toBeGreaterThanOrEqual(6);
});

test('a piece that waits holds up nobody', async () => {
  const turns = createTurns();
  let release: () => void = () => undefined;
  const waiting = turns.run(() => new Promise<void>((resolve) => (release = resolve)));
  expect(await turns.run(() => 'next')).toBe('next');
  release();
  await waiting;
});
