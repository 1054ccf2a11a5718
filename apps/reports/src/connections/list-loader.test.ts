import { expect, test, vi } from 'vitest';
import { createBatchedListRead } from './list-loader.js';
import type { ListScope } from './list-repository.js';

type Column = 'userId' | 'opening';
interface Filter {
  readonly search?: string;
}

test('equal reads of many lists share one repository call and run once', async () => {
  const read = vi.fn((scopes: readonly ListScope<Column>[], filter: Filter, limit: number) =>
    Promise.resolve(
      scopes.map((scope) => `${Object.values(scope).join('/')} ${filter.search ?? ''} ${limit}`),
    ),
  );
  const load = createBatchedListRead(read);
  const results = await Promise.all([
    load({ scope: { userId: 'ana' }, filter: {} }, 5),
    load({ scope: { userId: 'luis' }, filter: {} }, 5),
    load({ scope: { userId: 'ana' }, filter: {} }, 6),
    load({ scope: { userId: 'ana' }, filter: {} }, 5),
    load({ scope: { userId: 'luis' }, filter: { search: 'door' } }, 5),
    load({ scope: { userId: undefined }, filter: {} }, 5),
    load({ scope: { userId: 'ana', opening: 'Front' }, filter: {} }, 5),
    load({ scope: { opening: 'Front', userId: 'luis' }, filter: {} }, 5),
  ]);
  expect(results).toEqual([
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
