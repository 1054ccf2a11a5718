import type { Actor, CalendarDate, CalendarState } from '@seguridad-abc/contracts';
import { createCalendarState } from '@seguridad-abc/contracts/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestReadModel, type TestReadModel } from '../testing/test-read-model.js';

let model: TestReadModel;
beforeEach(() => void (model = openTestReadModel()));
afterEach(() => model.close());

const AT = '2026-02-01T08:00:00.000Z';
const ana: Actor = { id: 'ana', role: 'customer' };
const write = (...states: Partial<CalendarState>[]) =>
  model.write({
    calendars: states.map((state, index) => ({
      state: createCalendarState({
        id: `calendar-${index + 1}`,
        createdAt: `2026-01-31T08:00:${String(index).padStart(2, '0')}.000Z`,
        ...state,
      }),
      changedPosition: index + 1,
    })),
  });
const buildDates = (count: number): CalendarDate[] =>
  Array.from({ length: count }, (_, index) => ({
    date: new Date(index * 86_400_000).toISOString().slice(0, 10),
    label: null,
    windows: [],
  }));

describe('the calendars of a user', () => {
  it('are those that are not deleted, the newest first', async () => {
    await write({}, { deletedAt: AT }, { name: 'Summer' }, { userId: 'ben' });
    const { calendars } = model.createQueries(ana);
    expect((await calendars.listByUser('ana')).map(({ id }) => id)).toEqual(['calendar-3', 'calendar-1']);
    expect(await calendars.listByUser('nobody')).toEqual([]);
  });

  it('make the user known', async () => {
    await write({});
    expect(await model.createQueries().users.findById('ana')).toEqual({ id: 'ana' });
  });
});

describe('a calendar', () => {
  it('is found also if it is deleted, but not for another customer', async () => {
    await write({ deletedAt: AT }, { userId: 'ben' });
    const { calendars } = model.createQueries(ana);
    expect(await calendars.findEntity('calendar-1')).toMatchObject({ id: 'calendar-1', deletedAt: AT });
    expect(await calendars.findById('calendar-2')).toBeNull();
    expect(await calendars.findEntity('calendar-2')).toBeNull();
    expect(await model.createQueries().calendars.findById('calendar-2')).toMatchObject({ userId: 'ben' });
  });
});

it('the calendars of many rules are found with one statement', async () => {
  await write({}, {}, {});
  const { calendars } = model.createQueries();
  model.statements.length = 0;
  const ids = ['calendar-3', 'calendar-1', 'calendar-3', 'unknown'];
  const found = await Promise.all(ids.map((id) => calendars.findById(id)));
  expect(found.map((calendar) => calendar?.id)).toEqual([
    'calendar-3',
    'calendar-1',
    'calendar-3',
    undefined,
  ]);
  expect(model.statements).toHaveLength(1);
});

describe('the dates of calendars', () => {
  it('are loaded with a statement for ten calendars, and not before they are asked for', async () => {
    await write(...Array.from({ length: 12 }, (_, index) => ({ dates: buildDates(index) })));
    const { calendars } = model.createQueries();
    model.statements.length = 0;
    const listed = await calendars.listByUser('ana');
    expect(model.statements.join()).not.toContain('dates');
    model.statements.length = 0;
    const dates = await Promise.all(listed.map(({ id }) => calendars.loadDates(id)));
    expect(dates.map(({ length }) => length)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(model.statements).toHaveLength(2);
  });

  it('cost rows of the request, as do their calendars', async () => {
    await write({ dates: buildDates(3) }, { dates: [] });
    const load = (rows: number, ids: readonly string[]) => {
      const { calendars } = model.createQueries(undefined, { rows });
      return Promise.all(ids.map((id) => calendars.loadDates(id)));
    };
    expect(await load(3, ['calendar-1'])).toHaveLength(1);
    const refusal = { extensions: { code: 'OPERATION_TOO_COSTLY' } };
    await expect(load(2, ['calendar-1'])).rejects.toMatchObject(refusal);
    await expect(load(1, ['calendar-2', 'unknown'])).rejects.toMatchObject(refusal);
  });
});
