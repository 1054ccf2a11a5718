import type { AlarmChange } from '@seguridad-abc/contracts';
import { expect, test } from 'vitest';
import { createSequel } from './sequel.js';

const at = (position: number) => ({ position }) as AlarmChange;

test('each change says which was published before it, where that is known and it follows that', () => {
  const sequel = createSequel();
  expect(sequel([at(3), at(5)])).toStrictEqual([at(3), { ...at(5), since: 3 }]);
  expect(sequel([])).toStrictEqual([]);
  expect(sequel([at(9), at(4), at(10)])).toStrictEqual([
    { ...at(9), since: 5 },
    at(4),
    { ...at(10), since: 9 },
  ]);
});
