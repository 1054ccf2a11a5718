import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { describe, expect, test } from 'vitest';
import type { RuleFieldsFragment, Weekday } from '../examples/react/src/generated.js';
import { groupFaultMessages } from '../examples/react/src/input-faults.js';
import { describeRule, WEEKDAYS } from '../examples/react/src/rule-description.js';

const WORKDAYS: readonly Weekday[] = WEEKDAYS.slice(0, 5);
const createWindow = (days: readonly Weekday[], opensAt: string, closesAt: string, openBy?: string) => ({
  days,
  opensAt,
  closesAt,
  openBy: openBy ?? null,
});

describe('the description of a rule', () => {
  const describeConditions = (conditions: Partial<RuleFieldsFragment>) =>
    describeRule({
      id: '1',
      name: 'By day',
      opening: 'Shop door',
      windows: null,
      calendar: null,
      graceSeconds: 0,
      maxOpenSeconds: null,
      silentAfterSeconds: null,
      onTamper: false,
      onBatteryLow: false,
      activeWindows: null,
      ...conditions,
    });

  test('names all windows, the calendar, the grace and the timer', () => {
    expect(
      describeConditions({
        windows: [
          createWindow(WORKDAYS, '09:00', '13:00', '09:30'),
          createWindow(['MONDAY', 'SATURDAY', 'SUNDAY'], '16:00', '20:00'),
        ],
        calendar: { id: '2', name: 'Holidays' },
        graceSeconds: 60,
        maxOpenSeconds: 300,
      }),
    ).toBe(
      'May be open Mon–Fri 09:00 to 13:00 (opened by 09:30) and Mon, Sat, Sun 16:00 to 20:00, calendar Holidays, 60 s of grace, at most 300 s at a time',
    );
  });

  test('calls a window from midnight to midnight all day', () => {
    const windows = [
      createWindow(WORKDAYS, '00:00', '00:00'),
      createWindow(['SUNDAY'], '00:00', '08:00'),
      createWindow(WEEKDAYS, '00:00', '00:00'),
    ];
    expect(describeConditions({ windows })).toBe(
      'May be open Mon–Fri all day and Sun 00:00 to 08:00 and all day',
    );
  });

  test('names what else is an alarm, and when the rule is in force', () => {
    expect(
      describeConditions({
        silentAfterSeconds: 3_600,
        onTamper: true,
        onBatteryLow: true,
        activeWindows: [createWindow(WEEKDAYS, '20:00', '07:00')],
      }),
    ).toBe(
      'May be open at any time. Alarm after 3600 s without a reading, on tampering, on a low battery. In force 20:00 to 07:00',
    );
  });

  test.each([
    ['no window', { windows: [], maxOpenSeconds: 60 }, 'May never be open, at most 60 s at a time'],
    ['no day', { windows: [createWindow([], '08:00', '09:00')] }, 'May be open on no day 08:00 to 09:00'],
    ['two days', { windows: [createWindow(['SATURDAY', 'SUNDAY'], '08:00', '09:00')] }, /Sat, Sun 08:00/],
    ['no active window', { activeWindows: [] }, /In force never$/],
  ])('describes %s', (_, conditions, expected) => {
    expect(describeConditions(conditions)).toMatch(expected);
  });
});

describe('the faults of an input', () => {
  const reject = (...faults: object[]) =>
    new CombinedGraphQLErrors({ errors: [{ message: 'The input is invalid.', extensions: { faults } }] });
  const FIELDS = ['name', 'windows', 'windows.1', 'windows.1.days', 'windows.1.openBy', 'windows.10'];

  test.each([
    ['a field', ['input', 'name'], 'name'],
    ['a field of a window', ['input', 'windows', 1, 'openBy'], 'windows.1.openBy'],
    ['a part of a field', ['input', 'windows', 1, 'days', 3], 'windows.1.days'],
    ['a window without its own fields', ['input', 'windows', 2, 'openBy'], 'windows'],
  ])('are grouped by field: %s', (_, path, field) => {
    const { byField, others } = groupFaultMessages(reject({ path, message: 'wrong' }), FIELDS);
    expect([...byField]).toStrictEqual([[field, 'wrong']]);
    expect(others).toStrictEqual([]);
  });

  test('of one field are shown together, and of no field apart', () => {
    const error = reject(
      { path: ['input', 'name'], message: 'First.' },
      { path: ['input', 'name'], message: 'Second.' },
      { path: ['input'], message: 'Third.' },
      { path: ['input', 'userId'], message: 'Fourth.' },
    );
    const { byField, others } = groupFaultMessages(error, FIELDS);
    expect([...byField]).toStrictEqual([['name', 'First. Second.']]);
    expect(others).toStrictEqual(['Third.', 'Fourth.']);
  });

  test('are the messages of an error that has none', () => {
    expect(groupFaultMessages(new Error('No connection.'), FIELDS).others).toStrictEqual(['No connection.']);
    expect(groupFaultMessages(undefined, FIELDS)).toStrictEqual({ byField: new Map(), others: [] });
  });
});
