import { describe, expect, test } from 'vitest';
import { listEventDates, type EventDatesOptions } from './list-event-dates.js';
import { parseICalendar } from './parse-icalendar.js';

const OPTIONS: EventDatesOptions = { from: '2026-01-01', until: '2027-12-31', zone: undefined };

/** A file with one event per list of properties. */
const createFile = (...events: readonly (readonly string[])[]): string =>
  [
    ...['BEGIN:VCALENDAR', 'VERSION:2.0', 'X-WR-TIMEZONE:America/Bogota'],
    ...events.flatMap((properties) => ['BEGIN:VEVENT', ...properties, 'END:VEVENT']),
    ...['END:VCALENDAR', ''],
  ].join('\r\n');

const list = (text: string, options: Partial<EventDatesOptions> = {}) =>
  listEventDates(parseICalendar(Buffer.from(text)), { ...OPTIONS, ...options });
const listDates = (text: string, options: Partial<EventDatesOptions> = {}) => [
  ...list(text, options).labels.keys(),
];
const day = (date: string) => `DTSTART;VALUE=DATE:${date}`;

describe('an event without repetition', () => {
  test.each([
    ['an all-day event covers its date', [day('20270101')], ['2027-01-01']],
    [
      'the end of an all-day event is exclusive',
      [day('20271224'), 'DTEND;VALUE=DATE:20271227'],
      ['2027-12-24', '2027-12-25', '2027-12-26'],
    ],
    ['an end at the start is no end', [day('20271224'), 'DTEND;VALUE=DATE:20271224'], ['2027-12-24']],
    ['an end before the start is no end', [day('20271224'), 'DTEND;VALUE=DATE:20271220'], ['2027-12-24']],
    ['a duration is as good as an end', [day('20271224'), 'DURATION:P2D'], ['2027-12-24', '2027-12-25']],
    [
      'a week is a duration',
      [day('20271201'), 'DURATION:P1W'],
      Array.from({ length: 7 }, (_, index) => `2027-12-0${index + 1}`),
    ],
    ['the value type is not needed', ['DTSTART:20270101'], ['2027-01-01']],
    ['an event without a length at midnight covers its date', ['DTSTART:20270101T000000'], ['2027-01-01']],
    ['a time without a zone is local', ['DTSTART:20270101T230000'], ['2027-01-01']],
    [
      'an event that ends at midnight does not cover the next date',
      ['DTSTART:20270101T220000', 'DTEND:20270102T000000'],
      ['2027-01-01'],
    ],
    [
      'an event that ends later does',
      ['DTSTART:20270101T220000', 'DTEND:20270102T000001'],
      ['2027-01-01', '2027-01-02'],
    ],
    [
      'an Outlook day from midnight to midnight is one date',
      ['DTSTART:20270101T000000', 'DTEND:20270102T000000'],
      ['2027-01-01'],
    ],
    [
      'a time in UTC is converted',
      ['DTSTART:20270101T030000Z', 'DTEND:20270101T060000Z'],
      ['2026-12-31', '2027-01-01'],
    ],
    [
      'a time in a zone stays in its zone',
      ['DTSTART;TZID=Asia/Tokyo:20270101T010000', 'DTEND;TZID=Asia/Tokyo:20270101T020000'],
      ['2027-01-01'],
    ],
    [
      'the end may be in another zone',
      ['DTSTART;TZID=Asia/Tokyo:20270101T010000', 'DTEND:20270101T160000Z'],
      ['2027-01-01', '2027-01-02'],
    ],
    [
      'a zone without an IANA name is local',
      ['DTSTART;TZID=SA Pacific Standard Time:20270101T010000', 'DURATION:PT23H'],
      ['2027-01-01'],
    ],
  ])('%s', (_, properties, dates) => {
    expect(listDates(createFile(properties))).toEqual(dates);
  });

  test('--zone replaces the zone of the file', () => {
    const file = createFile(['DTSTART:20270101T030000Z']);
    expect(listDates(file, { zone: 'Europe/Madrid' })).toEqual(['2027-01-01']);
    expect(listDates(file.replace('X-WR-TIMEZONE:America/Bogota', 'X-WR-TIMEZONE:Mars'))).toEqual([
      '2026-12-31',
    ]);
  });

  test('only dates of the period count, both ends included', () => {
    const file = createFile([day('20261230'), 'DTEND;VALUE=DATE:20270105'], [day('20200101')]);
    const { labels, eventsOutside } = list(file, { from: '2027-01-01', until: '2027-01-02' });
    expect([...labels.keys()]).toEqual(['2027-01-01', '2027-01-02']);
    expect(eventsOutside).toBe(1);
  });
});

describe('an event that repeats', () => {
  test.each([
    ['every year', [day('20100720'), 'RRULE:FREQ=YEARLY'], ['2026-07-20', '2027-07-20']],
    [
      'on the fourth Thursday of November',
      [day('20201126'), 'RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH'],
      ['2026-11-26', '2027-11-25'],
    ],
    ['on 29 February', [day('20240229'), 'RRULE:FREQ=YEARLY'], []],
    [
      'a number of times',
      [day('20260101'), 'RRULE:FREQ=WEEKLY;COUNT=3'],
      ['2026-01-01', '2026-01-08', '2026-01-15'],
    ],
    [
      'up to a date, which counts',
      [day('20250101'), 'RRULE:FREQ=YEARLY;UNTIL=20270101'],
      ['2026-01-01', '2027-01-01'],
    ],
    [
      'up to an instant in a zone',
      ['DTSTART;TZID=America/Bogota:20260101T200000', 'RRULE:FREQ=DAILY;UNTIL=20260103T010000Z'],
      ['2026-01-01', '2026-01-02'],
    ],
    [
      'with an earlier occurrence that reaches into the period',
      [day('20231230'), 'DTEND;VALUE=DATE:20240102', 'RRULE:FREQ=YEARLY;COUNT=3'],
      ['2026-01-01'],
    ],
    [
      'on further dates',
      [day('20260101'), 'RDATE;VALUE=DATE:20260505,20260606', 'RDATE;VALUE=DATE:20270101'],
      ['2026-01-01', '2026-05-05', '2026-06-06', '2027-01-01'],
    ],
    [
      'except on some dates',
      [
        day('20260101'),
        'RRULE:FREQ=DAILY;COUNT=5',
        'EXDATE;VALUE=DATE:20260103',
        'EXDATE;VALUE=DATE:20260102,20260109,20260101',
      ],
      ['2026-01-04', '2026-01-05'],
    ],
    [
      'except at some times',
      ['DTSTART;TZID=America/Bogota:20260101T200000', 'RRULE:FREQ=DAILY;COUNT=3', 'EXDATE:20260103T010000Z'],
      ['2026-01-01', '2026-01-03'],
    ],
    [
      'at times, except on a date',
      ['DTSTART:20260101T200000', 'RRULE:FREQ=DAILY;COUNT=3', 'EXDATE;VALUE=DATE:20260102'],
      ['2026-01-01', '2026-01-03'],
    ],
    [
      'except on the dates of times',
      [day('20260101'), 'RRULE:FREQ=DAILY;COUNT=2', 'EXDATE;TZID=America/Bogota:20260102T000000'],
      ['2026-01-01'],
    ],
    ['never: there is no 30 February', [day('20250101'), 'RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30'], []],
  ])('%s', (_, properties, dates) => {
    expect(listDates(createFile(properties))).toEqual(dates);
  });

  const series = ['UID:a', 'SUMMARY:Closed', day('20260101'), 'RRULE:FREQ=DAILY;COUNT=4'];

  test('an occurrence that is moved is on its new date only', () => {
    const moved = ['UID:a', 'SUMMARY:Moved', 'RECURRENCE-ID;VALUE=DATE:20260102', day('20260301')];
    for (const file of [createFile(series, moved), createFile(moved, series)]) {
      expect([...list(file).labels]).toEqual([
        ['2026-01-01', 'Closed'],
        ['2026-01-03', 'Closed'],
        ['2026-01-04', 'Closed'],
        ['2026-03-01', 'Moved'],
      ]);
    }
  });

  test('an occurrence that is cancelled is on no date', () => {
    const cancelled = ['UID:a', 'STATUS:CANCELLED', 'RECURRENCE-ID;VALUE=DATE:20260102', day('20260102')];
    const { labels, cancelledEvents } = list(createFile(series, cancelled));
    expect([...labels.keys()]).toEqual(['2026-01-01', '2026-01-03', '2026-01-04']);
    expect(cancelledEvents).toBe(1);
  });

  test('a change of another event, and one of an event that is not in the file, count as events', () => {
    const other = ['UID:b', 'RECURRENCE-ID;VALUE=DATE:20260102', day('20260601')];
    expect(listDates(createFile(series, other))).toEqual([
      ...['2026-01-01', '2026-01-02', '2026-01-03', '2026-01-04', '2026-06-01'],
    ]);
  });
});

test('cancelled events and cancelled calendars cover no date', () => {
  const file = createFile([day('20270101'), 'STATUS:cancelled'], [day('20270102')]);
  expect(list(file)).toMatchObject({ cancelledEvents: 1, labels: new Map([['2027-01-02', null]]) });
  expect(listDates(file.replace('VERSION:2.0', 'METHOD:CANCEL'))).toEqual([]);
});

describe('labels', () => {
  test('are the titles, with the escapes of iCalendar', () => {
    const file = createFile([day('20270101'), 'SUMMARY;LANGUAGE=es:A\u00f1o Nuevo\\, todo\\ncerrado']);
    expect([...list(file).labels]).toEqual([['2027-01-01', 'A\u00f1o Nuevo, todo cerrado']]);
  });

  test('of several events on a date are joined, each once', () => {
    const events = ['One', 'Two', 'One'].map((title) => [day('20270101'), `SUMMARY:${title}`]);
    expect([...list(createFile(...events)).labels]).toEqual([['2027-01-01', 'One, Two']]);
  });

  test('have at most 120 characters, and no invisible ones', () => {
    const title = `\u200E\u00AD\u202A${'x'.repeat(119)}\u{1F389}y\u202C`;
    const [[, label] = []] = list(createFile([day('20270101'), `SUMMARY:${title}`])).labels;
    expect(label).toBe(`${'x'.repeat(119)}\u2026`);
  });
});

test('counts events with times', () => {
  expect(list(createFile([day('20270101')], ['DTSTART:20270102T100000'])).timedEvents).toBe(1);
});

test.each([
  [['SUMMARY:Party'], 'The event at line 4 ("Party") cannot be read: it has no DTSTART.'],
  [['DTSTART;VALUE=DATE:20271301'], 'The event at line 4 cannot be read: DTSTART is no valid date or time.'],
  [['DTSTART;VALUE=DATE:20270230'], 'DTSTART is no valid date or time.'],
  [['DTSTART:20270101T250000'], 'DTSTART is no valid date or time.'],
  [['DTSTART:tomorrow'], 'DTSTART is no valid date or time.'],
  [[day('20270101'), 'DTEND;VALUE=DATE:foo'], 'DTEND is no valid date or time.'],
  [[day('20270101'), 'DURATION:foo'], 'DURATION is no valid duration.'],
  [[day('20270101'), 'DURATION:-P1D'], 'DURATION is no valid duration.'],
  [[day('20270101'), 'EXDATE:foo'], 'EXDATE is no valid date or time.'],
  [[day('20270101'), 'RRULE:foo'], 'cannot be read: its RRULE has no FREQ.'],
  [[day('20270101'), 'RRULE:FREQ=YEARLY;BYEASTER=0'], 'its RRULE has BYEASTER, which is not supported.'],
  [[day('20270101'), 'RRULE:FREQ=SECONDLY'], 'it repeats within a day, which is not supported.'],
  [[day('20270101'), 'RRULE:FREQ=DAILY;UNTIL=foo'], 'cannot be read: '],
  [
    ['DTSTART:19700101T000000', 'RRULE:FREQ=DAILY;BYHOUR=8,9'],
    'it repeats within a day, which is not supported.',
  ],
  [
    [day('20270101'), 'UID:a', 'RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20270101'],
    'it changes all later occurrences (RANGE=THISANDFUTURE)',
  ],
])('refuses %j', (properties, message) => {
  expect(() => list(createFile(properties))).toThrow(message);
});

test('refuses events that cover the same dates too often', () => {
  const event = [day('20260101'), 'DURATION:P700D', 'RRULE:FREQ=DAILY;COUNT=2'];
  expect(() => list(createFile(...Array.from({ length: 300 }, () => event)))).toThrow('cover too many dates');
});
