import { describe, expect, it } from 'vitest';
import { findLateOpeningAlarms, findNextOpenBy, listOpenByOccurrences } from './open-by.js';
import { NO_EXCEPTIONS, type ExceptionPeriods } from './periods.js';
import { createCalendarDates, type RuleVersion } from './rule-version.js';
import { createMemoryStore, createRuleVersion, parseWindow } from './testing/index.js';

const DAY_MS = 86_400_000;
/** 2026-01-05 is a Monday. */
const MONDAY = Date.parse('2026-01-05T00:00:00Z');
const at = (time: string) => Date.parse(`2026-01-05T${time}Z`);
const format = (instant: number) => {
  const text = new Date(instant).toISOString();
  return instant >= MONDAY && instant < MONDAY + DAY_MS ? text.slice(11, 16) : text.slice(5, 16);
};

/** To be opened by 09:30 on weekdays. */
const shop = createRuleVersion({
  windows: [parseWindow('09:00-13:00/09:30', ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY'])],
});

const list = (
  versions: readonly RuleVersion[],
  exceptions: ExceptionPeriods = NO_EXCEPTIONS,
  from = MONDAY,
  until = MONDAY + DAY_MS,
) =>
  listOpenByOccurrences({ versions, exceptions }, from, until).map(
    ({ startedAt, dueAt, endsAt, versionIndex }) =>
      `${[startedAt, dueAt, endsAt].map(format).join(' ')} by ${versionIndex}`,
  );

describe('listOpenByOccurrences lists', () => {
  const closed = { date: '2026-01-05', label: null, windows: [] };
  const late = { ...closed, windows: [{ opensAt: '11:00', closesAt: '14:00', openBy: '11:00' }] };
  const withWindow = (times: string) => createRuleVersion({ windows: [parseWindow(times)] });

  it.each<[string, RuleVersion, string[]]>([
    ['a window of the day', shop, ['09:00 09:30 13:00 by 0']],
    ['nothing without openBy', withWindow('09:00-13:00'), []],
    ['nothing if the version is disabled', { ...shop, enabled: false }, []],
    ['openBy at the start', withWindow('09:00-13:00/09:00'), ['09:00 09:00 13:00 by 0']],
    ['openBy at the end', withWindow('09:00-13:00/13:00'), ['09:00 13:00 13:00 by 0']],
    ['openBy on the following day', withWindow('22:00-06:00/01:00'), ['01-04T22:00 01:00 06:00 by 0']],
    ['nothing on a closed date', { ...shop, calendar: createCalendarDates([closed]) }, []],
    [
      'the window of a date, also if no weekly window has openBy',
      { ...withWindow('09:00-13:00'), calendar: createCalendarDates([late]) },
      ['11:00 11:00 14:00 by 0'],
    ],
    [
      'an occurrence that began before the version',
      { ...shop, from: at('09:30') },
      ['09:00 09:30 13:00 by 0'],
    ],
    ['nothing due before the version', { ...shop, from: at('09:31') }, []],
    ['nothing due at the end of the version', { ...shop, until: at('09:30') }, []],
    ['nothing outside of active windows', { ...shop, activeWindows: [parseWindow('10:00-09:30')] }, []],
    [
      'what is due in an active window that begins then',
      { ...shop, activeWindows: [parseWindow('09:30-10:00')] },
      ['09:00 09:30 13:00 by 0'],
    ],
  ])('%s', (_, version, expected) => {
    expect(list([version])).toStrictEqual(expected);
  });

  it('all versions and windows by the instant at which they are due', () => {
    const second = createRuleVersion({
      from: at('09:31'),
      windows: [
        parseWindow('09:00-14:00/10:30'),
        parseWindow('09:00-12:00/10:30'),
        parseWindow('08:00-10:00/10:00'),
      ],
    });
    expect(list([{ ...shop, until: second.from }, second])).toStrictEqual([
      '09:00 09:30 13:00 by 0',
      '08:00 10:00 10:00 by 1',
      '09:00 10:30 12:00 by 1',
      '09:00 10:30 14:00 by 1',
    ]);
  });

  it.each([
    ['10:00', []],
    ['09:30', ['09:00 09:30 13:00 by 0']],
  ])('nothing in a SUSPEND: until %s', (until, expected) => {
    const exceptions = { allow: [], suspend: [{ from: at('09:00'), until: at(until) }] };
    expect(list([shop], exceptions)).toStrictEqual(expected);
  });

  it('both ends of the period', () => {
    expect(list([shop], NO_EXCEPTIONS, at('09:30'), at('09:30'))).toHaveLength(1);
    expect(list([shop], NO_EXCEPTIONS, at('09:31'), at('09:40'))).toHaveLength(0);
  });

  it('openBy in skipped time a gap later', () => {
    // Madrid, 2026-03-29: 02:00 becomes 03:00.
    const night = createRuleVersion({
      windows: [parseWindow('01:00-05:00/02:30')],
      timeZone: 'Europe/Madrid',
    });
    const day = Date.parse('2026-03-29T00:00:00Z');
    expect(list([night], NO_EXCEPTIONS, day, day + DAY_MS / 2)).toStrictEqual([
      '03-29T00:00 03-29T01:30 03-29T03:00 by 0',
    ]);
  });
});

describe('findLateOpeningAlarms', () => {
  const occurrences = listOpenByOccurrences(
    { versions: [shop], exceptions: NO_EXCEPTIONS },
    MONDAY,
    at('12:00'),
  );

  const find = (...intervals: [string, string | null][]) => {
    const store = createMemoryStore();
    const put = intervals.map(([from, until]) => ({
      startId: from,
      startedAt: at(from),
      endedAt: until === null ? null : at(until),
    }));
    store.apply({ put, removed: [] });
    return findLateOpeningAlarms(occurrences, store).map(
      ({ dueAt, clearsAt }) => `${format(dueAt)} to ${format(clearsAt)}`,
    );
  };

  it.each<[string, [string, string | null][], string[]]>([
    ['raises without any interval, until the end of the window', [], ['09:30 to 13:00']],
    ['does not raise if opened in time', [['09:10', '09:15']], []],
    ['does not raise if opened at the start', [['09:00', '09:15']], []],
    ['does not raise if opened at openBy', [['09:30', '09:45']], []],
    ['does not raise for an interval of no length', [['09:10', '09:10']], []],
    ['does not raise if open since before the window', [['08:00', '09:01']], []],
    ['does not raise if open for ever', [['08:00', null]], []],
    ['raises if closed at the start', [['08:00', '09:00']], ['09:30 to 13:00']],
    [
      'clears at the next opening',
      [
        ['10:00', '10:05'],
        ['11:00', null],
      ],
      ['09:30 to 10:00'],
    ],
    ['clears at an opening of no length', [['10:00', '10:00']], ['09:30 to 10:00']],
    ['clears at the end of the window if opened later', [['14:00', null]], ['09:30 to 13:00']],
  ])('%s', (_, intervals, expected) => {
    expect(find(...intervals)).toStrictEqual(expected);
  });

  it('raises once for each start, the earliest', () => {
    const windows = ['09:00-13:00/10:00', '09:00-12:00/09:30', '09:00-11:00/09:30', '09:15-13:00/09:30'];
    const version = createRuleVersion({ windows: windows.map((times) => parseWindow(times)) });
    const all = listOpenByOccurrences(
      { versions: [version], exceptions: NO_EXCEPTIONS },
      MONDAY,
      at('12:00'),
    );
    expect(
      findLateOpeningAlarms(all, createMemoryStore()).map((alarm) =>
        [alarm.startedAt, alarm.dueAt, alarm.endsAt].map(format).join(' '),
      ),
    ).toStrictEqual(['09:00 09:30 11:00', '09:15 09:30 13:00']);
  });
});

describe('findNextOpenBy', () => {
  const findNext = (
    version: RuleVersion,
    after: number,
    searchUntil = after + 8 * DAY_MS,
    exceptions = NO_EXCEPTIONS,
  ) => findNextOpenBy({ versions: [version], exceptions }, after, searchUntil);
  const due = at('09:30');

  it.each<[string, RuleVersion, number, number]>([
    ['of the day', shop, MONDAY, due],
    ['of the next day, from the instant itself', shop, due, due + DAY_MS],
    ['of Monday, from Friday', shop, due + 4 * DAY_MS, due + 7 * DAY_MS],
    ['of a version that begins later', { ...shop, from: at('09:31') }, MONDAY, due + DAY_MS],
  ])('finds that %s', (_, version, after, expected) => {
    expect(findNext(version, after)).toStrictEqual({ at: expected, searchedUntil: expected });
  });

  it('skips a SUSPEND', () => {
    const exceptions = { allow: [], suspend: [{ from: MONDAY, until: MONDAY + 2 * DAY_MS }] };
    expect(findNext(shop, MONDAY, MONDAY + 8 * DAY_MS, exceptions).at).toBe(due + 2 * DAY_MS);
  });

  it.each<[string, RuleVersion, number]>([
    ['the end of the search if one may follow', { ...shop, from: MONDAY + DAY_MS }, MONDAY + DAY_MS / 2],
    ['Infinity without openBy', createRuleVersion({ windows: [parseWindow('09:00-13:00')] }), Infinity],
    ['Infinity if the last version ends', { ...shop, until: at('09:00') }, Infinity],
  ])('finds none before the end of the search, and returns %s', (_, version, searchedUntil) => {
    expect(findNext(version, MONDAY, MONDAY + DAY_MS / 2)).toStrictEqual({ at: undefined, searchedUntil });
  });
});
