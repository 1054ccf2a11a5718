import type { CalendarState } from '../calendar.js';

/** A valid calendar for tests: the shop of `ana` is closed on New Year's Day. */
export const createCalendarState = (overrides: Partial<CalendarState> = {}): CalendarState => ({
  id: 'calendar-1',
  userId: 'ana',
  name: 'Holidays',
  dates: [{ date: '2027-01-01', label: "New Year's Day", windows: [] }],
  createdAt: '2026-01-31T08:00:00.000Z',
  updatedAt: '2026-01-31T08:00:00.000Z',
  deletedAt: null,
  version: 1,
  ...overrides,
});
