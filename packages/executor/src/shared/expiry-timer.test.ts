import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createExpiryTimer } from './expiry-timer.js';
import { waitUntil } from '../testing/wait-until.js';

interface Item {
  readonly name: string;
  since: number;
}

function setUp(afterMs: number, again = 0) {
  let now = 0;
  const items = new Set<Item>();
  const called: string[] = [];
  const timer = createExpiryTimer(
    items,
    afterMs,
    () => now,
    (item) => {
      called.push(item.name);
      items.delete(item);
      if (called.length <= again) begin(item.name);
    },
  );
  const begin = (name: string) => {
    items.add({ name, since: now });
    timer.start();
  };
  return { called, begin, timer, advance: (ms: number) => (now += ms) };
}
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

test('each is called when its own time has passed, and those that began first are called first', async () => {
  const { called, begin, advance } = setUp(2);
  begin('a');
  begin('b');
  advance(1);
  begin('c');
  advance(1);
  await waitUntil(() => called.length === 2);
  await turn();
  expect(called).toStrictEqual(['a', 'b']);
  advance(1);
  await waitUntil(() => called.length === 3);
  expect(called[2]).toBe('c');
});

test('one that begins anew when it is called is called again', async () => {
  const { called, begin, advance } = setUp(2, 1);
  begin('a');
  advance(2);
  await waitUntil(() => called.length === 1);
  await turn();
  expect(called).toStrictEqual(['a']);
  advance(2);
  await waitUntil(() => called.length === 2);
});

test('many that are due at once leave room for everything else between them', async () => {
  const { called, begin, advance } = setUp(1);
  for (let n = 0; n < 250; n += 1) begin(String(n));
  advance(1);
  /** How many had been called whenever something else had its turn. */
  const seen = new Set<number>();
  while (called.length < 250) {
    await setImmediate();
    seen.add(called.length);
  }
  expect(called).toStrictEqual(Array.from({ length: 250 }, (_, n) => String(n)));
  expect([...seen]).toEqual(expect.arrayContaining([100, 200]));
});

test('nobody is called any more once it is stopped, until another one begins', async () => {
  const { called, begin, timer, advance } = setUp(1);
  begin('a');
  advance(1);
  timer.stop();
  await turn();
  expect(called).toStrictEqual([]);
  begin('b');
  advance(1);
  await waitUntil(() => called.length === 2);
});
