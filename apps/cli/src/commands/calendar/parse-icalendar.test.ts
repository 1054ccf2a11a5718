import { describe, expect, test } from 'vitest';
import { parseICalendar } from './parse-icalendar.js';

const EVENT = ['BEGIN:VEVENT', 'DTSTART;VALUE=DATE:20270101', 'SUMMARY:Year', 'END:VEVENT'];
const createFile = (...lines: readonly string[]) => ['BEGIN:VCALENDAR', ...lines, 'END:VCALENDAR'];

const readTitles = (bytes: string | Uint8Array) =>
  parseICalendar(Buffer.from(bytes)).map(({ line, component }) => [
    line,
    component.getFirstPropertyValue('summary'),
  ]);

describe('reads', () => {
  test.each([
    ['CRLF', createFile(...EVENT).join('\r\n')],
    ['LF', createFile(...EVENT).join('\n')],
    ['CR', createFile(...EVENT).join('\r')],
    ['a byte order mark', `\uFEFF${createFile(...EVENT).join('\r\n')}`],
    [
      'lower case',
      createFile(...EVENT)
        .join('\n')
        .toLowerCase()
        .replace('year', 'Year'),
    ],
    [
      'a long line that is broken',
      createFile(...EVENT)
        .join('\r\n')
        .replace('Year', 'Y\r\n e\r\n\tar'),
    ],
  ])('%s', (_, text) => {
    expect(readTitles(text)).toEqual([[2, 'Year']]);
  });

  test('a line that is broken within a character', () => {
    const bytes = Buffer.from(
      createFile(...EVENT)
        .join('\r\n')
        .replace('Year', 'A\u00f1o'),
    );
    const middle = bytes.indexOf(0xb1);
    const broken = Buffer.concat([bytes.subarray(0, middle), Buffer.from('\r\n '), bytes.subarray(middle)]);
    expect(readTitles(broken)).toEqual([[2, 'A\u00f1o']]);
  });

  test('the events of several calendars, and no other components', () => {
    const zone = ['BEGIN:VTIMEZONE', 'TZID:x', 'BEGIN:STANDARD', 'END:STANDARD', 'END:VTIMEZONE'];
    const task = ['BEGIN:VTODO', 'SUMMARY:Task', 'END:VTODO'];
    const file = [...createFile(...zone, ...EVENT, ...task), '', ...createFile(...EVENT)];
    expect(readTitles(file.join('\n'))).toEqual([
      [7, 'Year'],
      [17, 'Year'],
    ]);
  });
});

describe('refuses', () => {
  test.each([
    ['an empty file', [], 'The file is no iCalendar file: its first line must be BEGIN:VCALENDAR.'],
    ['a page of a website', ['<html>', '</html>'], 'The file is no iCalendar file'],
    ['a contact', ['BEGIN:VCARD', 'END:VCARD'], 'The file is no iCalendar file'],
    [
      'a file that is cut off',
      ['BEGIN:VCALENDAR', 'BEGIN:VEVENT'],
      'line 2: BEGIN:VEVENT has no END: the file is incomplete.',
    ],
    [
      'a wrong end',
      createFile('BEGIN:VEVENT', 'END:VTODO'),
      'line 3: END:VTODO does not end what began last.',
    ],
    [
      'text after the end',
      [...createFile(), 'FOO:bar'],
      'line 3: "FOO:bar" is outside BEGIN:VCALENDAR and END:VCALENDAR.',
    ],
    [
      'a line that is no property',
      createFile('VERSION:2.0', 'foo'),
      'The file is not valid iCalendar: line 3: "foo" is no valid property.',
    ],
    [
      'a wrong rule',
      createFile('BEGIN:VEVENT', 'RRULE:FREQ=FOO', 'END:VEVENT'),
      'line 3: "RRULE:FREQ=FOO" is no valid property.',
    ],
    [
      'wrong parameters',
      createFile('DTSTART;VALUE:20270101'),
      'line 2: "DTSTART;VALUE:20270101" is no valid property.',
    ],
  ])('%s', (_, lines, message) => {
    expect(() => parseICalendar(Buffer.from(lines.join('\r\n')))).toThrow(message);
  });

  test('another encoding', () => {
    const bytes = Buffer.from(createFile('SUMMARY:A\u00f1o').join('\n'), 'latin1');
    expect(() => parseICalendar(bytes)).toThrow('Line 2 is not encoded in UTF-8');
  });

  test('a file that is too large, before it is parsed', () => {
    expect(() => parseICalendar(new Uint8Array(5_000_001))).toThrow(
      'The file has 5000001 bytes, but at most 5000000 are read: export fewer events.',
    );
  });

  test('too many events', () => {
    const file = createFile(...Array.from({ length: 20_001 }, () => EVENT).flat());
    expect(() => parseICalendar(Buffer.from(file.join('\n')))).toThrow('The file has 20001 events');
  });
});
