import type { AlarmChange } from '@seguridad-abc/contracts';
import { expect, test } from 'vitest';
import { createPreviousPositionAdder } from './read-model-updater.js';

const at = (position: number) => ({ position }) as AlarmChange;

test('a change carries the position of the change published before it, if that is known and lower', () => {
  const link = createPreviousPositionAdder();
  expect(link([at(3), at(5)])).toStrictEqual([at(3), { ...at(5), since: 3 }]);
  expect(link([])).toStrictEqual([]);
  expect(link([at(9), at(4), at(10)])).toStrictEqual([
    { ...at(9), since: 5 },
    at(4),
    { ...at(10), since: 9 },
  ]);
});
