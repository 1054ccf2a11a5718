import { expect, test, vi } from 'vitest';
import { createListLoader } from './list-loader.js';
import type { Of } from './list-reader.js';

type Column = 'userId' | 'opening';
interface Filter {
  readonly search?: string;
}

test('lists that are asked the same are asked together, and once', async () => {
  const read = vi.fn((lists: readonly Of<Column>[], filter: Filter, limit: number) =>
    Promise.resolve(lists.map((of) => `${Object.values(of).join('/')} ${filter.search ?? ''} ${limit}`)),
  );
  const ask = createListLoader(read);
  const answers = await Promise.all([
    ask({ of: { userId: 'ana' }, filter: {} }, 5),
    ask({ of: { userId: 'luis' }, filter: {} }, 5),
    ask({ of: { userId: 'ana' }, filter: {} }, 6),
    ask({ of: { userId: 'ana' }, filter: {} }, 5),
    ask({ of: { userId: 'luis' }, filter: { search: 'door' } }, 5),
    ask({ of: { userId: undefined }, filter: {} }, 5),
    ask({ of: { userId: 'ana', opening: 'Front' }, filter: {} }, 5),
    ask({ of: { opening: 'Front', userId: 'luis' }, filter: {} }, 5),
  ]);
  expect(answers).toEqual([
    'ana  5',
    'luis  5',
    'ana  6',
    'ana  5',
    'luis door 5',
    '  5',
    'Front/ana  5',
    'Front/luis  5',
  ]);
  expect(read.mock.calls).toEqual([
    [[{ userId: 'ana' }, { userId: 'luis' }], {}, 5],
    [[{ userId: 'ana' }], {}, 6],
    [[{ userId: 'luis' }], { search: 'door' }, 5],
    [[{}], {}, 5],
    [
      [
        { opening: 'Front', userId: 'ana' },
        { opening: 'Front', userId: 'luis' },
      ],
      {},
      5,
    ],
  ]);
});
