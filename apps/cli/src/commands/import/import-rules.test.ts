import type { InputFault } from '@seguridad-abc/contracts';
import { expect, test } from 'vitest';
import type { CreateRuleInput } from '../../graphql/generated.js';
import { toImportRowFaults } from './import-rules.js';

test('assigns the input faults of the server to their columns', () => {
  const faults: InputFault[] = [
    { path: ['input', 'opensAt'], code: 'INVALID', message: 'a' },
    { path: ['input', 'days', 1], code: 'REPEATED', message: 'b' },
    { path: ['input'], code: 'NO_HOURS_NO_TIMER', message: 'c' },
    { path: ['input', 'windows', 1, 'openBy'], code: 'INVALID', message: 'd' },
    { path: ['input', 'windows'], code: 'OUT_OF_RANGE', message: 'e' },
    { path: ['input', 'activeWindows', 0], code: 'INVALID', message: 'f' },
    { path: ['input', 'calendarId'], code: 'NOT_FOUND', message: 'g' },
  ];
  const input: Partial<CreateRuleInput> = {
    windows: [
      { days: ['SATURDAY'], opensAt: '09:00', closesAt: '13:00', openBy: null },
      { days: ['SATURDAY'], opensAt: '16:00', closesAt: '20:00', openBy: '15:00' },
    ],
    activeWindows: [{ days: ['MONDAY'], opensAt: '22:00', closesAt: '06:00' }],
  };
  expect(
    toImportRowFaults([{ message: 'a b c', extensions: { code: 'BAD_USER_INPUT', faults } }], input),
  ).toEqual([
    { column: 'opensAt', code: 'INVALID', message: 'a' },
    { column: 'days', code: 'REPEATED', message: 'b' },
    { column: null, code: 'NO_HOURS_NO_TIMER', message: 'c' },
    { column: 'windows', code: 'INVALID', message: '"SAT 16:00-20:00 open by 15:00": d' },
    { column: 'windows', code: 'OUT_OF_RANGE', message: 'e' },
    { column: 'activeWindows', code: 'INVALID', message: '"MON 22:00-06:00": f' },
    { column: 'calendar', code: 'NOT_FOUND', message: 'g' },
  ]);
});

test('an error without faults concerns the whole row', () => {
  expect(
    toImportRowFaults([{ message: 'x', extensions: { code: 'SUBGRAPH_TIMEOUT' } }, { message: 'y' }], {}),
  ).toEqual([
    { column: null, code: 'SUBGRAPH_TIMEOUT', message: 'x' },
    { column: null, code: 'UNKNOWN', message: 'y' },
  ]);
});
