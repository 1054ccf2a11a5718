import { expect, test, vi } from 'vitest';
import { createListLoader } from './list-loader.js';
import type { Lists, RuleFilter } from './rule-reader.js';

test('lists that are asked the same are asked together, and once', async () => {
  const read = vi.fn((lists: Lists, filter: RuleFilter, limit: number) =>
    Promise.resolve(
      (lists === 'all' ? ['all'] : lists).map((user) => `${user} ${filter.search ?? ''} ${limit}`),
    ),
  );
  const ask = createListLoader(read);
  const answers = await Promise.all([
    ask({ userId: 'ana', filter: {} }, 5),
    ask({ userId: 'luis', filter: {} }, 5),
    ask({ userId: 'ana', filter: {} }, 6),
    ask({ userId: 'ana', filter: {} }, 5),
    ask({ userId: 'luis', filter: { search: 'door' } }, 5),
    ask({ filter: {} }, 5),
  ]);
  expect(answers).toEqual(['ana  5', 'luis  5', 'ana  6', 'ana  5', 'luis door 5', 'all  5']);
  expect(read.mock.calls).toEqual([
    [['ana', 'luis'], {}, 5],
    [['ana'], {}, 6],
    [['luis'], { search: 'door' }, 5],
    ['all', {}, 5],
  ]);
});
