import { describe, expect, test, vi } from 'vitest';
import { createEntityArrivals, findOrAwait } from './projection-waits.js';

const LONG_WAIT_MS = 60_000;

/** A store that answers asynchronously, as one behind a network does. */
function createStore(...storedKeys: string[]) {
  const keys = new Set(storedKeys);
  const find = vi.fn(async (wanted: readonly string[]) => {
    const found = new Map(wanted.filter((key) => keys.has(key)).map((key) => [key, `<${key}>`]));
    await Promise.resolve();
    return found;
  });
  return { keys, find };
}

describe('a lookup that waits for missing entities', () => {
  test('finds stored entities without waiting, in one lookup', async () => {
    const { find } = createStore('a', 'b');
    const found = await findOrAwait(['a', 'b'], find, createEntityArrivals(), LONG_WAIT_MS);
    expect([...found.values()]).toEqual(['<a>', '<b>']);
    expect(find).toHaveBeenCalledOnce();
  });

  test('waits until all missing entities have arrived, and looks for these once more', async () => {
    const arrivals = createEntityArrivals();
    const { keys, find } = createStore('a');
    const lookup = findOrAwait(['a', 'b', 'c'], find, arrivals, LONG_WAIT_MS);
    const settled = vi.fn();
    void lookup.then(settled);
    for (const key of ['x', 'b']) {
      keys.add(key);
      arrivals.announce([key]);
      await new Promise(setImmediate);
      expect(settled).not.toHaveBeenCalled();
    }
    keys.add('c');
    arrivals.announce(['c']);
    expect([...(await lookup).keys()]).toEqual(['a', 'b', 'c']);
    expect(find.mock.calls).toEqual([[['a', 'b', 'c']], [['b', 'c']]]);
  });

  test('notices an entity that arrives during the first lookup', async () => {
    const arrivals = createEntityArrivals();
    const { keys, find } = createStore();
    const lookup = findOrAwait(['a'], find, arrivals, LONG_WAIT_MS);
    keys.add('a');
    arrivals.announce(['a']);
    expect((await lookup).get('a')).toBe('<a>');
  });

  test('omits an entity that does not arrive in time', async () => {
    const { find } = createStore('a');
    expect([...(await findOrAwait(['a', 'b'], find, createEntityArrivals(), 5)).keys()]).toEqual(['a']);
  });

  test('does not wait after the arrivals are closed', async () => {
    const arrivals = createEntityArrivals();
    const { find } = createStore();
    const lookup = findOrAwait(['a'], find, arrivals, LONG_WAIT_MS);
    await new Promise(setImmediate);
    arrivals.close();
    expect((await lookup).size).toBe(0);
    expect((await findOrAwait(['b'], find, arrivals, LONG_WAIT_MS)).size).toBe(0);
  });
});
