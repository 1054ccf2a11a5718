import {
  calendarStateSchema,
  type Actor,
  type CalendarDate,
  type CalendarEvent,
  type CalendarState,
  type CalendarWindow,
} from '@seguridad-abc/contracts';
import { createCalendarState } from '@seguridad-abc/contracts/testing';
import { createValidResult } from '@seguridad-abc/evaluation';
import { describe, expect, it } from 'vitest';
import {
  decideCreateCalendar,
  decideDeleteCalendar,
  decideUpdateCalendar,
  evolveCalendar,
  findCalendarChanges,
  hasNewDates,
  type CheckedHolidays,
  type CreateCalendarCommand,
  type UpdateCalendarCommand,
} from './calendar-decisions.js';
import type { Decision } from './decision.js';

const NOW = '2026-01-31T08:00:00.000Z';
const LATER = '2026-02-01T08:00:00.000Z';
const operator: Actor = { id: 'olga', role: 'operator' };
const context = (now: string, caller = operator) => ({ caller, now });

const NO_HOLIDAYS: CheckedHolidays = createValidResult([]);
const closed = (date: string, label: string | null = null): CalendarDate => ({ date, label, windows: [] });
const open = (...windows: CalendarWindow[]) => ({ ...closed('2026-12-24'), windows });
const SHORT_DAY = { opensAt: '08:00', closesAt: '12:00', openBy: null };

const create = (input: Partial<CreateCalendarCommand> = {}, holidays = NO_HOLIDAYS, caller = operator) =>
  decideCreateCalendar(
    'c1',
    { userId: 'ana', name: 'Holidays', dates: [], ...input },
    holidays,
    context(NOW, caller),
  );

function getCalendar(decision: Decision<CalendarEvent>): CalendarState {
  const [event] = decision.kind === 'accepted' ? decision.events : [];
  if (!event) throw new Error(`no event: ${JSON.stringify(decision)}`);
  return evolveCalendar(undefined, event);
}

/** Each fault as `path code`. */
function listFaults(decision: Decision<CalendarEvent>): string[] {
  if (decision.kind !== 'rejected') throw new Error(`no rejection: ${JSON.stringify(decision)}`);
  return decision.faults.map(({ path, code }) => `${path.slice(1).join('.')} ${code}`);
}

describe('decideCreateCalendar', () => {
  it('creates version 1 with its dates in order', () => {
    const dates = [open({ ...SHORT_DAY, openBy: '09:00' }), closed('2026-01-01', " New Year's Day ")];
    const calendar = getCalendar(create({ name: ' Holidays ', dates }));
    expect(calendarStateSchema.parse(calendar)).toStrictEqual({
      id: 'c1',
      userId: 'ana',
      name: 'Holidays',
      dates: [closed('2026-01-01', "New Year's Day"), open({ ...SHORT_DAY, openBy: '09:00' })],
      createdAt: NOW,
      updatedAt: NOW,
      deletedAt: null,
      version: 1,
    });
  });

  it('adds holidays, except on dates that the input has', () => {
    const dates = [open(SHORT_DAY), closed('2027-01-06')];
    const holidays = createValidResult([
      closed('2026-12-24', 'Christmas Eve'),
      closed('2026-12-25', 'Christmas Day'),
      closed('2027-01-06', 'Epiphany'),
    ]);
    expect(getCalendar(create({ dates }, holidays)).dates).toStrictEqual([
      open(SHORT_DAY),
      closed('2026-12-25', 'Christmas Day'),
      closed('2027-01-06'),
    ]);
  });

  it('accepts 2000 dates with the holidays, and no more', () => {
    const days = (count: number) =>
      Array.from({ length: count }, (_, day) =>
        closed(new Date(Date.UTC(2020, 0, 1 + day)).toISOString().slice(0, 10)),
      );
    const holidays = createValidResult([closed('2199-12-31')]);
    expect(getCalendar(create({ dates: days(1_999) }, holidays)).dates).toHaveLength(2_000);
    expect(listFaults(create({ dates: days(2_000) }, holidays))).toStrictEqual(['holidays OUT_OF_RANGE']);
    expect(listFaults(create({ dates: days(2_001) }))).toStrictEqual(['dates OUT_OF_RANGE']);
  });

  it('reports all faults of an input at once', () => {
    const holidays: CheckedHolidays = {
      faults: [{ path: ['holidays', 'country'], code: 'INVALID', message: 'unknown' }],
    };
    const dates = [closed('2026-02-30'), open({ ...SHORT_DAY, openBy: '13:00' }), closed('2026-12-24')];
    expect(listFaults(create({ userId: '', name: ' ', dates }, holidays))).toStrictEqual([
      'userId EMPTY',
      'name EMPTY',
      'dates.0.date INVALID',
      'dates.1.windows.0.openBy OUT_OF_RANGE',
      'dates.2.date REPEATED',
      'holidays.country INVALID',
    ]);
  });
});

describe('decideUpdateCalendar', () => {
  const present = createCalendarState();
  const update = (
    input: Omit<UpdateCalendarCommand, 'id'>,
    holidays = NO_HOLIDAYS,
    now = LATER,
  ): Decision<CalendarEvent> => decideUpdateCalendar(present, { id: 'c1', ...input }, holidays, context(now));

  it('changes the given fields only', () => {
    expect(getCalendar(update({ name: 'Other' }))).toStrictEqual({
      ...present,
      name: 'Other',
      updatedAt: LATER,
      version: 2,
    });
    expect(getCalendar(update({ dates: [open(SHORT_DAY)] })).dates).toStrictEqual([open(SHORT_DAY)]);
  });

  it('adds holidays to the present dates, or to the given ones', () => {
    const holidays = createValidResult([
      closed('2027-01-01', 'Other name'),
      closed('2027-01-06', 'Epiphany'),
    ]);
    expect(getCalendar(update({}, holidays)).dates).toStrictEqual([
      ...present.dates,
      closed('2027-01-06', 'Epiphany'),
    ]);
    expect(getCalendar(update({ dates: [] }, holidays)).dates).toHaveLength(2);
  });

  it('accepts a change that changes nothing without an event', () => {
    const holidays = createValidResult([closed('2027-01-01')]);
    for (const decision of [update({}), update({ name: 'Holidays', dates: present.dates }, holidays)])
      expect(decision).toStrictEqual({ kind: 'accepted', events: [] });
  });

  it('rejects null, bad values and a stale version', () => {
    expect(listFaults(update({ name: null, dates: null }))).toStrictEqual(['name NULL', 'dates NULL']);
    expect(listFaults(update({ name: '', dates: [closed('x')] }))).toStrictEqual([
      'name EMPTY',
      'dates.0.date INVALID',
    ]);
    expect(update({ expectedVersion: 2, name: 'x' })).toMatchObject({
      code: 'STALE_VERSION',
      details: { version: 1 },
      faults: [{ path: ['input', 'expectedVersion'] }],
    });
    expect(update({ expectedVersion: 1, name: 'x' }).kind).toBe('accepted');
  });

  it('keeps updatedAt in the order of versions when the clock is set back', () => {
    const { updatedAt } = getCalendar(update({ name: 'x' }, NO_HOLIDAYS, '2020-01-01T00:00:00.000Z'));
    expect(updatedAt).toBe(present.updatedAt);
  });
});

describe('decideDeleteCalendar', () => {
  const present = createCalendarState();
  const remove = (ruleIds: readonly string[] = [], expectedVersion?: number) =>
    decideDeleteCalendar(present, { id: 'c1', expectedVersion }, () => ruleIds, context(LATER));

  it('keeps the calendar and sets deletedAt', () => {
    expect(getCalendar(remove())).toStrictEqual({
      ...present,
      deletedAt: LATER,
      updatedAt: LATER,
      version: 2,
    });
  });

  it('rejects a calendar that rules name, and a stale version', () => {
    expect(remove(['r1', 'r2'])).toMatchObject({
      code: 'CONFLICT',
      details: { ruleIds: ['r1', 'r2'] },
      faults: [{ path: ['input', 'id'] }],
    });
    expect(remove(['r1'], 2)).toMatchObject({ code: 'STALE_VERSION' });
  });
});

describe('access to calendar commands', () => {
  const ben: Actor = { id: 'ben', role: 'customer' };
  const device: Actor = { id: 'ana', role: 'device' };
  const all = (calendar: CalendarState | undefined, caller: Actor) => [
    decideUpdateCalendar(calendar, { id: 'c1', name: 'x' }, NO_HOLIDAYS, context(LATER, caller)),
    decideDeleteCalendar(calendar, { id: 'c1' }, () => ['r1'], context(LATER, caller)),
  ];

  it('hides unknown and deleted calendars, and those of other users', () => {
    const hidden = all(undefined, ben);
    expect(hidden).toMatchObject([{ code: 'NOT_FOUND' }, { code: 'NOT_FOUND' }]);
    expect(all(createCalendarState(), ben)).toStrictEqual(hidden);
    expect(all(createCalendarState({ deletedAt: NOW }), operator)).toStrictEqual(hidden);
  });

  it('lets only an operator name another user, and reports only that fault', () => {
    expect(listFaults(create({ name: '' }, NO_HOLIDAYS, ben))).toStrictEqual(['userId FORBIDDEN']);
    expect(getCalendar(create({ userId: null }, NO_HOLIDAYS, ben)).userId).toBe('ben');
  });

  it('forbids devices, even those of the same user', () => {
    for (const decision of [create({}, NO_HOLIDAYS, device), ...all(createCalendarState(), device)])
      expect(decision).toMatchObject({ code: 'FORBIDDEN', faults: [{ path: ['input'] }] });
  });
});

describe('hasNewDates', () => {
  it('is true for a new calendar and for other dates', () => {
    const calendar = createCalendarState();
    expect(hasNewDates(undefined, { ...calendar, dates: [] })).toBe(true);
    expect(hasNewDates(calendar, { ...calendar, dates: [] })).toBe(true);
    expect(hasNewDates(calendar, { ...calendar, name: 'x', version: 2 })).toBe(false);
  });
});

describe('findCalendarChanges', () => {
  const before = createCalendarState({ dates: [closed('2026-01-01'), closed('2026-01-06', 'Epiphany')] });

  it('has the dates that differ', () => {
    const dates = [closed('2026-01-01'), closed('2026-01-06'), closed('2026-12-25')];
    expect(findCalendarChanges(before, { ...before, dates, version: 2 })).toStrictEqual({
      before: { dates: [closed('2026-01-06', 'Epiphany')], version: 1 },
      after: { dates: [closed('2026-01-06'), closed('2026-12-25')], version: 2 },
    });
  });

  it('has all fields of a new calendar, and no dates if they are the same', () => {
    expect(findCalendarChanges(undefined, before)).toMatchObject({
      before: null,
      after: { dates: before.dates },
    });
    expect(findCalendarChanges(before, { ...before, name: 'x' })).toStrictEqual({
      before: { name: 'Holidays' },
      after: { name: 'x' },
    });
  });
});
