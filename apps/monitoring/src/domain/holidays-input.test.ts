import { expect, it } from 'vitest';
import { checkHolidaysInput } from './holidays-input.js';

it('writes codes in upper case and years in order', () => {
  expect(checkHolidaysInput({ country: 'de', region: 'by.a', years: [2027, 2026] })).toStrictEqual({
    value: { country: 'DE', region: 'BY.A', years: [2026, 2027] },
  });
  expect(checkHolidaysInput({ country: 'CO', years: [1970, 2100] })).toMatchObject({
    value: { region: null },
  });
});

it.each([
  [{ country: '', years: [2026] }, 'country INVALID'],
  [{ country: 'C'.repeat(1_000), years: [2026] }, 'country INVALID'],
  [{ country: 'CO', region: '', years: [2026] }, 'region INVALID'],
  [{ country: 'CO', years: [] }, 'years OUT_OF_RANGE'],
  [{ country: 'CO', years: Array.from({ length: 11 }, (_, i) => 2020 + i) }, 'years OUT_OF_RANGE'],
  [{ country: 'CO', years: [2026, 1969, 2101] }, 'years.1 OUT_OF_RANGE, years.2 OUT_OF_RANGE'],
  [{ country: 'CO', years: [2026, 2027, 2026] }, 'years.2 REPEATED'],
])('refuses %o', (input, faults) => {
  const checked = checkHolidaysInput(input);
  if ('value' in checked) throw new Error('no fault');
  expect(checked.faults.map(({ path, code }) => `${path.slice(1).join('.')} ${code}`).join(', ')).toBe(
    faults,
  );
});
