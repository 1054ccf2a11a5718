import {
  EMPTY_VERSION,
  type ReferenceAlarm,
  type ReferenceDayWindow,
  type ReferenceException,
  type ReferenceReading,
  type ReferenceVersion,
  type ReferenceWeekday,
  type ReferenceWindow,
} from './reference-evaluation.js';

/** One rule of one opening, with its alarms as computed by hand. */
export interface WorkedExample {
  readonly section: ExampleSection;
  readonly name: string;
  readonly versions: readonly ReferenceVersion[];
  readonly exceptions: readonly ReferenceException[];
  /** In the order of arrival. Ids are `r1`, `r2`, … unless an example is about ids. */
  readonly readings: readonly ReferenceReading[];
  readonly withdrawnIds: readonly string[];
  readonly now: number;
  /** In the order of `raisedAt`. */
  readonly expected: readonly ReferenceAlarm[];
}

export type ExampleSection =
  | 'Windows'
  | 'Calendars'
  | 'Exceptions'
  | 'Grace'
  | 'Active windows'
  | 'Silent sensors'
  | 'Late to open'
  | 'Late and withdrawn readings'
  | 'Tamper and battery'
  | 'Versions and the clock';

// ---- instants

type Clock = (localTime: string) => number;

/** Local times with the offset that a zone has at the time. */
const createClock =
  (offset: string): Clock =>
  (localTime) =>
    Date.parse(`${localTime.replace(' ', 'T')}${offset}`);

const bogota = createClock('-05:00');
const madridWinter = createClock('+01:00');
const madridSummer = createClock('+02:00');
const apiaBeforeChange = createClock('-10:00');
const apiaAfterChange = createClock('+14:00');

/** Days in March 2026, in Bogotá. */
const createDay =
  (date: string): Clock =>
  (time) =>
    bogota(`${date} ${time}`);
const monday = createDay('2026-03-02');
const tuesday = createDay('2026-03-03');
const friday = createDay('2026-03-06');
const saturday = createDay('2026-03-07');
const sunday = createDay('2026-03-08');

const MINUTE = 60;
const HOUR = 3_600;

// ---- rules

const MONDAY_TO_FRIDAY: readonly ReferenceWeekday[] = [
  'MONDAY',
  'TUESDAY',
  'WEDNESDAY',
  'THURSDAY',
  'FRIDAY',
];

/** `09:00-13:00`, or with `openBy`: `09:00-13:00 by 09:30`. */
function window(text: string): ReferenceDayWindow;
function window(text: string, days: readonly ReferenceWeekday[] | null): ReferenceWindow;
function window(text: string, days?: readonly ReferenceWeekday[] | null): ReferenceDayWindow {
  const [hours = '', openBy = null] = text.split(' by ');
  const [opensAt = '', closesAt = ''] = hours.split('-');
  return { opensAt, closesAt, openBy, ...(days === undefined ? {} : { days }) };
}

/** A version of the rule of a shop in Bogotá. It begins on Monday, 2 March 2026, at 00:00. */
const shop = (conditions: Partial<ReferenceVersion>): ReferenceVersion => ({
  ...EMPTY_VERSION,
  from: monday('00:00'),
  timeZone: 'America/Bogota',
  ...conditions,
});

const MORNING = window('09:00-13:00', MONDAY_TO_FRIDAY);
const AFTERNOON = window('16:00-20:00', MONDAY_TO_FRIDAY);
const SHOP_HOURS = [MORNING, AFTERNOON];
const DAY_HOURS = [window('08:00-20:00', null)];
const OPEN_BY_HALF_PAST_NINE = [window('09:00-18:00 by 09:30', null)];
const NIGHT = [window('22:00-06:00', null)];

// ---- exceptions and readings

const allow = (from: number, until: number): ReferenceException => ({ kind: 'ALLOW', from, until });
const suspend = (from: number, until: number): ReferenceException => ({ kind: 'SUSPEND', from, until });

type UnnamedReading = Omit<ReferenceReading, 'id'> & { readonly id?: string };
const opened = (at: number): UnnamedReading => ({ at, state: 'OPEN' });
const closed = (at: number): UnnamedReading => ({ at, state: 'CLOSED' });
const tampered = (at: number, value: boolean): UnnamedReading => ({ at, tampered: value });
const batteryLow = (at: number, value: boolean): UnnamedReading => ({ at, batteryLow: value });

/** @param clearedAt Infinity while the alarm is active */
const alarm = (
  kind: ReferenceAlarm['kind'],
  start: number,
  raisedAt: number,
  clearedAt: number,
): ReferenceAlarm => ({ kind, start, raisedAt, clearedAt });

type ExampleParts = Partial<Omit<WorkedExample, 'section' | 'name' | 'readings' | 'versions'>> & {
  /** The conditions of a rule with one version. */
  readonly rule?: Partial<ReferenceVersion>;
  readonly versions?: readonly ReferenceVersion[];
  readonly readings?: readonly UnnamedReading[];
};

function createExample(section: ExampleSection, name: string, parts: ExampleParts): WorkedExample {
  const { rule, versions = [shop(rule ?? {})], readings = [], ...others } = parts;
  return {
    section,
    name,
    versions,
    exceptions: [],
    readings: readings.map((reading, index) => ({ id: `r${index + 1}`, ...reading })),
    withdrawnIds: [],
    now: monday('23:00'),
    expected: [],
    ...others,
  };
}

const createExamples = (section: ExampleSection, examples: Readonly<Record<string, ExampleParts>>) =>
  Object.entries(examples).map(([name, parts]) => createExample(section, name, parts));

// ---- examples

const WINDOWS = createExamples('Windows', {
  'Without windows, the opening is always allowed.': {
    rule: { windows: null, maxOpenSeconds: 2 * HOUR },
    readings: [opened(monday('03:00')), closed(monday('04:00'))],
  },
  'An empty list of windows never allows the opening.': {
    rule: { windows: [] },
    readings: [opened(monday('12:00')), closed(monday('12:01'))],
    expected: [alarm('OUTSIDE_HOURS', monday('12:00'), monday('12:00'), monday('12:01'))],
  },
  'A shop that closes at noon: the door stays open after the first window.': {
    rule: { windows: SHOP_HOURS },
    readings: [opened(monday('12:50')), closed(monday('14:00'))],
    expected: [alarm('OUTSIDE_HOURS', monday('12:50'), monday('13:00'), monday('14:00'))],
  },
  'A shop that closes at noon: the door opens before the second window.': {
    rule: { windows: SHOP_HOURS },
    readings: [opened(monday('15:30')), closed(monday('16:30'))],
    expected: [alarm('OUTSIDE_HOURS', monday('15:30'), monday('15:30'), monday('16:30'))],
  },
  'A shop that closes at noon: both windows allow the door.': {
    rule: { windows: SHOP_HOURS },
    readings: [
      opened(monday('09:00')),
      closed(monday('12:59')),
      opened(monday('16:00')),
      closed(monday('20:00')),
    ],
  },
  'A door that is still open when a window ends is too late by the instant of its end.': {
    rule: { windows: SHOP_HOURS },
    readings: [opened(monday('19:00')), closed(monday('20:00:01'))],
    expected: [alarm('OUTSIDE_HOURS', monday('19:00'), monday('20:00'), monday('20:00:01'))],
  },
  'Each window has days: the afternoon of a Saturday is not allowed.': {
    rule: { windows: [window('09:00-13:00', null), AFTERNOON] },
    readings: [
      opened(saturday('10:00')),
      closed(saturday('10:05')),
      opened(saturday('17:00')),
      closed(saturday('17:05')),
    ],
    now: saturday('18:00'),
    expected: [alarm('OUTSIDE_HOURS', saturday('17:00'), saturday('17:00'), saturday('17:05'))],
  },
  'A window without days holds on all seven.': {
    rule: { windows: [window('09:00-13:00', null)] },
    readings: [opened(sunday('10:00')), closed(sunday('10:05'))],
    now: sunday('12:00'),
  },
  'A window with an empty list of days never begins.': {
    rule: { windows: [window('09:00-13:00', [])] },
    readings: [opened(monday('10:00')), closed(monday('10:05'))],
    expected: [alarm('OUTSIDE_HOURS', monday('10:00'), monday('10:00'), monday('10:05'))],
  },
  'A window past midnight belongs to the day on which it starts: Monday 22:00-06:00 allows Tuesday 05:00.': {
    rule: { windows: [window('22:00-06:00', ['MONDAY'])] },
    readings: [opened(tuesday('05:00')), closed(tuesday('05:30'))],
    now: tuesday('12:00'),
  },
  'A window past midnight belongs to the day on which it starts: Monday 22:00-06:00 forbids Monday 05:00.': {
    rule: { windows: [window('22:00-06:00', ['MONDAY'])] },
    readings: [opened(monday('05:00')), closed(monday('05:30'))],
    expected: [alarm('OUTSIDE_HOURS', monday('05:00'), monday('05:00'), monday('05:30'))],
  },
  'Equal times are a whole day: Saturday 08:00-08:00 ends on Sunday at 08:00.': {
    rule: { windows: [window('08:00-08:00', ['SATURDAY'])] },
    readings: [opened(sunday('07:00')), closed(sunday('09:00'))],
    now: sunday('12:00'),
    expected: [alarm('OUTSIDE_HOURS', sunday('07:00'), sunday('08:00'), sunday('09:00'))],
  },
  'Windows that touch act as one.': {
    rule: { windows: [window('09:00-13:00', null), window('13:00-18:00', null)] },
    readings: [opened(monday('12:00')), closed(monday('17:59'))],
  },
  'Windows that overlap act as one.': {
    rule: { windows: [window('13:00-18:00', null), window('09:00-14:00', null)] },
    readings: [opened(monday('12:00')), closed(monday('18:30'))],
    expected: [alarm('OUTSIDE_HOURS', monday('12:00'), monday('18:00'), monday('18:30'))],
  },
  'A start that a zone change skips is later by the gap: 02:30 is 03:30 in Madrid on 29 March 2026.': {
    rule: {
      timeZone: 'Europe/Madrid',
      windows: [window('02:30-08:00', ['SUNDAY'])],
    },
    readings: [opened(madridSummer('2026-03-29 03:29')), closed(madridSummer('2026-03-29 03:40'))],
    now: madridSummer('2026-03-29 12:00'),
    expected: [
      alarm(
        'OUTSIDE_HOURS',
        madridSummer('2026-03-29 03:29'),
        madridSummer('2026-03-29 03:29'),
        madridSummer('2026-03-29 03:40'),
      ),
    ],
  },
  'An end that a zone change repeats is the first: 02:30 in Madrid on 25 October 2026 is in summer time.': {
    rule: { timeZone: 'Europe/Madrid', windows: [window('20:00-02:30', ['SATURDAY'])] },
    readings: [opened(madridSummer('2026-10-25 01:00')), closed(madridWinter('2026-10-25 02:10'))],
    now: madridWinter('2026-10-25 12:00'),
    expected: [
      alarm(
        'OUTSIDE_HOURS',
        madridSummer('2026-10-25 01:00'),
        madridSummer('2026-10-25 02:30'),
        madridWinter('2026-10-25 02:10'),
      ),
    ],
  },
  'A window is empty if its end does not come after its start: 02:15-03:00 in Madrid on 29 March 2026.': {
    rule: { timeZone: 'Europe/Madrid', windows: [window('02:15-03:00', null)] },
    readings: [opened(madridSummer('2026-03-29 03:05')), closed(madridSummer('2026-03-29 03:20'))],
    now: madridSummer('2026-03-29 12:00'),
    expected: [
      alarm(
        'OUTSIDE_HOURS',
        madridSummer('2026-03-29 03:05'),
        madridSummer('2026-03-29 03:05'),
        madridSummer('2026-03-29 03:20'),
      ),
    ],
  },
});

const CALENDARS = createExamples('Calendars', {
  'A date without windows is a closed day: 1 May.': {
    rule: { windows: DAY_HOURS, calendar: { '2026-05-01': [] } },
    readings: [opened(bogota('2026-05-01 10:00')), closed(bogota('2026-05-01 10:30'))],
    now: bogota('2026-05-01 12:00'),
    expected: [
      alarm(
        'OUTSIDE_HOURS',
        bogota('2026-05-01 10:00'),
        bogota('2026-05-01 10:00'),
        bogota('2026-05-01 10:30'),
      ),
    ],
  },
  'A date has its own windows: 24 December until 13:00.': {
    rule: { windows: DAY_HOURS, calendar: { '2026-12-24': [window('09:00-13:00')] } },
    readings: [opened(bogota('2026-12-24 12:50')), closed(bogota('2026-12-24 13:10'))],
    now: bogota('2026-12-24 18:00'),
    expected: [
      alarm(
        'OUTSIDE_HOURS',
        bogota('2026-12-24 12:50'),
        bogota('2026-12-24 13:00'),
        bogota('2026-12-24 13:10'),
      ),
    ],
  },
  'The windows of a date replace all of the rule: 08:30 is before the short day begins.': {
    rule: { windows: DAY_HOURS, calendar: { '2026-12-24': [window('09:00-13:00')] } },
    readings: [opened(bogota('2026-12-24 08:30')), closed(bogota('2026-12-24 08:40'))],
    now: bogota('2026-12-24 18:00'),
    expected: [
      alarm(
        'OUTSIDE_HOURS',
        bogota('2026-12-24 08:30'),
        bogota('2026-12-24 08:30'),
        bogota('2026-12-24 08:40'),
      ),
    ],
  },
  'The windows of a date apply whatever the days of the rule: a Sunday before Christmas.': {
    rule: { windows: SHOP_HOURS, calendar: { '2026-12-20': [window('10:00-18:00')] } },
    readings: [opened(bogota('2026-12-20 10:00')), closed(bogota('2026-12-20 17:59'))],
    now: bogota('2026-12-20 20:00'),
  },
  'A window of the day before is not cut: a bar closes at 03:00 on 1 May.': {
    rule: { windows: [window('20:00-03:00', null)], calendar: { '2026-05-01': [] } },
    readings: [opened(bogota('2026-05-01 02:00')), closed(bogota('2026-05-01 03:30'))],
    now: bogota('2026-05-01 12:00'),
    expected: [
      alarm(
        'OUTSIDE_HOURS',
        bogota('2026-05-01 02:00'),
        bogota('2026-05-01 03:00'),
        bogota('2026-05-01 03:30'),
      ),
    ],
  },
  'The window that starts on the date does not hold: the bar stays closed in the night to 2 May.': {
    rule: { windows: [window('20:00-03:00', null)], calendar: { '2026-05-01': [] } },
    readings: [opened(bogota('2026-05-02 01:00')), closed(bogota('2026-05-02 01:30'))],
    now: bogota('2026-05-02 12:00'),
    expected: [
      alarm(
        'OUTSIDE_HOURS',
        bogota('2026-05-02 01:00'),
        bogota('2026-05-02 01:00'),
        bogota('2026-05-02 01:30'),
      ),
    ],
  },
  'The date is read in the zone of the rule: 1 May begins at 05:00 UTC in Bogotá.': {
    rule: { windows: [window('00:00-00:00', null)], calendar: { '2026-05-01': [] } },
    readings: [opened(Date.parse('2026-05-01T04:30Z')), closed(Date.parse('2026-05-01T05:10Z'))],
    now: bogota('2026-05-01 12:00'),
    expected: [
      alarm(
        'OUTSIDE_HOURS',
        bogota('2026-04-30 23:30'),
        bogota('2026-05-01 00:00'),
        bogota('2026-05-01 00:10'),
      ),
    ],
  },
  'A rule without hours is not affected by its calendar.': {
    rule: {
      windows: null,
      maxOpenSeconds: HOUR,
      calendar: { '2026-03-02': [window('09:00-10:00 by 09:30')] },
    },
    readings: [opened(monday('12:00')), closed(monday('12:30'))],
  },
  'A rule with an empty list of windows has hours: a calendar can allow single days.': {
    rule: { windows: [], calendar: { '2026-03-02': [window('09:00-10:00')] } },
    readings: [
      opened(monday('09:10')),
      closed(monday('09:20')),
      opened(tuesday('09:10')),
      closed(tuesday('09:20')),
    ],
    now: tuesday('12:00'),
    expected: [alarm('OUTSIDE_HOURS', tuesday('09:10'), tuesday('09:10'), tuesday('09:20'))],
  },
  'Dates that are not in the calendar keep the windows of the rule.': {
    rule: { windows: SHOP_HOURS, calendar: { '2026-03-03': [] } },
    readings: [opened(monday('10:00')), closed(monday('10:30'))],
  },
  'A date that a zone leaves out is a day: the windows of 30 December 2011 in Apia are those of the 31st.': {
    rule: {
      timeZone: 'Pacific/Apia',
      from: apiaBeforeChange('2011-12-01 00:00'),
      windows: [window('09:00-17:00', ['FRIDAY'])],
    },
    // The 31st is a Saturday.
    readings: [opened(apiaAfterChange('2011-12-31 10:00')), closed(apiaAfterChange('2011-12-31 17:20'))],
    now: apiaAfterChange('2011-12-31 20:00'),
    expected: [
      alarm(
        'OUTSIDE_HOURS',
        apiaAfterChange('2011-12-31 10:00'),
        apiaAfterChange('2011-12-31 17:00'),
        apiaAfterChange('2011-12-31 17:20'),
      ),
    ],
  },
  'A calendar can name a date that a zone leaves out.': {
    rule: {
      timeZone: 'Pacific/Apia',
      from: apiaBeforeChange('2011-12-01 00:00'),
      windows: [window('09:00-17:00', ['FRIDAY'])],
      calendar: { '2011-12-30': [window('11:00-12:00')] },
    },
    readings: [opened(apiaAfterChange('2011-12-31 10:00')), closed(apiaAfterChange('2011-12-31 11:30'))],
    now: apiaAfterChange('2011-12-31 20:00'),
    expected: [
      alarm(
        'OUTSIDE_HOURS',
        apiaAfterChange('2011-12-31 10:00'),
        apiaAfterChange('2011-12-31 10:00'),
        apiaAfterChange('2011-12-31 11:30'),
      ),
    ],
  },
  'A date that is added at noon counts from noon on: the door has been open since 11:00.': {
    versions: [
      shop({ windows: DAY_HOURS, until: monday('12:00') }),
      shop({ windows: DAY_HOURS, from: monday('12:00'), calendar: { '2026-03-02': [] } }),
    ],
    readings: [opened(monday('11:00')), closed(monday('12:30'))],
    expected: [alarm('OUTSIDE_HOURS', monday('11:00'), monday('12:00'), monday('12:30'))],
  },
  'A date that is removed at noon leaves the alarms of the morning.': {
    versions: [
      shop({ windows: DAY_HOURS, until: monday('12:00'), calendar: { '2026-03-02': [] } }),
      shop({ windows: DAY_HOURS, from: monday('12:00'), calendar: {} }),
    ],
    readings: [
      opened(monday('10:00')),
      closed(monday('10:05')),
      opened(monday('13:00')),
      closed(monday('13:05')),
    ],
    expected: [alarm('OUTSIDE_HOURS', monday('10:00'), monday('10:00'), monday('10:05'))],
  },
});

const EXCEPTIONS = createExamples('Exceptions', {
  'ALLOW: stock-taking tonight, the back door may be open.': {
    rule: { windows: DAY_HOURS },
    exceptions: [allow(monday('20:00'), monday('23:00'))],
    readings: [opened(monday('21:00')), closed(monday('22:00'))],
  },
  'ALLOW acts as one more window: it continues the hours, and ends at 22:00.': {
    rule: { windows: DAY_HOURS },
    exceptions: [allow(monday('20:00'), monday('22:00'))],
    readings: [opened(monday('19:30')), closed(monday('22:15'))],
    expected: [alarm('OUTSIDE_HOURS', monday('19:30'), monday('22:00'), monday('22:15'))],
  },
  'ALLOW holds also for a rule that never allows the opening.': {
    rule: { windows: [] },
    exceptions: [allow(monday('10:00'), monday('11:00'))],
    readings: [opened(monday('10:15')), closed(monday('10:45'))],
  },
  'ALLOW holds on a closed day of the calendar.': {
    rule: { windows: DAY_HOURS, calendar: { '2026-03-02': [] } },
    exceptions: [allow(monday('10:00'), monday('11:00'))],
    readings: [opened(monday('10:15')), closed(monday('10:45'))],
  },
  'ALLOW has no effect on the timer.': {
    rule: { windows: DAY_HOURS, maxOpenSeconds: 15 * MINUTE },
    exceptions: [allow(monday('20:00'), monday('23:00'))],
    readings: [opened(monday('21:00')), closed(monday('22:00'))],
    expected: [alarm('OPEN_TOO_LONG', monday('21:00'), monday('21:15'), monday('22:00'))],
  },
  'ALLOW has no effect on openBy.': {
    rule: { windows: OPEN_BY_HALF_PAST_NINE },
    exceptions: [allow(monday('08:00'), monday('12:00'))],
    readings: [opened(monday('10:00')), closed(monday('17:00'))],
    expected: [alarm('NOT_OPENED', monday('09:00'), monday('09:30'), monday('10:00'))],
  },
  'SUSPEND: nothing is due while the installer is testing.': {
    rule: { windows: [], maxOpenSeconds: 5 * MINUTE },
    exceptions: [suspend(monday('10:00'), monday('11:00'))],
    readings: [opened(monday('10:10')), closed(monday('10:50'))],
  },
  'SUSPEND: an open door that is forbidden is due at its end.': {
    rule: { windows: [] },
    exceptions: [suspend(monday('10:00'), monday('11:00'))],
    readings: [opened(monday('10:10')), closed(monday('11:05'))],
    expected: [alarm('OUTSIDE_HOURS', monday('10:10'), monday('11:00'), monday('11:05'))],
  },
  'SUSPEND: a door that has been open too long is due at its end.': {
    rule: { maxOpenSeconds: 15 * MINUTE },
    exceptions: [suspend(monday('10:00'), monday('11:00'))],
    readings: [opened(monday('09:50')), closed(monday('11:05'))],
    expected: [alarm('OPEN_TOO_LONG', monday('09:50'), monday('11:00'), monday('11:05'))],
  },
  'SUSPEND does not stop the timer: a door that opens at 10:50 is due at 11:05.': {
    rule: { maxOpenSeconds: 15 * MINUTE },
    exceptions: [suspend(monday('10:00'), monday('11:00'))],
    readings: [opened(monday('10:50')), closed(monday('12:00'))],
    expected: [alarm('OPEN_TOO_LONG', monday('10:50'), monday('11:05'), monday('12:00'))],
  },
  'SUSPEND: nothing is due at its end if a window begins at that instant.': {
    rule: { windows: SHOP_HOURS },
    exceptions: [suspend(monday('08:00'), monday('09:00'))],
    readings: [opened(monday('08:30')), closed(monday('12:00'))],
  },
  'SUSPEND: nothing is due at its end if the door closes at that instant.': {
    rule: { windows: [] },
    exceptions: [suspend(monday('08:00'), monday('09:00'))],
    readings: [opened(monday('08:30')), closed(monday('09:00'))],
  },
  'SUSPEND does not include its end: a door that opens then is due at once.': {
    rule: { windows: [] },
    exceptions: [suspend(monday('08:00'), monday('09:00'))],
    readings: [opened(monday('09:00')), closed(monday('09:01'))],
    expected: [alarm('OUTSIDE_HOURS', monday('09:00'), monday('09:00'), monday('09:01'))],
  },
  'SUSPEND: an alarm that was raised before stays, and clears as usual.': {
    rule: { windows: [] },
    exceptions: [suspend(monday('10:00'), monday('11:00'))],
    readings: [opened(monday('09:55')), closed(monday('10:30'))],
    expected: [alarm('OUTSIDE_HOURS', monday('09:55'), monday('09:55'), monday('10:30'))],
  },
  'SUSPEND: periods that touch act as one.': {
    rule: { windows: [] },
    exceptions: [suspend(monday('11:00'), monday('12:00')), suspend(monday('10:00'), monday('11:00'))],
    readings: [opened(monday('10:10')), closed(monday('12:30'))],
    expected: [alarm('OUTSIDE_HOURS', monday('10:10'), monday('12:00'), monday('12:30'))],
  },
  'SUSPEND: periods that overlap act as one.': {
    rule: { maxOpenSeconds: 15 * MINUTE },
    exceptions: [suspend(monday('10:00'), monday('13:00')), suspend(monday('10:30'), monday('11:00'))],
    readings: [opened(monday('10:10')), closed(monday('13:30'))],
    expected: [alarm('OPEN_TOO_LONG', monday('10:10'), monday('13:00'), monday('13:30'))],
  },
  'A cancelled SUSPEND ends at the instant of cancelling: planned until 18:00, cancelled at 14:00.': {
    rule: { windows: [] },
    exceptions: [suspend(monday('10:00'), monday('14:00'))],
    readings: [opened(monday('13:00')), closed(monday('15:00'))],
    expected: [alarm('OUTSIDE_HOURS', monday('13:00'), monday('14:00'), monday('15:00'))],
  },
  'A SUSPEND that is cancelled before it begins has no effect.': {
    rule: { windows: [] },
    exceptions: [suspend(monday('10:00'), monday('09:00'))],
    readings: [opened(monday('09:30')), closed(monday('09:40'))],
    expected: [alarm('OUTSIDE_HOURS', monday('09:30'), monday('09:30'), monday('09:40'))],
  },
  'A late reading is judged with the exceptions: it says that the door opened in a SUSPEND.': {
    rule: { windows: [] },
    exceptions: [suspend(monday('10:00'), monday('11:00'))],
    readings: [closed(monday('12:00')), closed(monday('10:40')), opened(monday('10:20'))],
  },
  'Nothing is due at the end of a SUSPEND if the rule is disabled before.': {
    versions: [
      shop({ windows: [], until: monday('10:30') }),
      shop({ windows: [], from: monday('10:30'), enabled: false }),
    ],
    exceptions: [suspend(monday('10:00'), monday('11:00'))],
    readings: [opened(monday('10:10'))],
  },
});

const GRACE = createExamples('Grace', {
  'Five minutes of grace: the door closes at 20:04.': {
    rule: { windows: DAY_HOURS, graceSeconds: 5 * MINUTE },
    readings: [opened(monday('19:00')), closed(monday('20:04'))],
  },
  'Five minutes of grace: the door is still open at 20:05.': {
    rule: { windows: DAY_HOURS, graceSeconds: 5 * MINUTE },
    readings: [opened(monday('19:00')), closed(monday('20:10'))],
    expected: [alarm('OUTSIDE_HOURS', monday('19:00'), monday('20:05'), monday('20:10'))],
  },
  'A door that closes at the end of the grace raises nothing.': {
    rule: { windows: DAY_HOURS, graceSeconds: 5 * MINUTE },
    readings: [opened(monday('19:00')), closed(monday('20:05'))],
  },
  'A door that opens at night has the grace, too.': {
    rule: { windows: DAY_HOURS, graceSeconds: 5 * MINUTE },
    readings: [opened(monday('03:00')), closed(monday('03:20'))],
    expected: [alarm('OUTSIDE_HOURS', monday('03:00'), monday('03:05'), monday('03:20'))],
  },
  'The grace counts without a break: the door closes for half a minute.': {
    rule: { windows: DAY_HOURS, graceSeconds: 5 * MINUTE },
    readings: [
      opened(monday('19:50')),
      closed(monday('20:04')),
      opened(monday('20:04:30')),
      closed(monday('20:09')),
    ],
  },
  'A window that begins at the end of the grace does not prevent the alarm.': {
    rule: {
      windows: [window('09:00-13:00', null), window('13:15-20:00', null)],
      graceSeconds: 15 * MINUTE,
    },
    readings: [opened(monday('12:00')), closed(monday('14:00'))],
    expected: [alarm('OUTSIDE_HOURS', monday('12:00'), monday('13:15'), monday('14:00'))],
  },
  'A break that is shorter than the grace does not count: the evening does.': {
    rule: {
      windows: [window('09:00-13:00', null), window('13:10-20:00', null)],
      graceSeconds: 15 * MINUTE,
    },
    readings: [opened(monday('12:00')), closed(monday('20:30'))],
    expected: [alarm('OUTSIDE_HOURS', monday('12:00'), monday('20:15'), monday('20:30'))],
  },
  'The grace counts from the beginning of a version.': {
    rule: { windows: DAY_HOURS, graceSeconds: 5 * MINUTE, from: monday('20:03') },
    readings: [opened(monday('19:00')), closed(monday('20:30'))],
    expected: [alarm('OUTSIDE_HOURS', monday('19:00'), monday('20:08'), monday('20:30'))],
  },
  'The grace counts anew after ALLOW.': {
    rule: { windows: DAY_HOURS, graceSeconds: 5 * MINUTE },
    exceptions: [allow(monday('20:03'), monday('20:30'))],
    readings: [opened(monday('19:00')), closed(monday('21:00'))],
    expected: [alarm('OUTSIDE_HOURS', monday('19:00'), monday('20:35'), monday('21:00'))],
  },
  'The grace ends in a SUSPEND: the alarm is due at its end.': {
    rule: { windows: DAY_HOURS, graceSeconds: 5 * MINUTE },
    exceptions: [suspend(monday('20:04'), monday('20:30'))],
    readings: [opened(monday('19:00')), closed(monday('21:00'))],
    expected: [alarm('OUTSIDE_HOURS', monday('19:00'), monday('20:30'), monday('21:00'))],
  },
  'The grace goes on in a SUSPEND that ends before it.': {
    rule: { windows: DAY_HOURS, graceSeconds: 5 * MINUTE },
    exceptions: [suspend(monday('20:01'), monday('20:03'))],
    readings: [opened(monday('19:00')), closed(monday('21:00'))],
    expected: [alarm('OUTSIDE_HOURS', monday('19:00'), monday('20:05'), monday('21:00'))],
  },
  'The grace ends with a SUSPEND: the alarm is due at that instant.': {
    rule: {
      windows: [window('09:00-13:00', null), window('13:15-20:00', null)],
      graceSeconds: 15 * MINUTE,
    },
    exceptions: [suspend(monday('12:30'), monday('13:15'))],
    readings: [opened(monday('12:00')), closed(monday('14:00'))],
    expected: [alarm('OUTSIDE_HOURS', monday('12:00'), monday('13:15'), monday('14:00'))],
  },
  'The door is allowed again when the SUSPEND ends: the next forbidden time is judged.': {
    rule: { windows: [window('09:00-13:00', null), window('14:00-20:00', null)], graceSeconds: 5 * MINUTE },
    exceptions: [suspend(monday('13:02'), monday('15:00'))],
    readings: [opened(monday('12:00')), closed(monday('20:30'))],
    expected: [alarm('OUTSIDE_HOURS', monday('12:00'), monday('20:05'), monday('20:30'))],
  },
  'The door is allowed again from the end of the SUSPEND on.': {
    rule: { windows: [window('09:00-13:00', null), window('14:00-20:00', null)], graceSeconds: 5 * MINUTE },
    exceptions: [suspend(monday('13:02'), monday('14:00'))],
    readings: [opened(monday('12:00')), closed(monday('14:30'))],
  },
  'The grace does not delay the timer.': {
    rule: { windows: [], graceSeconds: 30 * MINUTE, maxOpenSeconds: 10 * MINUTE },
    readings: [opened(monday('10:00')), closed(monday('10:20'))],
    expected: [alarm('OPEN_TOO_LONG', monday('10:00'), monday('10:10'), monday('10:20'))],
  },
});

const ACTIVE_WINDOWS = createExamples('Active windows', {
  'Two minutes at night: what is still open at 22:00 is due then.': {
    rule: { activeWindows: NIGHT, maxOpenSeconds: 2 * MINUTE },
    readings: [opened(monday('20:00')), closed(monday('22:30'))],
    expected: [alarm('OPEN_TOO_LONG', monday('20:00'), monday('22:00'), monday('22:30'))],
  },
  'Two minutes at night: the time before 22:00 counts.': {
    rule: { activeWindows: NIGHT, maxOpenSeconds: 2 * MINUTE },
    readings: [opened(monday('21:59:30')), closed(monday('22:30'))],
    expected: [alarm('OPEN_TOO_LONG', monday('21:59:30'), monday('22:01:30'), monday('22:30'))],
  },
  'Two minutes at night: nothing is due by day.': {
    rule: { activeWindows: NIGHT, maxOpenSeconds: 2 * MINUTE },
    readings: [opened(monday('06:00')), closed(monday('21:59'))],
  },
  'The instant at which an active window ends is outside: the alarm is due when the next one begins.': {
    rule: { activeWindows: [window('08:00-09:00', null), window('20:00-21:00', null)], maxOpenSeconds: HOUR },
    readings: [opened(monday('08:00')), closed(monday('20:10'))],
    expected: [alarm('OPEN_TOO_LONG', monday('08:00'), monday('20:00'), monday('20:10'))],
  },
  'An alarm clears also outside the active windows.': {
    rule: { activeWindows: [window('08:00-09:00', null)], maxOpenSeconds: 2 * MINUTE },
    readings: [opened(monday('08:50')), closed(monday('12:00'))],
    expected: [alarm('OPEN_TOO_LONG', monday('08:50'), monday('08:52'), monday('12:00'))],
  },
  'One interval raises one alarm, also in two active windows.': {
    rule: { activeWindows: [window('08:00-09:00', null), window('20:00-21:00', null)], windows: [] },
    readings: [opened(monday('07:00')), closed(monday('22:00'))],
    expected: [alarm('OUTSIDE_HOURS', monday('07:00'), monday('08:00'), monday('22:00'))],
  },
  'A rule that begins in an active window judges from its beginning on.': {
    rule: { activeWindows: NIGHT, maxOpenSeconds: 2 * MINUTE, from: monday('22:15') },
    readings: [opened(monday('20:00')), closed(monday('22:30'))],
    expected: [alarm('OPEN_TOO_LONG', monday('20:00'), monday('22:15'), monday('22:30'))],
  },
  'Active windows that touch are merged: silence does not count anew at midnight.': {
    rule: {
      from: monday('18:00'),
      activeWindows: [window('20:00-00:00', null), window('00:00-06:00', null)],
      silentAfterSeconds: 5 * HOUR,
    },
    readings: [closed(monday('19:00'))],
    now: tuesday('05:00'),
    expected: [alarm('SILENT', monday('19:00'), tuesday('01:00'), Infinity)],
  },
  'A limit that is longer than the active window never fires.': {
    rule: {
      from: monday('18:00'),
      activeWindows: [window('20:00-22:00', null)],
      silentAfterSeconds: 3 * HOUR,
    },
    readings: [closed(monday('18:30'))],
    now: tuesday('23:00'),
  },
  'Silence counts anew in each active window.': {
    rule: { from: monday('18:00'), activeWindows: NIGHT, silentAfterSeconds: HOUR },
    readings: [closed(monday('18:30'))],
    expected: [alarm('SILENT', monday('18:30'), monday('23:00'), Infinity)],
  },
  'The grace counts anew in each active window.': {
    rule: { windows: [], graceSeconds: 10 * MINUTE, activeWindows: NIGHT },
    readings: [opened(monday('21:55')), closed(monday('22:30'))],
    expected: [alarm('OUTSIDE_HOURS', monday('21:55'), monday('22:10'), monday('22:30'))],
  },
  'openBy counts only if it is inside an active window.': {
    rule: {
      windows: [window('09:00-12:00 by 09:30', null), window('16:00-20:00 by 16:30', null)],
      activeWindows: [window('12:00-18:00', null)],
    },
    expected: [alarm('NOT_OPENED', monday('16:00'), monday('16:30'), monday('20:00'))],
  },
  'A sensor that is opened by day is reported when the active window begins.': {
    rule: { onTamper: true, activeWindows: NIGHT },
    readings: [tampered(monday('15:00'), true)],
    expected: [alarm('TAMPERED', monday('15:00'), monday('22:00'), Infinity)],
  },
  'An empty list: the rule is never in force.': {
    rule: { windows: [], maxOpenSeconds: MINUTE, activeWindows: [] },
    readings: [opened(monday('10:00'))],
  },
  'A calendar does not change the active windows.': {
    rule: {
      windows: DAY_HOURS,
      calendar: { '2026-03-02': [] },
      activeWindows: [window('10:00-12:00', null)],
    },
    readings: [opened(monday('09:00')), closed(monday('11:00'))],
    expected: [alarm('OUTSIDE_HOURS', monday('09:00'), monday('10:00'), monday('11:00'))],
  },
});

const SILENT_SENSORS = createExamples('Silent sensors', {
  'A sensor that is heard every hour stops at 10:00 and is back at 15:00.': {
    rule: { from: monday('08:00'), silentAfterSeconds: 2 * HOUR },
    readings: ['08:00', '09:00', '10:00', '15:00'].map((time) => closed(monday(time))),
    now: monday('16:00'),
    expected: [alarm('SILENT', monday('10:00'), monday('12:00'), monday('15:00'))],
  },
  'A sensor that has not come back is silent still.': {
    rule: { from: monday('08:00'), silentAfterSeconds: 2 * HOUR },
    readings: [closed(monday('08:00'))],
    now: monday('16:00'),
    expected: [alarm('SILENT', monday('08:00'), monday('10:00'), Infinity)],
  },
  'A reading at the instant of the limit prevents the alarm.': {
    rule: { from: monday('08:00'), silentAfterSeconds: 2 * HOUR },
    readings: [closed(monday('08:00')), closed(monday('10:00'))],
    now: monday('11:00'),
  },
  'Every reading is a sign of life, whatever it says.': {
    rule: { from: monday('08:00'), silentAfterSeconds: 2 * HOUR },
    readings: [
      closed(monday('08:00')),
      opened(monday('09:30')),
      batteryLow(monday('11:00'), false),
      tampered(monday('12:30'), false),
    ],
    now: monday('14:00'),
  },
  'Several readings at one instant end and begin one silence.': {
    rule: { from: monday('08:00'), silentAfterSeconds: 2 * HOUR },
    readings: [
      opened(monday('08:00')),
      closed(monday('08:00')),
      opened(monday('12:00')),
      closed(monday('12:00')),
    ],
    now: monday('13:00'),
    expected: [alarm('SILENT', monday('08:00'), monday('10:00'), monday('12:00'))],
  },
  'Silence counts from the beginning of the rule: the last reading is from the day before.': {
    rule: { from: monday('09:00'), silentAfterSeconds: 2 * HOUR },
    readings: [closed(bogota('2026-03-01 20:00'))],
    now: monday('12:00'),
    expected: [alarm('SILENT', monday('09:00'), monday('11:00'), Infinity)],
  },
  'A sensor that has never been heard is silent from the beginning of the rule on.': {
    rule: { from: monday('09:00'), silentAfterSeconds: 2 * HOUR },
    now: monday('12:00'),
    expected: [alarm('SILENT', monday('09:00'), monday('11:00'), Infinity)],
  },
  'The first reading of a sensor clears its silence.': {
    rule: { from: monday('09:00'), silentAfterSeconds: 2 * HOUR },
    readings: [closed(monday('11:45'))],
    now: monday('12:00'),
    expected: [alarm('SILENT', monday('09:00'), monday('11:00'), monday('11:45'))],
  },
  'A silence that is due in a SUSPEND is due at its end.': {
    rule: { from: monday('08:00'), silentAfterSeconds: 2 * HOUR },
    exceptions: [suspend(monday('09:00'), monday('12:00'))],
    readings: [closed(monday('08:00')), closed(monday('13:00'))],
    now: monday('14:00'),
    expected: [alarm('SILENT', monday('08:00'), monday('12:00'), monday('13:00'))],
  },
  'A silence that ends in a SUSPEND raises nothing.': {
    rule: { from: monday('08:00'), silentAfterSeconds: 2 * HOUR },
    exceptions: [suspend(monday('09:00'), monday('12:00'))],
    readings: [closed(monday('08:00')), closed(monday('12:00'))],
    now: monday('13:00'),
  },
  'A new version counts anew.': {
    versions: [
      shop({ from: monday('08:00'), until: monday('09:30'), silentAfterSeconds: 2 * HOUR }),
      shop({ from: monday('09:30'), silentAfterSeconds: HOUR }),
    ],
    readings: [closed(monday('08:00'))],
    now: monday('12:00'),
    expected: [alarm('SILENT', monday('08:00'), monday('10:30'), Infinity)],
  },
  'One silence raises one alarm, also if it is due in two versions.': {
    versions: [
      shop({ from: monday('08:00'), until: monday('11:00'), silentAfterSeconds: 2 * HOUR }),
      shop({ from: monday('11:00'), silentAfterSeconds: HOUR }),
    ],
    readings: [closed(monday('08:00')), closed(monday('15:00'))],
    now: monday('15:30'),
    expected: [alarm('SILENT', monday('08:00'), monday('10:00'), monday('15:00'))],
  },
  'A silence that began before the rule begins with its first version, even if a later one watches it.': {
    versions: [
      shop({ from: monday('08:00'), until: monday('09:00'), windows: DAY_HOURS }),
      shop({ from: monday('09:00'), windows: DAY_HOURS, silentAfterSeconds: 2 * HOUR }),
    ],
    now: monday('12:00'),
    expected: [alarm('SILENT', monday('08:00'), monday('11:00'), Infinity)],
  },
  'A silence is not due at the end of a version.': {
    versions: [
      shop({ from: monday('08:00'), until: monday('10:00'), silentAfterSeconds: 2 * HOUR }),
      shop({ from: monday('10:00'), enabled: false, silentAfterSeconds: 2 * HOUR }),
    ],
    readings: [closed(monday('08:00'))],
    now: monday('14:00'),
  },
  'A late reading moves the beginning of a silence, which is still too long.': {
    rule: { from: monday('08:00'), silentAfterSeconds: 2 * HOUR },
    readings: [closed(monday('08:00')), closed(monday('13:00')), closed(monday('08:30'))],
    now: monday('14:00'),
    expected: [alarm('SILENT', monday('08:30'), monday('10:30'), monday('13:00'))],
  },
  'A late reading that fills the gap retracts the alarm.': {
    rule: { from: monday('08:00'), silentAfterSeconds: 2 * HOUR },
    readings: [closed(monday('08:00')), closed(monday('11:30')), closed(monday('09:45'))],
    now: monday('12:00'),
  },
  'A late reading from before the rule changes nothing.': {
    rule: { from: monday('09:00'), silentAfterSeconds: 2 * HOUR },
    readings: [closed(monday('12:00')), closed(monday('08:00'))],
    now: monday('13:00'),
    expected: [alarm('SILENT', monday('09:00'), monday('11:00'), monday('12:00'))],
  },
});

const LATE_TO_OPEN = createExamples('Late to open', {
  'Nobody has opened by 09:30; the shop opens at 10:05.': {
    rule: { windows: OPEN_BY_HALF_PAST_NINE },
    readings: [opened(monday('10:05')), closed(monday('18:00'))],
    expected: [alarm('NOT_OPENED', monday('09:00'), monday('09:30'), monday('10:05'))],
  },
  'Nobody opens at all: the alarm clears when the window ends.': {
    rule: { windows: OPEN_BY_HALF_PAST_NINE },
    expected: [alarm('NOT_OPENED', monday('09:00'), monday('09:30'), monday('18:00'))],
  },
  'The shop opens in time, if only for a moment.': {
    rule: { windows: OPEN_BY_HALF_PAST_NINE },
    readings: [opened(monday('09:10')), closed(monday('09:11'))],
  },
  'The shop is open already when the window begins.': {
    rule: { windows: OPEN_BY_HALF_PAST_NINE },
    readings: [opened(monday('08:50')), closed(monday('09:05'))],
    expected: [alarm('OUTSIDE_HOURS', monday('08:50'), monday('08:50'), monday('09:05'))],
  },
  'A door that closes when the window begins was not open in it.': {
    rule: { windows: OPEN_BY_HALF_PAST_NINE, graceSeconds: HOUR },
    readings: [opened(monday('08:30')), closed(monday('09:00'))],
    expected: [alarm('NOT_OPENED', monday('09:00'), monday('09:30'), monday('18:00'))],
  },
  'A door that opens at the instant of openBy is in time.': {
    rule: { windows: OPEN_BY_HALF_PAST_NINE },
    readings: [opened(monday('09:30')), closed(monday('17:00'))],
  },
  'A door that opens and closes at one instant was open.': {
    rule: { windows: OPEN_BY_HALF_PAST_NINE },
    readings: [opened(monday('09:00')), closed(monday('09:00'))],
  },
  'A door that opens and closes at the instant of openBy was open in time.': {
    rule: { windows: OPEN_BY_HALF_PAST_NINE },
    readings: [opened(monday('09:30')), closed(monday('09:30'))],
  },
  'A door that opens and closes at one instant clears the alarm.': {
    rule: { windows: OPEN_BY_HALF_PAST_NINE },
    readings: [opened(monday('11:00')), closed(monday('11:00'))],
    expected: [alarm('NOT_OPENED', monday('09:00'), monday('09:30'), monday('11:00'))],
  },
  'openBy may be the start of the window: the door must be open when it begins.': {
    rule: { windows: [window('09:00-18:00 by 09:00', null)] },
    readings: [opened(monday('09:01')), closed(monday('17:00'))],
    expected: [alarm('NOT_OPENED', monday('09:00'), monday('09:00'), monday('09:01'))],
  },
  'openBy may be the end of the window: the alarm is raised and cleared at that instant.': {
    rule: { windows: [window('09:00-18:00 by 18:00', null)] },
    expected: [alarm('NOT_OPENED', monday('09:00'), monday('18:00'), monday('18:00'))],
  },
  'openBy may be on the next day: the night shift from Monday 22:00 by 02:00.': {
    rule: { windows: [window('22:00-06:00 by 02:00', ['MONDAY'])] },
    now: tuesday('12:00'),
    expected: [alarm('NOT_OPENED', monday('22:00'), tuesday('02:00'), tuesday('06:00'))],
  },
  'Each window has its own openBy.': {
    rule: { windows: [window('09:00-13:00 by 09:30', null), window('16:00-20:00 by 16:15', null)] },
    readings: [
      opened(monday('09:20')),
      closed(monday('12:00')),
      opened(monday('16:20')),
      closed(monday('19:00')),
    ],
    expected: [alarm('NOT_OPENED', monday('16:00'), monday('16:15'), monday('16:20'))],
  },
  'Nobody need open on a closed day of the calendar.': {
    rule: { windows: OPEN_BY_HALF_PAST_NINE, calendar: { '2026-03-02': [] } },
  },
  'A window of the calendar may have openBy.': {
    rule: { windows: OPEN_BY_HALF_PAST_NINE, calendar: { '2026-03-02': [window('11:00-14:00 by 11:10')] } },
    expected: [alarm('NOT_OPENED', monday('11:00'), monday('11:10'), monday('14:00'))],
  },
  'openBy inside a SUSPEND raises nothing, also not at its end.': {
    rule: { windows: OPEN_BY_HALF_PAST_NINE },
    exceptions: [suspend(monday('09:00'), monday('10:00'))],
    readings: [opened(monday('12:00')), closed(monday('17:00'))],
  },
  'openBy at the end of a SUSPEND is outside it.': {
    rule: { windows: OPEN_BY_HALF_PAST_NINE },
    exceptions: [suspend(monday('09:00'), monday('09:30'))],
    readings: [opened(monday('12:00')), closed(monday('17:00'))],
    expected: [alarm('NOT_OPENED', monday('09:00'), monday('09:30'), monday('12:00'))],
  },
  'A window that began before the rule counts if its openBy does not lie before the rule.': {
    rule: { windows: OPEN_BY_HALF_PAST_NINE, from: monday('09:30') },
    readings: [opened(monday('12:00')), closed(monday('17:00'))],
    expected: [alarm('NOT_OPENED', monday('09:00'), monday('09:30'), monday('12:00'))],
  },
  'A door that was open before the rule began, but in the window, was open in time.': {
    rule: { windows: OPEN_BY_HALF_PAST_NINE, from: monday('09:20') },
    readings: [opened(monday('09:05')), closed(monday('09:10'))],
  },
  'A rule that begins after openBy raises nothing that day.': {
    rule: { windows: OPEN_BY_HALF_PAST_NINE, from: monday('09:31') },
  },
  'A version that ends at openBy raises nothing.': {
    versions: [
      shop({ windows: OPEN_BY_HALF_PAST_NINE, until: monday('09:30') }),
      shop({ windows: OPEN_BY_HALF_PAST_NINE, from: monday('09:30'), enabled: false }),
    ],
  },
  'openBy is moved on while the window lasts: the first alarm counts.': {
    versions: [
      shop({ windows: OPEN_BY_HALF_PAST_NINE, until: monday('10:00') }),
      shop({ windows: [window('09:00-17:00 by 10:30', null)], from: monday('10:00') }),
    ],
    expected: [alarm('NOT_OPENED', monday('09:00'), monday('09:30'), monday('18:00'))],
  },
  'Of two windows that start together, the earlier openBy counts.': {
    rule: { windows: [window('09:00-18:00 by 10:00', null), window('09:00-20:00 by 09:30', null)] },
    expected: [alarm('NOT_OPENED', monday('09:00'), monday('09:30'), monday('20:00'))],
  },
  'Of two windows that start together with one openBy, the earlier end counts.': {
    rule: { windows: [window('09:00-18:00 by 09:30', null), window('09:00-12:00 by 09:30', null)] },
    expected: [alarm('NOT_OPENED', monday('09:00'), monday('09:30'), monday('12:00'))],
  },
  'Windows that overlap are not merged for openBy.': {
    rule: { windows: [window('08:00-18:00 by 08:30', null), window('09:00-13:00 by 09:30', null)] },
    readings: [opened(monday('11:00')), closed(monday('12:00'))],
    expected: [
      alarm('NOT_OPENED', monday('08:00'), monday('08:30'), monday('11:00')),
      alarm('NOT_OPENED', monday('09:00'), monday('09:30'), monday('11:00')),
    ],
  },
  'A late reading retracts the alarm: the door was open in time.': {
    rule: { windows: OPEN_BY_HALF_PAST_NINE },
    readings: [
      opened(monday('10:05')),
      closed(monday('18:00')),
      closed(monday('09:20')),
      opened(monday('09:15')),
    ],
  },
  'An openBy that a zone change skips is later by the gap: 02:30 is 03:30 in Madrid on 29 March 2026.': {
    rule: {
      timeZone: 'Europe/Madrid',
      from: madridWinter('2026-03-29 00:00'),
      windows: [window('01:00-10:00 by 02:30', null)],
    },
    now: madridSummer('2026-03-29 12:00'),
    expected: [
      alarm(
        'NOT_OPENED',
        madridWinter('2026-03-29 01:00'),
        madridSummer('2026-03-29 03:30'),
        madridSummer('2026-03-29 10:00'),
      ),
    ],
  },
  'An openBy that a zone change moves past the end of its window raises nothing.': {
    rule: {
      timeZone: 'Europe/Madrid',
      from: madridWinter('2026-03-29 00:00'),
      windows: [window('01:00-03:00 by 02:30', null)],
    },
    now: madridSummer('2026-03-29 12:00'),
  },
  'A window that a zone change makes empty raises nothing: 02:00-03:00 in Madrid on 29 March 2026.': {
    rule: {
      timeZone: 'Europe/Madrid',
      from: madridWinter('2026-03-29 00:00'),
      windows: [window('02:00-03:00 by 02:00', null)],
    },
    now: madridSummer('2026-03-29 12:00'),
  },
});

const LATE_AND_WITHDRAWN = createExamples('Late and withdrawn readings', {
  'A late OPEN reading moves the beginning of an interval, and its alarm with it.': {
    rule: { windows: [], maxOpenSeconds: 15 * MINUTE },
    readings: [opened(monday('10:00')), closed(monday('10:30')), opened(monday('09:58'))],
    expected: [
      alarm('OUTSIDE_HOURS', monday('09:58'), monday('09:58'), monday('10:30')),
      alarm('OPEN_TOO_LONG', monday('09:58'), monday('10:13'), monday('10:30')),
    ],
  },
  'A second OPEN reading at the same instant changes nothing.': {
    rule: { windows: [] },
    readings: [opened(monday('10:00')), opened(monday('10:00')), closed(monday('10:30'))],
    expected: [alarm('OUTSIDE_HOURS', monday('10:00'), monday('10:00'), monday('10:30'))],
  },
  'A late OPEN reading moves the beginning of an interval into the hours: raisedAt moves, too.': {
    rule: { windows: DAY_HOURS },
    readings: [opened(monday('20:10')), closed(monday('20:30')), opened(monday('19:50'))],
    expected: [alarm('OUTSIDE_HOURS', monday('19:50'), monday('20:00'), monday('20:30'))],
  },
  'A late CLOSED reading retracts the alarm: the door was not open too long.': {
    rule: { maxOpenSeconds: 15 * MINUTE },
    readings: [opened(monday('10:00')), closed(monday('10:30')), closed(monday('10:05'))],
  },
  'Readings end as if all had arrived in order.': {
    rule: { windows: [] },
    readings: [
      closed(monday('11:10')),
      opened(monday('11:00')),
      closed(monday('10:10')),
      opened(monday('10:00')),
    ],
    expected: [
      alarm('OUTSIDE_HOURS', monday('10:00'), monday('10:00'), monday('10:10')),
      alarm('OUTSIDE_HOURS', monday('11:00'), monday('11:00'), monday('11:10')),
    ],
  },
  'An OPEN reading is withdrawn: its alarm is retracted.': {
    rule: { windows: [] },
    readings: [opened(monday('10:00')), closed(monday('10:10'))],
    withdrawnIds: ['r1'],
  },
  'A CLOSED reading is withdrawn: the door is open until the next one.': {
    rule: { maxOpenSeconds: 15 * MINUTE },
    readings: [opened(monday('10:00')), closed(monday('10:10')), closed(monday('10:40'))],
    withdrawnIds: ['r2'],
    expected: [alarm('OPEN_TOO_LONG', monday('10:00'), monday('10:15'), monday('10:40'))],
  },
  'The first of two OPEN readings is withdrawn: the interval begins with the second.': {
    rule: { windows: [] },
    readings: [opened(monday('10:00')), opened(monday('10:05')), closed(monday('10:10'))],
    withdrawnIds: ['r1'],
    expected: [alarm('OUTSIDE_HOURS', monday('10:05'), monday('10:05'), monday('10:10'))],
  },
  'The id of a withdrawn reading stays used: another reading with it is a duplicate.': {
    rule: { windows: [] },
    readings: [
      { ...opened(monday('10:00')), id: 'front-1' },
      { ...opened(monday('11:00')), id: 'front-1' },
    ],
    withdrawnIds: ['front-1'],
  },
  'A withdrawn reading is no sign of life.': {
    rule: { from: monday('08:00'), silentAfterSeconds: 2 * HOUR },
    readings: [closed(monday('08:00')), closed(monday('09:00'))],
    withdrawnIds: ['r2'],
    now: monday('12:00'),
    expected: [alarm('SILENT', monday('08:00'), monday('10:00'), Infinity)],
  },
  'A withdrawn reading did not open the door in time.': {
    rule: { windows: OPEN_BY_HALF_PAST_NINE },
    readings: [opened(monday('09:10')), closed(monday('09:20')), opened(monday('10:00'))],
    withdrawnIds: ['r1'],
    now: monday('11:00'),
    expected: [alarm('NOT_OPENED', monday('09:00'), monday('09:30'), monday('10:00'))],
  },
  'A withdrawn reading takes back all that it says.': {
    rule: { windows: [], onTamper: true, onBatteryLow: true },
    readings: [{ at: monday('10:00'), state: 'OPEN', tampered: true, batteryLow: true }],
    withdrawnIds: ['r1'],
  },
  'A duplicate is not recorded, whatever it says.': {
    rule: { windows: [] },
    readings: [
      { ...opened(monday('10:00')), id: 'front-1' },
      { ...closed(monday('10:05')), id: 'front-1' },
    ],
    expected: [alarm('OUTSIDE_HOURS', monday('10:00'), monday('10:00'), Infinity)],
  },
});

const TAMPER_AND_BATTERY = createExamples('Tamper and battery', {
  'A sensor is opened, and closed again.': {
    rule: { onTamper: true },
    readings: [tampered(monday('10:00'), true), tampered(monday('10:20'), false)],
    expected: [alarm('TAMPERED', monday('10:00'), monday('10:00'), monday('10:20'))],
  },
  'A battery is low until it is replaced.': {
    rule: { onBatteryLow: true },
    readings: [batteryLow(monday('10:00'), true), batteryLow(monday('15:00'), false)],
    expected: [alarm('BATTERY_LOW', monday('10:00'), monday('10:00'), monday('15:00'))],
  },
  'A rule watches only what it names.': {
    rule: { onBatteryLow: true },
    readings: [tampered(monday('10:00'), true), opened(monday('10:05'))],
  },
  'A reading that does not mention a signal says nothing about it.': {
    rule: { onBatteryLow: true },
    readings: [batteryLow(monday('10:00'), true), opened(monday('11:00')), closed(monday('11:05'))],
    expected: [alarm('BATTERY_LOW', monday('10:00'), monday('10:00'), Infinity)],
  },
  'A reading without a state neither opens nor closes the door.': {
    rule: { windows: [] },
    readings: [opened(monday('10:00')), tampered(monday('10:05'), false), closed(monday('10:10'))],
    expected: [alarm('OUTSIDE_HOURS', monday('10:00'), monday('10:00'), monday('10:10'))],
  },
  'One reading may say all three.': {
    rule: { windows: [], onTamper: true, onBatteryLow: true },
    readings: [
      { at: monday('10:00'), state: 'OPEN', tampered: true, batteryLow: true },
      { at: monday('10:05'), state: 'CLOSED', tampered: false },
    ],
    expected: [
      alarm('OUTSIDE_HOURS', monday('10:00'), monday('10:00'), monday('10:05')),
      alarm('TAMPERED', monday('10:00'), monday('10:00'), monday('10:05')),
      alarm('BATTERY_LOW', monday('10:00'), monday('10:00'), Infinity),
    ],
  },
  'A signal that is repeated begins nothing new.': {
    rule: { onTamper: true },
    readings: [
      tampered(monday('10:00'), true),
      tampered(monday('10:10'), true),
      tampered(monday('10:20'), false),
    ],
    expected: [alarm('TAMPERED', monday('10:00'), monday('10:00'), monday('10:20'))],
  },
  'A signal that ends without having begun ends nothing.': {
    rule: { onTamper: true },
    readings: [tampered(monday('10:00'), false)],
  },
  'A signal that begins and ends at one instant raises nothing.': {
    rule: { onTamper: true },
    readings: [tampered(monday('10:00'), true), tampered(monday('10:00'), false)],
  },
  'A signal that ends and begins at one instant has two intervals.': {
    rule: { onTamper: true },
    readings: [
      tampered(monday('09:00'), true),
      tampered(monday('10:00'), true),
      tampered(monday('10:00'), false),
    ],
    expected: [
      alarm('TAMPERED', monday('09:00'), monday('09:00'), monday('10:00')),
      alarm('TAMPERED', monday('10:00'), monday('10:00'), Infinity),
    ],
  },
  'What is still so when a rule begins is due then.': {
    rule: { onTamper: true, onBatteryLow: true, from: monday('12:00') },
    readings: [
      tampered(monday('10:00'), true),
      tampered(monday('11:00'), false),
      batteryLow(monday('10:00'), true),
    ],
    expected: [alarm('BATTERY_LOW', monday('10:00'), monday('12:00'), Infinity)],
  },
  'A signal that begins in a SUSPEND is due at its end.': {
    rule: { onTamper: true },
    exceptions: [suspend(monday('09:00'), monday('12:00'))],
    readings: [tampered(monday('10:00'), true)],
    expected: [alarm('TAMPERED', monday('10:00'), monday('12:00'), Infinity)],
  },
  'A signal that ends in a SUSPEND raises nothing.': {
    rule: { onTamper: true },
    exceptions: [suspend(monday('09:00'), monday('12:00'))],
    readings: [tampered(monday('10:00'), true), tampered(monday('11:00'), false)],
  },
});

const VERSIONS_AND_CLOCK = createExamples('Versions and the clock', {
  'What was open before a rule began is not held against it.': {
    rule: { windows: [], from: monday('12:00') },
    readings: [opened(monday('11:00')), closed(monday('12:00'))],
  },
  'What is still open when a rule begins is due then, outside the hours and too long.': {
    rule: { windows: [], maxOpenSeconds: 15 * MINUTE, from: monday('12:00') },
    readings: [opened(monday('11:00')), closed(monday('12:05'))],
    expected: [
      alarm('OUTSIDE_HOURS', monday('11:00'), monday('12:00'), monday('12:05')),
      alarm('OPEN_TOO_LONG', monday('11:00'), monday('12:00'), monday('12:05')),
    ],
  },
  'An interval raises one alarm of a kind, the earliest of all versions.': {
    versions: [
      shop({ maxOpenSeconds: 30 * MINUTE, until: monday('10:40') }),
      shop({ maxOpenSeconds: 10 * MINUTE, from: monday('10:40') }),
    ],
    readings: [opened(monday('10:00')), closed(monday('11:00'))],
    expected: [alarm('OPEN_TOO_LONG', monday('10:00'), monday('10:30'), monday('11:00'))],
  },
  'Nothing is due in a disabled version; what is still open when it is enabled is due then.': {
    versions: [
      shop({ windows: [], until: monday('10:00') }),
      shop({ windows: [], from: monday('10:00'), until: monday('12:00'), enabled: false }),
      shop({ windows: [], from: monday('12:00') }),
    ],
    readings: [opened(monday('10:30')), closed(monday('12:10'))],
    expected: [alarm('OUTSIDE_HOURS', monday('10:30'), monday('12:00'), monday('12:10'))],
  },
  'An alarm clears also after its rule was disabled.': {
    versions: [
      shop({ windows: [], until: monday('10:00') }),
      shop({ windows: [], from: monday('10:00'), enabled: false }),
    ],
    readings: [opened(monday('09:59')), closed(monday('12:00'))],
    expected: [alarm('OUTSIDE_HOURS', monday('09:59'), monday('09:59'), monday('12:00'))],
  },
  'What is due now is raised; what is due a second later is not.': {
    rule: { windows: [], maxOpenSeconds: 15 * MINUTE },
    readings: [opened(monday('10:00'))],
    now: monday('10:14:59'),
    expected: [alarm('OUTSIDE_HOURS', monday('10:00'), monday('10:00'), Infinity)],
  },
  'An alarm that is due at this instant is raised.': {
    rule: { maxOpenSeconds: 15 * MINUTE },
    readings: [opened(monday('10:00'))],
    now: monday('10:15'),
    expected: [alarm('OPEN_TOO_LONG', monday('10:00'), monday('10:15'), Infinity)],
  },
  'A reading ahead of the clock takes effect when its instant comes.': {
    rule: { windows: [] },
    readings: [opened(monday('10:00')), closed(monday('10:04'))],
    now: monday('10:03'),
    expected: [alarm('OUTSIDE_HOURS', monday('10:00'), monday('10:00'), Infinity)],
  },
  'A window that has not ended leaves its alarm active.': {
    rule: { windows: OPEN_BY_HALF_PAST_NINE },
    now: monday('17:59'),
    expected: [alarm('NOT_OPENED', monday('09:00'), monday('09:30'), Infinity)],
  },
  'Friday to Monday: a door that is left open on Friday evening is one alarm until Monday.': {
    rule: { windows: SHOP_HOURS },
    readings: [opened(friday('19:00')), closed(bogota('2026-03-09 08:45'))],
    now: bogota('2026-03-09 12:00'),
    expected: [alarm('OUTSIDE_HOURS', friday('19:00'), friday('20:00'), bogota('2026-03-09 08:45'))],
  },
});

/** Every sentence on what a rule means, as an example that was computed by hand. */
export const WORKED_EXAMPLES: readonly WorkedExample[] = [
  ...WINDOWS,
  ...CALENDARS,
  ...EXCEPTIONS,
  ...GRACE,
  ...ACTIVE_WINDOWS,
  ...SILENT_SENSORS,
  ...LATE_TO_OPEN,
  ...LATE_AND_WITHDRAWN,
  ...TAMPER_AND_BATTERY,
  ...VERSIONS_AND_CLOCK,
];
