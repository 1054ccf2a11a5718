import { describe, expect, it } from 'vitest';
import { WEEKDAYS, type CalendarDate } from '@seguridad-abc/contracts';
import { findAlarmOfSilence, findAlarmsOfInterval, getSilenceStart } from './due-alarms.js';
import { NO_EXCEPTIONS, type ExceptionPeriods, type Period } from './periods.js';
import { createCalendarDates, type RuleVersion } from './rule-version.js';
import type { SignalInterval } from './signal-intervals.js';
import { createRuleVersion, parseWindow } from './testing/index.js';

const at = (time: string) => Date.parse(`2026-01-05T${time}Z`); // a Monday
const open = (start: string, end?: string): SignalInterval => ({
  startId: 'r1',
  startedAt: at(start),
  endedAt: end === undefined ? null : at(end),
});

/** Allowed from 08:00 to 18:00 every day, for ten minutes. */
const version: RuleVersion = createRuleVersion({
  from: at('00:00'),
  windows: [parseWindow('08:00-18:00')],
  maxOpenSeconds: 600,
});
const timer: RuleVersion = { ...version, windows: null };
const hours: RuleVersion = { ...version, maxOpenSeconds: null };

const describeDue = (versions: readonly RuleVersion[], interval: SignalInterval) =>
  findAlarmsOfInterval({ versions, exceptions: NO_EXCEPTIONS }, 'OPEN', interval, at('23:59')).alarms.map(
    ({ kind, at: due, versionIndex: index }) =>
      `${kind === 'OPEN_TOO_LONG' ? 'long' : 'outside'} ${new Date(due).toISOString().slice(11, 19)} by ${index}`,
  );

describe('findAlarmsOfInterval under one version finds', () => {
  it.each<[string, readonly RuleVersion[], SignalInterval, string[]]>([
    ['nothing without a version', [], open('20:00'), []],
    ['nothing within the limits', [version], open('09:00', '09:05'), []],
    ['the start of an interval outside hours', [hours], open('19:00', '19:01'), ['outside 19:00:00 by 0']],
    ['the end of the window', [hours], open('17:00', '19:00'), ['outside 18:00:00 by 0']],
    ['nothing if the interval ends with the window', [hours], open('17:00', '18:00'), []],
    ['the end of the timer', [timer], open('09:00', '09:11'), ['long 09:10:00 by 0']],
    ['nothing if the interval ends with the timer', [timer], open('09:00', '09:10'), []],
    ['both kinds', [version], open('17:55', '18:06'), ['outside 18:00:00 by 0', 'long 18:05:00 by 0']],
    [
      'the instants that an open interval will reach',
      [version],
      open('09:00'),
      ['outside 18:00:00 by 0', 'long 09:10:00 by 0'],
    ],
    ['nothing for an interval of no length', [version], open('19:00', '19:00'), []],
    ['nothing under a disabled version', [{ ...version, enabled: false }], open('19:00'), []],
  ])('%s', (_, versions, interval, expected) => {
    expect(describeDue(versions, interval)).toStrictEqual(expected);
  });
});

describe('findAlarmsOfInterval under several versions', () => {
  const since = (from: string, one: RuleVersion, until?: string): RuleVersion => ({
    ...one,
    from: at(from),
    until: until === undefined ? null : at(until),
  });
  const long = { ...timer, maxOpenSeconds: 7_200 };

  it.each<[string, readonly RuleVersion[], SignalInterval, string[]]>([
    [
      'ignores an interval that ends before the version starts',
      [since('12:00', timer)],
      open('09:00', '11:00'),
      [],
    ],
    [
      'ignores an interval that ends when the version starts',
      [since('12:00', timer)],
      open('09:00', '12:00'),
      [],
    ],
    [
      'finds the start of the version if the timer has run out by then',
      [since('12:00', timer)],
      open('09:00', '13:00'),
      ['long 12:00:00 by 0'],
    ],
    [
      'counts the timer from the start of the interval',
      [since('09:05', timer)],
      open('09:00', '10:00'),
      ['long 09:10:00 by 0'],
    ],
    [
      'applies hours from the start of the version',
      [since('19:30', hours)],
      open('19:00', '20:00'),
      ['outside 19:30:00 by 0'],
    ],
    ['finds nothing at the end of the version', [since('00:00', timer, '09:10')], open('09:00', '10:00'), []],
    [
      'finds an instant just before the end of the version',
      [since('00:00', timer, '09:11')],
      open('09:00', '10:00'),
      ['long 09:10:00 by 0'],
    ],
    [
      'applies the next version to the rest of the interval',
      [since('00:00', long, '09:30'), since('09:30', timer)],
      open('09:00', '10:00'),
      ['long 09:30:00 by 1'],
    ],
    [
      'finds only the earliest alarm of each kind',
      [since('00:00', version, '18:30'), since('18:30', version)],
      open('17:00', '19:00'),
      ['outside 18:00:00 by 0', 'long 17:10:00 by 0'],
    ],
    [
      'finds the kinds under different versions',
      [since('00:00', hours, '18:30'), since('18:30', timer)],
      open('17:00', '19:00'),
      ['outside 18:00:00 by 0', 'long 18:30:00 by 1'],
    ],
    [
      'ignores a disabled version and applies the next',
      [since('00:00', { ...timer, enabled: false }, '11:00'), since('11:00', timer)],
      open('09:00'),
      ['long 11:00:00 by 1'],
    ],
    [
      'ignores a version that was replaced before it started',
      [since('12:00', timer, '11:00'), since('12:00', hours)],
      open('09:00', '13:00'),
      [],
    ],
  ])('%s', (_, versions, interval, expected) => {
    expect(describeDue(versions, interval)).toStrictEqual(expected);
  });
});

const period = (from: string, until: string): Period => ({ from: at(from), until: at(until) });
const suspend = (...suspended: Period[]): ExceptionPeriods => ({ allow: [], suspend: suspended });
const allow = (...allowed: Period[]): ExceptionPeriods => ({ allow: allowed, suspend: [] });

/** `09:00`: due then. `before 09:00`: nothing is due before, and nothing is known about later. Undefined: never. */
function describeOnly(
  one: RuleVersion,
  signal: 'OPEN' | 'TAMPERED' | 'BATTERY_LOW',
  interval: SignalInterval,
  exceptions: ExceptionPeriods = NO_EXCEPTIONS,
  searchUntil = at('23:00'),
): string | undefined {
  const found = findAlarmsOfInterval({ versions: [one], exceptions }, signal, interval, searchUntil);
  const format = (instant: number) => new Date(instant).toISOString().slice(11, 16);
  const [first] = found.alarms;
  if (first) return format(first.at);
  return found.searchedUntil === Infinity ? undefined : `before ${format(found.searchedUntil)}`;
}

describe('OUTSIDE_HOURS', () => {
  const split = createRuleVersion({ windows: [parseWindow('09:00-13:00'), parseWindow('16:00-20:00')] });

  it.each<[string, RuleVersion, string, string | undefined, string | undefined]>([
    ['at the end of the first of two windows', split, '10:00', undefined, '13:00'],
    ['between two windows', split, '14:00', undefined, '14:00'],
    ['at the end of the second window', split, '17:00', undefined, '20:00'],
    [
      'at the end of windows that touch',
      createRuleVersion({ windows: [parseWindow('09:00-13:00'), parseWindow('13:00-20:00')] }),
      '10:00',
      undefined,
      '20:00',
    ],
    [
      'at the end of windows that overlap',
      createRuleVersion({ windows: [parseWindow('09:00-21:00'), parseWindow('10:00-20:00')] }),
      '10:00',
      undefined,
      '21:00',
    ],
    ['at once if the list is empty', createRuleVersion({ windows: [] }), '10:00', undefined, '10:00'],
    ['never without hours', createRuleVersion({}), '10:00', undefined, undefined],
    [
      'not known if windows touch for ever',
      createRuleVersion({ windows: [parseWindow('00:00-12:00'), parseWindow('12:00-00:00')] }),
      '10:00',
      undefined,
      'before 00:00',
    ],
  ])('is due %s', (_, one, start, end, due) => {
    expect(describeOnly(one, 'OPEN', open(start, end))).toBe(due);
  });

  describe('with a calendar', () => {
    const closed: CalendarDate = { date: '2026-01-05', label: null, windows: [] };
    const morning = { ...closed, windows: [{ opensAt: '09:00', closesAt: '11:00', openBy: null }] };
    const withDate = (date: CalendarDate, one: RuleVersion = split): RuleVersion => ({
      ...one,
      calendar: createCalendarDates([date]),
    });
    const night = createRuleVersion({ windows: [parseWindow('22:00-06:00')] });

    it.each<[string, RuleVersion, string, string | undefined]>([
      ['at once on a date without windows', withDate(closed), '10:00', '10:00'],
      ['at the end of the window of the date', withDate(morning), '10:00', '11:00'],
      [
        'at the end of a window of the date, whatever the days',
        withDate(morning, createRuleVersion({ windows: [] })),
        '10:00',
        '11:00',
      ],
      ['as without calendar on other dates', withDate({ ...closed, date: '2026-01-06' }), '10:00', '13:00'],
      ['at the end of the night that began the day before', withDate(closed, night), '05:00', '06:00'],
      ['at once where the night would begin', withDate(closed, night), '22:30', '22:30'],
      ['never for a rule without hours', withDate(closed, createRuleVersion({})), '10:00', undefined],
    ])('is due %s', (_, one, start, due) => {
      expect(describeOnly(one, 'OPEN', open(start))).toBe(due);
    });

    it('reads the date in the zone of the rule', () => {
      const inBogota = {
        ...withDate(closed, createRuleVersion({ windows: [parseWindow('00:00-00:00')] })),
        timeZone: 'America/Bogota',
      };
      // In Bogota it is 4 January until 05:00 UTC.
      expect(describeOnly(inBogota, 'OPEN', open('04:00'))).toBe('05:00');
    });
  });

  describe('with a grace of an hour', () => {
    const graceful = { ...split, graceSeconds: 3_600 };

    it.each<[string, string, string | undefined, string | undefined]>([
      ['an hour after the end of the window', '10:00', undefined, '14:00'],
      ['an hour after the opening', '14:30', undefined, '15:30'],
      ['in a stretch of exactly the grace that a window ends', '15:00', undefined, '16:00'],
      ['not in a stretch that is shorter, but in the next one', '15:01', undefined, '21:00'],
      ['not at the end of the interval', '14:00', '15:00', undefined],
      ['if the interval ends later', '14:00', '15:01', '15:00'],
    ])('is due %s', (_, start, end, due) => {
      expect(describeOnly(graceful, 'OPEN', open(start, end))).toBe(due);
    });

    it.each<[string, ExceptionPeriods, string | undefined]>([
      ['at the end of a SUSPEND if the stretch lasts', suspend(period('13:30', '15:00')), '15:00'],
      ['in the next stretch if a SUSPEND ends with the stretch', suspend(period('13:30', '16:00')), '21:00'],
      ['in the next stretch if a SUSPEND ends later', suspend(period('13:30', '17:00')), '21:00'],
      ['as usual after a SUSPEND that ends before', suspend(period('13:00', '14:00')), '14:00'],
      ['after an ALLOW, anew', allow(period('13:30', '14:00')), '15:00'],
    ])('is due %s', (_, exceptions, due) => {
      expect(describeOnly(graceful, 'OPEN', open('10:00'), exceptions)).toBe(due);
    });
  });

  it.each<[string, ExceptionPeriods, string | undefined]>([
    ['the end of an ALLOW that touches the window', allow(period('13:00', '15:00')), '15:00'],
    ['the end of the next window if an ALLOW fills the gap', allow(period('12:00', '16:00')), '20:00'],
    ['the end of the window if an ALLOW comes later', allow(period('13:01', '15:00')), '13:00'],
    ['the end of a SUSPEND', suspend(period('12:00', '15:00')), '15:00'],
    ['the end of the next window if a SUSPEND ends in it', suspend(period('12:00', '17:00')), '20:00'],
    ['the end of a SUSPEND that covers all', suspend(period('10:00', '22:00')), '22:00'],
  ])('with an exception is due at %s', (_, exceptions, due) => {
    expect(describeOnly(split, 'OPEN', open('10:00'), exceptions)).toBe(due);
  });
});

describe('with active windows', () => {
  const night = { ...timer, activeWindows: [parseWindow('20:00-23:30'), parseWindow('06:00-07:00')] };

  it.each<[string, RuleVersion, string, string | undefined, string | undefined]>([
    ['in an active window, as usual', night, '06:10', undefined, '06:20'],
    ['at the start of the next active window if the timer has run out', night, '06:55', undefined, '20:00'],
    ['not between active windows', night, '08:00', '19:00', undefined],
    ['not at the end of an active window', night, '06:50', '20:00', undefined],
    [
      'with a grace that is counted anew',
      { ...night, maxOpenSeconds: null, windows: [], graceSeconds: 1_800 },
      '05:00',
      undefined,
      '06:30',
    ],
    [
      'not with a grace that is longer than the window',
      {
        ...night,
        maxOpenSeconds: null,
        windows: [],
        graceSeconds: 3_600,
        activeWindows: [parseWindow('06:00-07:00')],
      },
      '05:00',
      '23:00',
      undefined,
    ],
    [
      'in windows that touch as in one',
      {
        ...night,
        maxOpenSeconds: null,
        windows: [],
        graceSeconds: 3_600,
        activeWindows: [parseWindow('06:00-07:00'), parseWindow('07:00-07:01')],
      },
      '05:00',
      undefined,
      '07:00',
    ],
    [
      'in windows that touch as in one, from an opening in the first',
      {
        ...night,
        maxOpenSeconds: null,
        windows: [],
        graceSeconds: 3_600,
        activeWindows: [parseWindow('06:00-07:00'), parseWindow('07:00-08:00')],
      },
      '06:30',
      undefined,
      '07:30',
    ],
    [
      'as usual in windows that touch for ever',
      { ...night, activeWindows: [parseWindow('00:00-12:00'), parseWindow('12:00-00:00')] },
      '11:55',
      undefined,
      '12:05',
    ],
    ['never without any', { ...timer, activeWindows: [] }, '05:00', '22:00', undefined],
    [
      'always in whole days',
      { ...timer, activeWindows: [parseWindow('05:00-05:00')] },
      '04:00',
      undefined,
      '04:10',
    ],
    ['never if the version ends before', { ...night, until: at('19:00') }, '06:55', undefined, undefined],
  ])('an alarm is due %s', (_, one, start, end, due) => {
    expect(describeOnly(one, 'OPEN', open(start, end))).toBe(due);
  });

  it('is not known after the end of the search', () => {
    const due = describeOnly(night, 'OPEN', open('06:55'), NO_EXCEPTIONS, at('19:00'));
    expect(due).toBe('before 19:00');
  });

  it('says from when the rule has been in force', () => {
    const rule = { versions: [night], exceptions: NO_EXCEPTIONS };
    const { alarms } = findAlarmsOfInterval(rule, 'OPEN', open('08:00'), at('23:00'));
    expect(alarms).toStrictEqual([
      { kind: 'OPEN_TOO_LONG', at: at('20:00'), versionIndex: 0, inForceFrom: at('20:00') },
    ]);
  });
});

describe('OPEN_TOO_LONG, TAMPERED and BATTERY_LOW', () => {
  const sensor = createRuleVersion({ onTamper: true, onBatteryLow: true, from: at('08:00') });

  it.each<
    [
      string,
      RuleVersion,
      'OPEN' | 'TAMPERED' | 'BATTERY_LOW',
      SignalInterval,
      ExceptionPeriods,
      string | undefined,
    ]
  >([
    ['the start of a signal', sensor, 'TAMPERED', open('09:00', '09:01'), NO_EXCEPTIONS, '09:00'],
    ['the start of the version', sensor, 'BATTERY_LOW', open('07:00', '09:01'), NO_EXCEPTIONS, '08:00'],
    ['no instant without length', sensor, 'TAMPERED', open('09:00', '09:00'), NO_EXCEPTIONS, undefined],
    ['no instant if not watched', timer, 'TAMPERED', open('09:00'), NO_EXCEPTIONS, undefined],
    [
      'no instant if another signal is watched',
      { ...sensor, onTamper: false },
      'TAMPERED',
      open('09:00'),
      NO_EXCEPTIONS,
      undefined,
    ],
    ['the end of a SUSPEND', sensor, 'TAMPERED', open('09:00'), suspend(period('08:30', '10:00')), '10:00'],
    [
      'no instant if the signal ends with the SUSPEND',
      sensor,
      'TAMPERED',
      open('09:00', '10:00'),
      suspend(period('08:30', '10:00')),
      undefined,
    ],
    [
      'the end of a SUSPEND, for the timer',
      timer,
      'OPEN',
      open('09:00'),
      suspend(period('09:05', '10:00')),
      '10:00',
    ],
    ['the timer before a SUSPEND', timer, 'OPEN', open('09:00'), suspend(period('09:11', '10:00')), '09:10'],
    [
      'the timer, whatever an ALLOW says',
      timer,
      'OPEN',
      open('09:00'),
      allow(period('09:00', '10:00')),
      '09:10',
    ],
  ])('are due at %s', (_, one, signal, interval, exceptions, due) => {
    expect(describeOnly(one, signal, interval, exceptions)).toBe(due);
  });
});

describe('SILENT', () => {
  const silentAfterHour = createRuleVersion({ from: at('08:00'), silentAfterSeconds: 3_600 });

  const describeSilence = (
    one: RuleVersion,
    startedAt: number,
    endedAt: number | null,
    exceptions: ExceptionPeriods = NO_EXCEPTIONS,
  ) => {
    const found = findAlarmOfSilence({ versions: [one], exceptions }, { startedAt, endedAt }, at('23:00'));
    return found.alarms.map(({ kind, at: due }) => `${kind} ${new Date(due).toISOString().slice(11, 16)}`);
  };

  it.each<[string, RuleVersion, number, number | null, ExceptionPeriods, string[]]>([
    ['after a reading', silentAfterHour, at('09:00'), null, NO_EXCEPTIONS, ['SILENT 10:00']],
    ['not if the next reading comes then', silentAfterHour, at('09:00'), at('10:00'), NO_EXCEPTIONS, []],
    [
      'if the next reading comes later',
      silentAfterHour,
      at('09:00'),
      at('10:01'),
      NO_EXCEPTIONS,
      ['SILENT 10:00'],
    ],
    [
      'after the beginning if the last reading is earlier',
      silentAfterHour,
      at('07:59'),
      null,
      NO_EXCEPTIONS,
      ['SILENT 09:00'],
    ],
    [
      'after the beginning without a reading',
      silentAfterHour,
      -Infinity,
      null,
      NO_EXCEPTIONS,
      ['SILENT 09:00'],
    ],
    ['not before the first reading', silentAfterHour, -Infinity, at('08:30'), NO_EXCEPTIONS, []],
    [
      'at the end of a SUSPEND',
      silentAfterHour,
      at('09:00'),
      null,
      suspend(period('09:30', '12:00')),
      ['SILENT 12:00'],
    ],
    [
      'counted anew in each active window',
      { ...silentAfterHour, activeWindows: [parseWindow('09:30-10:00'), parseWindow('12:00-14:00')] },
      at('09:00'),
      null,
      NO_EXCEPTIONS,
      ['SILENT 13:00'],
    ],
    ['not if it is not watched', timer, at('09:00'), null, NO_EXCEPTIONS, []],
  ])('is due %s', (_, one, startedAt, endedAt, exceptions, expected) => {
    expect(describeSilence(one, startedAt, endedAt, exceptions)).toStrictEqual(expected);
  });

  it('begins at the last reading, but not before the rule', () => {
    expect(getSilenceStart(5, 3)).toBe(5);
    expect(getSilenceStart(-Infinity, 3)).toBe(3);
  });
});

describe('the end of the search', () => {
  const halfYear = WEEKDAYS.length * 26 * 86_400_000;

  it('is complete for an interval that has ended, however long it lasted', () => {
    const weekdays = createRuleVersion({ windows: [parseWindow('00:00-00:00')], from: at('00:00') });
    const date = { date: '2026-07-01', label: null, windows: [] };
    const one = { ...weekdays, calendar: createCalendarDates([date]) };
    const interval = { startId: 'r1', startedAt: at('10:00'), endedAt: at('10:00') + halfYear };
    const found = findAlarmsOfInterval(
      { versions: [one], exceptions: NO_EXCEPTIONS },
      'OPEN',
      interval,
      at('11:00'),
    );
    expect(found.alarms.map((alarm) => new Date(alarm.at).toISOString())).toStrictEqual([
      '2026-07-01T00:00:00.000Z',
    ]);
    const unfinished = { ...interval, endedAt: null };
    const open = findAlarmsOfInterval(
      { versions: [one], exceptions: NO_EXCEPTIONS },
      'OPEN',
      unfinished,
      at('11:00'),
    );
    expect(open).toStrictEqual({ alarms: [], searchedUntil: Date.parse('2026-01-06T00:00:00Z') });
  });

  it('is the beginning of a version that begins later', () => {
    const later = { ...hours, from: at('20:00') };
    const found = findAlarmsOfInterval(
      { versions: [later], exceptions: NO_EXCEPTIONS },
      'OPEN',
      open('09:00'),
      at('10:00'),
    );
    expect(found).toStrictEqual({ alarms: [], searchedUntil: at('20:00') });
  });

  it('is the instant of an alarm that is due after the search', () => {
    const found = findAlarmsOfInterval(
      { versions: [timer], exceptions: NO_EXCEPTIONS },
      'OPEN',
      open('09:00'),
      at('09:05'),
    );
    expect(found).toStrictEqual({ alarms: [], searchedUntil: at('09:10') });
  });
});
