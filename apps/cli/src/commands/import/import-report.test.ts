import { expect, test } from 'vitest';
import { formatImportReport, formatImportReportAsJson } from './import-report.js';
import type { ImportedRow } from './import-rules.js';

const imported: readonly ImportedRow[] = [
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

test('lists each fault with its line and column, then the counts', () => {
  expect(formatImportReport(imported, 3)).toBe(
    'line 3, name: name must not be empty.\nline 3: A rule needs hours.\n1 created, 1 already there, 1 refused.',
  );
});

test('names an assumed owner, and quotas', () => {
  const message = 'An opening may have 50 rules. Delete one, or change it.';
  const faults = [{ column: 'opening', code: 'QUOTA_EXCEEDED', message }];
  expect(formatImportReport([{ line: 2, kind: 'refused', faults }], 1, 'ana')).toBe(
    `line 2, opening: ${message} (QUOTA_EXCEEDED)\n0 created for ana, 0 already there, 1 refused.`,
  );
});

test('counts the rows that were not sent', () => {
  expect(formatImportReport([], 3)).toBe('0 created, 0 already there, 0 refused, 3 not sent.');
});

test('formats the same report as JSON', () => {
  expect(JSON.parse(formatImportReportAsJson(imported, 4))).toEqual({
    ...{ created: 1, alreadyThere: 1, refused: 1, notSent: 1 },
    rows: imported,
  });
});
