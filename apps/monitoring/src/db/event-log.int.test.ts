import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestLog, type TestLog } from '../testing/log.js';

let test: TestLog;
beforeEach(() => void (test = openTestLog()));
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

it('a page ends early where entries are large, and always goes on', async () => {
  for (const opening of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'])
    await test.commands.recordReadings(readings(opening));
  const sizes: number[] = [];
  for (let after = 0; after < 8;) {
    const { head, entries } = await test.log.read(after, 1_000);
    expect(head).toBe(8);
    expect(entries.map(({ position }) => position)).toEqual(entries.map((_, i) => after + 1 + i));
    sizes.push(entries.length);
    after += entries.length;
  }
  expect(sizes).toEqual([4, 4]);
  expect((await test.log.read(0, 2)).entries).toHaveLength(2);
});
