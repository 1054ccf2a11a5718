import { describe, expect, test, vi } from 'vitest';
import { createEntityArrivals, findWithWait } from './entity-loader.js';

const LONG_MS = 60_000;

/** A store that answers later, as one over a network does. */
function storeOf(...present: string[]) {
  const keys = new Set(present);
  const read = vi.fn(async (asked: readonly string[]) => {
    const found = new Map(asked.filter((key) => keys.has(key)).map((key) => [key, `<${key}>`]));
    await Promise.resolve();
    return found;
  });
  return { keys, read };
}

describe('reading what may be on its way', () => {
  test('waits for nothing where all is there, and reads once', async () => {
    const { read } = storeOf('a', 'b');
    const found = await findWithWait(['a', 'b'], read, createEntityArrivals(), LONG_MS);
    expect([...found.values()]).toEqual(['<a>', '<b>']);
    expect(read).toHaveBeenCalledOnce();
  });

  test('waits until all that is missing has arrived, and reads that once more', async () => {
    const arrivals = createEntityArrivals();
    const { keys, read } = storeOf('a');
    const reading = findWithWait(['a', 'b', 'c'], read, arrivals, LONG_MS);
    const settled = vi.fn();
    void reading.then(settled);
    for (const key of ['x', 'b']) {
      keys.add(key);
      arrivals.announce([key]);
      await new Promise(setImmediate);
      expect(settled).not.toHaveBeenCalled();
    }
    keys.add('c');
    arrivals.announce(['c']);
    expect([...(await reading).keys()]).toEqual(['a', 'b', 'c']);
    expect(read.mock.calls).toEqual([[['a', 'b', 'c']], [['b', 'c']]]);
  });

  test('misses nothing that arrives while it looks', async () => {
    const arrivals = createEntityArrivals();
    const { keys, read } = storeOf();
    const reading = findWithWait(['a'], read, arrivals, LONG_MS);
    keys.add('a');
    arrivals.announce(['a']);
    expect((await reading).get('a')).toBe('<a>');
  });

  test('answers without what has not arrived in time', async () => {
    const { read } = storeOf('a');
    expect([...(await findWithWait(['a', 'b'], read, createEntityArrivals(), 5)).keys()]).toEqual(['a']);
  });

  test('holds nothing up once it is closed', async () => {
    const arrivals = createEntityArrivals();
    const { read } = storeOf();
    const reading = findWithWait(['a'], read, arrivals, LONG_MS);
    await new Promise(setImmediate);
    arrivals.close();
    expect((await reading).size).toBe(0);
    expect((await findWithWait(['b'], read, arrivals, LONG_MS)).size).toBe(0);
  });
});
