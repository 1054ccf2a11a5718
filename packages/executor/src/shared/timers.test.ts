import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createExpiryTimer } from './timers.js';
import { waitUntil } from '../testing/wait-until.js';

interface Item {
  readonly name: string;
  since: number;
}

function setUp(maxAgeMs: number, readditions = 0) {
  let now = 0;
  const items = new Set<Item>();
  const expired: string[] = [];
  const timer = createExpiryTimer(
    items,
    maxAgeMs,
    () => now,
    (item) => {
      expired.push(item.name);
      items.delete(item);
      if (expired.length <= readditions) add(item.name);
    },
  );
  const add = (name: string) => {
    items.add({ name, since: now });
    timer.start();
  };
  return { expired, add, timer, advance: (ms: number) => (now += ms) };
}
const waitForTimers = () => new Promise((resolve) => setTimeout(resolve, 5));

test('items expire when they reach the age, oldest first', async () => {
  const { expired, add, advance } = setUp(2);
  add('a');
  add('b');
  advance(1);
  add('c');
  advance(1);
  await waitUntil(() => expired.length === 2);
  await waitForTimers();
  expect(expired).toStrictEqual(['a', 'b']);
  advance(1);
  await waitUntil(() => expired.length === 3);
  expect(expired[2]).toBe('c');
});

test('an item that is added again expires again', async () => {
  const { expired, add, advance } = setUp(2, 1);
  add('a');
  advance(2);
  await waitUntil(() => expired.length === 1);
  await waitForTimers();
  expect(expired).toStrictEqual(['a']);
  advance(2);
  await waitUntil(() => expired.length === 2);
});

test('the event loop runs other work while many items expire', async () => {
  const { expired, add, advance } = setUp(1);
  for (let n = 0; n < 250; n += 1) add(String(n));
  advance(1);
  // How many items had expired each time that the event loop ran other work.
  const observedCounts = new Set<number>();
  while (expired.length < 250) {
    await setImmediate();
    observedCounts.add(expired.length);
  }
  expect(expired).toStrictEqual(Array.from({ length: 250 }, (_, n) => String(n)));
  expect([...observedCounts]).toEqual(expect.arrayContaining([100, 200]));
});

test('a stopped timer expires nothing until it is started again', async () => {
  const { expired, add, timer, advance } = setUp(1);
  add('a');
  advance(1);
  timer.stop();
  await waitForTimers();
  expect(expired).toStrictEqual([]);
  add('b');
  advance(1);
  await waitUntil(() => expired.length === 2);
});
