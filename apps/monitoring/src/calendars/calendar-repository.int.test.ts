import { auditQuerySchema, parseLogEvent, type Actor, type CalendarDate } from '@seguridad-abc/contracts';
import { createCalendarDates } from '@seguridad-abc/evaluation';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getQuotas, readMonitoringConfig } from '../config.js';
import { createRuleTableAccess } from '../rules/rule-repository.js';
import { createRuleInput, HOURS_INPUT } from '../testing/fixtures.js';
import { createTestClock, type TestClock } from '../testing/test-clock.js';
import { openTestStorage, type TestStorage } from '../testing/test-storage.js';

const START = '2026-01-31T08:00:00.000Z';
const ANA: Actor = { id: 'ana', role: 'customer' };

let test: TestStorage;
let clock: TestClock;
beforeEach(async () => {
  clock = createTestClock(START);
  test = await openTestStorage({ now: clock.now });
});
afterEach(() => test.close());

const closed = (date: string, label: string | null = null): CalendarDate => ({ date, label, windows: [] });
const createCalendar = (name = 'Holidays', dates: readonly CalendarDate[] = []) =>
  test.commands.createCalendar({ userId: 'ana', name, dates });
const code = (value: string) => ({ extensions: { code: value } });

describe('the SQLite calendar repository', () => {
  it('saves the state and the event together, and keeps both after a restart', async () => {
    const created = await createCalendar();
    const updated = await test.commands.updateCalendar({ id: created.id, dates: [closed('2027-01-01')] });
    const deleted = await test.commands.deleteCalendar({ id: created.id, expectedVersion: 2 });
    await test.reopen();
    const { entries } = await test.eventLog.read(0, 10);
    expect(entries.map(({ type }) => type)).toStrictEqual([
      'CalendarCreated',
      'CalendarUpdated',
      'CalendarDeleted',
    ]);
    const states = entries
      .map(parseLogEvent)
      .map((read) => read.ok && 'calendar' in read.event.data && read.event.data.calendar);
    expect(states).toStrictEqual([created, updated, deleted]);
    expect(await test.storage.calendars.findByIds([created.id, 'none'])).toStrictEqual([deleted, undefined]);
  });

  it('records commands in the audit trail, with the dates that differ', async () => {
    const { id } = await createCalendar('x', [closed('2026-01-01')]);
    await test.commands.updateCalendar({ id, dates: [closed('2026-01-01'), closed('2026-01-06')] });
    const query = auditQuerySchema.parse({ order: 'ascending', limit: 10 });
    const { entries } = await test.storage.auditTrail.readPage(query);
    expect(entries.map(({ action, subject }) => [action, subject?.userId, subject?.id])).toStrictEqual([
      ['createCalendar', 'ana', id],
      ['updateCalendar', 'ana', id],
    ]);
    expect(entries[1]?.subject?.after).toMatchObject({ dates: [closed('2026-01-06')], version: 2 });
  });

  it('rejects a name that another calendar of the user has', async () => {
    const first = await createCalendar();
    const other = await createCalendar('Other');
    for (const rename of [createCalendar(), test.commands.updateCalendar({ id: other.id, name: 'Holidays' })])
      await expect(rename).rejects.toMatchObject({
        extensions: { code: 'CONFLICT', faults: [{ path: ['input', 'name'] }] },
      });
    await test.commands.createCalendar({ userId: 'ben', name: 'Holidays', dates: [] });
    await test.commands.deleteCalendar({ id: first.id });
    await createCalendar();
  });

  it('returns the first result for a known clientMutationId', async () => {
    const input = { userId: 'ana', name: 'Holidays', dates: [], clientMutationId: 'k' };
    const first = await test.commands.createCalendar(input);
    expect(await test.commands.createCalendar(input)).toStrictEqual(first);
    await expect(test.commands.createCalendar({ ...input, name: 'x' })).rejects.toMatchObject(
      code('CONFLICT'),
    );
  });

  it('adds the holidays of a country', async () => {
    const { dates } = await test.commands.createCalendar({
      userId: 'ana',
      name: 'Colombia',
      dates: [closed('2026-01-01', 'Closed')],
      holidays: { country: 'CO', years: [2026] },
    });
    expect(dates.slice(0, 2)).toEqual([closed('2026-01-01', 'Closed'), closed('2026-01-12', 'Epiphany')]);
    await expect(
      test.commands.createCalendar({
        userId: 'ana',
        name: 'x',
        dates: [],
        holidays: { country: 'CO', years: [1] },
      }),
    ).rejects.toMatchObject({ extensions: { faults: [{ path: ['input', 'holidays', 'years', 0] }] } });
  });

  it('keeps a calendar that a rule names', async () => {
    const { id } = await createCalendar();
    const names = Array.from({ length: 12 }, (_, index) => `Rule ${index}`);
    const rules = await Promise.all(
      names.map((name) => test.commands.createRule(createRuleInput({ name, calendarId: id }))),
    );
    await expect(test.commands.deleteCalendar({ id })).rejects.toMatchObject({
      extensions: { code: 'CONFLICT', ruleIds: rules.slice(0, 10).map((rule) => rule.id) },
    });
    const [first, ...others] = rules;
    await test.commands.updateRule({ id: first!.id, calendarId: null });
    await Promise.all(others.map((rule) => test.commands.deleteRule({ id: rule.id })));
    expect(await test.commands.deleteCalendar({ id })).toMatchObject({ deletedAt: clock.now() });
  });

  it('lets rules name calendars of their user that are not deleted', async () => {
    const own = await createCalendar();
    const foreign = await test.commands.createCalendar({ userId: 'ben', name: 'x', dates: [] });
    const rule = await test.commands.createRule(createRuleInput({ calendarId: own.id }));
    await test.commands.updateRule({ id: rule.id, calendarId: null });
    await test.commands.deleteCalendar({ id: own.id });
    for (const { id } of [own, foreign]) {
      const notFound = {
        extensions: {
          code: 'BAD_USER_INPUT',
          faults: [{ path: ['input', 'calendarId'], code: 'NOT_FOUND' }],
        },
      };
      await expect(
        test.commands.createRule(createRuleInput({ name: 'x', calendarId: id })),
      ).rejects.toMatchObject(notFound);
      await expect(test.commands.updateRule({ id: rule.id, calendarId: id })).rejects.toMatchObject(notFound);
    }
  });
});

describe('the quotas of calendars', () => {
  const reopenWith = (quotas: object) =>
    test.reopen({ quotas: { ...getQuotas(readMonitoringConfig({})), ...quotas } });

  it('bound the calendars of a customer', async () => {
    await reopenWith({ calendarsPerUser: 2 });
    const ana = test.commandsOf(ANA);
    const [first] = [await createCalendar('1'), await createCalendar('2')];
    const exceeded = {
      extensions: { code: 'QUOTA_EXCEEDED', limit: 2, faults: [{ path: ['input', 'name'] }] },
    };
    await expect(ana.createCalendar({ name: '3', dates: [] })).rejects.toMatchObject(exceeded);
    await createCalendar('of an operator');
    await test.commands.deleteCalendar({ id: first.id });
    await expect(ana.createCalendar({ name: '3', dates: [] })).rejects.toMatchObject(exceeded);
    await ana.updateCalendar({ id: (await createCalendar('4')).id, dates: [closed('2026-01-01')] });
  });

  it('bound the changes of dates that late readings can meet', async () => {
    await reopenWith({ latenessMs: 60_000 });
    const ana = test.commandsOf(ANA);
    const { id } = await ana.createCalendar({ name: 'x', dates: [] });
    const change = (day: number) =>
      ana.updateCalendar({
        id,
        dates: [closed(new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10))],
      });
    for (let day = 1; day < 50; day++) {
      clock.advance(1);
      await change(day);
    }
    await expect(change(50)).rejects.toMatchObject({
      extensions: { code: 'QUOTA_EXCEEDED', limit: 50, faults: [{ path: ['input', 'id'] }] },
    });
    await ana.updateCalendar({ id, name: 'y' });
    clock.advance(60);
    await change(50);
  });
});

/** Before every instant of these tests. */
const FIRST_INSTANT = 0;

describe('the rule versions of a rule that names a calendar', () => {
  /** The parts of a rule, with the dates of its calendar. */
  const listVersions = async (ruleId: string, from = FIRST_INSTANT, until: number | null = null) => {
    const { versions } = createRuleTableAccess(test.reader, () => undefined);
    const found = await versions.findByRule(ruleId, from, until);
    return found.map((version) => [version.from, version.until, version.calendar]);
  };
  const dates = (...texts: string[]) => createCalendarDates(texts.map((text) => closed(text)));
  const nowMs = () => Date.parse(clock.now());
  const createRule = (input = {}) => test.commands.createRule(createRuleInput({ ...HOURS_INPUT, ...input }));

  it('begin at each change of its dates', async () => {
    const { id } = await createCalendar('x', [closed('2026-02-01')]);
    clock.advance(10);
    const rule = await createRule({ calendarId: id });
    const createdAt = nowMs();
    clock.advance(10);
    await test.commands.updateCalendar({ id, name: 'Only another name' });
    await test.commands.updateCalendar({ id, dates: [closed('2026-03-01')] });
    const changedAt = nowMs();
    expect(await listVersions(rule.id)).toStrictEqual([
      [createdAt, changedAt, dates('2026-02-01')],
      [changedAt, null, dates('2026-03-01')],
    ]);
    clock.advance(10);
    await test.commands.updateRule({ id: rule.id, calendarId: null });
    clock.advance(10);
    await test.commands.updateCalendar({ id, dates: [] });
    expect(await listVersions(rule.id)).toStrictEqual([
      [createdAt, changedAt, dates('2026-02-01')],
      [changedAt, changedAt + 10_000, dates('2026-03-01')],
      [changedAt + 10_000, null, null],
    ]);
    // Only those that hold in a period.
    expect(await listVersions(rule.id, createdAt, changedAt)).toHaveLength(1);
    expect(await listVersions(rule.id, changedAt, changedAt + 1)).toStrictEqual([
      [changedAt, changedAt + 10_000, dates('2026-03-01')],
    ]);
  });

  it('have the dates of the creation in the past of the rule', async () => {
    const { id } = await createCalendar('x', [closed('2026-02-01')]);
    clock.advance(10);
    await test.commands.updateCalendar({ id, dates: [closed('2026-03-01')] });
    clock.advance(10);
    const rule = await createRule({ calendarId: id, effectiveFrom: '2020-01-01T00:00:00.000Z' });
    const effectiveFrom = Date.parse('2020-01-01T00:00:00.000Z');
    expect(await listVersions(rule.id)).toStrictEqual([[effectiveFrom, null, dates('2026-03-01')]]);
    expect(await listVersions(rule.id, effectiveFrom, effectiveFrom + 1)).toHaveLength(1);
    clock.advance(10);
    await test.commands.updateCalendar({ id, dates: [] });
    expect(await listVersions(rule.id)).toStrictEqual([
      [effectiveFrom, nowMs(), dates('2026-03-01')],
      [nowMs(), null, dates()],
    ]);
    expect(await listVersions(rule.id, effectiveFrom, effectiveFrom + 1)).toStrictEqual([
      [effectiveFrom, nowMs(), dates('2026-03-01')],
    ]);
  });

  it('begin with the last dates if the rule begins in the future', async () => {
    const { id } = await createCalendar('x', [closed('2026-02-01')]);
    const rule = await createRule({ calendarId: id, effectiveFrom: '2026-02-28T00:00:00.000Z' });
    clock.advance(10);
    await test.commands.updateCalendar({ id, dates: [closed('2026-03-01')] });
    expect(await listVersions(rule.id)).toStrictEqual([
      [Date.parse('2026-02-28T00:00:00.000Z'), null, dates('2026-03-01')],
    ]);
  });

  it('have the present dates if the clock was set back', async () => {
    const { id } = await createCalendar('x', [closed('2026-02-01')]);
    clock.advance(-3_600);
    const rule = await createRule({ calendarId: id });
    expect(await listVersions(rule.id)).toStrictEqual([[nowMs(), null, dates('2026-02-01')]]);
  });

  it('have the last dates of several changes at one instant', async () => {
    const { id } = await createCalendar('x', [closed('2026-02-01')]);
    const rule = await createRule({ calendarId: id });
    await test.commands.updateCalendar({ id, dates: [closed('2026-03-01')] });
    expect(await listVersions(rule.id)).toStrictEqual([[nowMs(), null, dates('2026-03-01')]]);
    expect(await test.reader.select().from(test.tables.calendarVersions)).toHaveLength(1);
  });

  it('are found for an opening like for a rule', async () => {
    const { id } = await createCalendar('x', [closed('2026-02-01')]);
    const [named, other] = [await createRule({ calendarId: id }), await createRule({ name: 'Other' })];
    clock.advance(10);
    await test.commands.updateCalendar({ id, dates: [] });
    const { versions } = createRuleTableAccess(test.reader, () => undefined);
    const found = await versions.findByOpening(1, FIRST_INSTANT, null);
    expect([...found.keys()]).toStrictEqual([named.id, other.id]);
    for (const { id: ruleId } of [named, other])
      expect(found.get(ruleId)).toStrictEqual(await versions.findByRule(ruleId, FIRST_INSTANT, null));
    expect(found.get(named.id)).toHaveLength(2);
  });
});

it('a change of dates lets the scheduler evaluate the rules that name the calendar', async () => {
  const { id } = await createCalendar();
  const named = await test.commands.createRule(createRuleInput({ ...HOURS_INPUT, calendarId: id }));
  const input = { ...HOURS_INPUT, calendarId: id };
  await test.commands.createRule(createRuleInput({ ...HOURS_INPUT, name: 'Without calendar' }));
  await test.commands.createRule(createRuleInput({ name: 'Without hours', calendarId: id }));
  await test.commands.createRule(createRuleInput({ ...input, name: 'Disabled', enabled: false }));
  const deleted = await test.commands.createRule(createRuleInput({ ...input, name: 'Deleted' }));
  await test.commands.deleteRule({ id: deleted.id });
  const { pendingAlarms } = test.tables;
  await test.db.delete(pendingAlarms);
  await test.commands.updateCalendar({ id, name: 'Other name' });
  expect(await test.reader.select().from(pendingAlarms)).toStrictEqual([]);
  const { updatedAt } = await test.commands.updateCalendar({ id, dates: [closed('2026-02-01')] });
  expect(await test.reader.select().from(pendingAlarms)).toStrictEqual([
    { openingId: 1, ruleId: named.id, due: 0, evaluatedUntil: Date.parse(updatedAt) - 1, needsOpen: false },
  ]);
  expect(await test.storage.dueJobs.findNextDueAt()).toBe(0);
});
