import type { InputFault } from '@seguridad-abc/contracts';
import { expect, test } from 'vitest';
import { toImportRowFaults } from './import-rules.js';

test('assigns the input faults of the server to their columns', () => {
  const faults: InputFault[] = [
    { path: ['input', 'opensAt'], code: 'INVALID', message: 'a' },
    { path: ['input', 'days', 1], code: 'REPEATED', message: 'b' },
    { path: ['input'], code: 'NO_HOURS_NO_TIMER', message: 'c' },
  ];
  expect(toImportRowFaults([{ message: 'a b c', extensions: { code: 'BAD_USER_INPUT', faults } }])).toEqual([
    { column: 'opensAt', code: 'INVALID', message: 'a' },
    { column: 'days', code: 'REPEATED', message: 'b' },
    { column: null, code: 'NO_HOURS_NO_TIMER', message: 'c' },
  ]);
});

test('an error without faults concerns the whole row', () => {
  expect(
    toImportRowFaults([{ message: 'x', extensions: { code: 'SUBGRAPH_TIMEOUT' } }, { message: 'y' }]),
  ).toEqual([
    { column: null, code: 'SUBGRAPH_TIMEOUT', message: 'x' },
    { column: null, code: 'UNKNOWN', message: 'y' },
  ]);
});
