import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestStorage, type TestStorage } from '../testing/test-storage.js';

let test: TestStorage;
beforeEach(() => void (test = openTestStorage()));
afterEach(() => test.close());

const readings = (opening: string) => ({
  userId: 'ana',
  readings: Array.from({ length: 1_000 }, (_, i) => ({
    id: `${opening} ${i} ${'x'.repeat(180)}`,
    opening,
    state: 'CLOSED' as const,
    at: '2026-01-31T08:00:00.000Z',
  })),
});

it('a page of the outbox has at least one entry and ends early if entries are large', async () => {
  for (const opening of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'])
    await test.commands.recordReadings(readings(opening));
  const sizes: number[] = [];
  for (let after = 0; after < 8;) {
    const { head, entries } = await test.outbox.read(after, 1_000);
    expect(head).toBe(8);
    expect(entries.map(({ position }) => position)).toEqual(entries.map((_, i) => after + 1 + i));
    sizes.push(entries.length);
    after += entries.length;
  }
  expect(sizes).toEqual([4, 4]);
  expect((await test.outbox.read(0, 2)).entries).toHaveLength(2);
});
