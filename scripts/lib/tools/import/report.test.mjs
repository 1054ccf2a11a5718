import { expect, test } from 'vitest';
import { reportJson, reportText } from './report.mjs';

/** @type {import('./import-rules.mjs').Imported[]} */
const imported = [
  { line: 2, kind: 'created', id: 'a' },
  {
    line: 3,
    kind: 'refused',
    faults: [
      { column: 'name', code: 'EMPTY', message: 'name must not be empty.' },
      { column: null, code: 'NO_HOURS_NO_TIMER', message: 'A rule needs hours.' },
    ],
  },
  { line: 4, kind: 'already there', id: 'b' },
];

test('each fault with its line and column, then the sum', () => {
  expect(reportText(imported, 3)).toBe(
    'line 3, name: name must not be empty.\nline 3: A rule needs hours.\n1 created, 1 there already, 1 refused.',
  );
});

test('rows that were not sent are counted', () => {
  expect(reportText([], 3)).toBe('0 created, 0 there already, 0 refused, 3 not sent.');
});

test('the same as JSON', () => {
  expect(JSON.parse(reportJson(imported, 4))).toEqual({
    ...{ created: 1, alreadyThere: 1, refused: 1, notSent: 1 },
    rows: imported,
  });
});
