import { expect, it } from 'vitest';
import { createHolidayFinder } from './holidays.js';

it('finds holidays in a thread, and repeats a result without one', async () => {
  const finder = createHolidayFinder();
  const [first, other, again] = await Promise.all([
    finder.find({ country: 'co', years: [2026] }),
    finder.find({ country: 'DE', region: 'BY', years: [2026] }),
    finder.find({ country: 'CO', years: [2026] }),
  ]);
  expect('value' in first && first.value[0]).toEqual({
    date: '2026-01-01',
    label: "New Year's Day",
    windows: [],
  });
  expect('value' in other && other.value.some(({ label }) => label === 'Epiphany')).toBe(true);
  expect(again).toStrictEqual(first);
});

it.each([
  [{ country: 'XX', years: [2026] }, ['holidays', 'country']],
  [{ country: 'DE', region: 'XX', years: [2026] }, ['holidays', 'region']],
  [{ country: 'DE', years: [1] }, ['holidays', 'years', 0]],
])('reports the field that is wrong in %o', async (input, path) => {
  expect(await createHolidayFinder().find(input)).toMatchObject({ faults: [{ path }] });
});
