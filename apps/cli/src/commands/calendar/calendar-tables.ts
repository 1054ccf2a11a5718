import type { CalendarDate } from '@seguridad-abc/contracts';
import { formatTable, type TableColumn } from '../../command-line/terminal.js';
import { formatWindows } from '../../csv/window-list.js';
import type { Calendar } from './calendar-requests.js';
import type { MergedDate } from './merge-calendar-dates.js';

const LIST_COLUMNS: readonly TableColumn[] = [
  { title: 'id' },
  { title: 'name' },
  { title: 'dates', align: 'right' },
  { title: 'from' },
  { title: 'until' },
];

/** One line per calendar. */
export const formatCalendars = (calendars: readonly Calendar[]): string =>
  formatTable(
    LIST_COLUMNS,
    calendars.map(({ id, name, dates }) => [
      id,
      name,
      String(dates.length),
      dates[0]?.date ?? '-',
      dates.at(-1)?.date ?? '-',
    ]),
  );

const DATE_COLUMNS: readonly TableColumn[] = [{ title: 'date' }, { title: 'hours' }, { title: 'label' }];

const toDateCells = ({ date, windows, label }: CalendarDate): string[] => [
  date,
  windows.length === 0 ? 'closed' : formatWindows(windows),
  label ?? '',
];

/** One line per date of a calendar. */
export const formatCalendarDates = (dates: readonly CalendarDate[]): string =>
  formatTable(DATE_COLUMNS, dates.map(toDateCells));

/** One line per date that an import concerns, with what it does. */
export const formatMergedDates = (dates: readonly MergedDate[]): string =>
  formatTable(
    [{ title: 'change' }, ...DATE_COLUMNS],
    dates.flatMap(({ date, outcome }) => (outcome === undefined ? [] : [[outcome, ...toDateCells(date)]])),
  );
