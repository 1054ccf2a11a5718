import {
  MAX_CALENDAR_DATES,
  MAX_CALENDAR_LABEL_LENGTH,
  MAX_CALENDAR_NAME_LENGTH,
  MAX_WINDOWS_PER_CALENDAR_DATE,
  type CalendarDate,
  type InputFault,
} from '@seguridad-abc/contracts';
import {
  checkText,
  combineCheckResults,
  createInvalidResult,
  createValidResult,
  type InputCheckResult,
} from './input-check.js';
import { checkCalendarWindow, checkList, type CalendarWindowInput } from './window-input-check.js';

/** One date of a calendar as a client sends it. */
export interface CalendarDateInput {
  readonly date: string;
  readonly label?: string | null | undefined;
  /** Empty: closed on that day. */
  readonly windows: readonly CalendarWindowInput[];
}

const EARLIEST_DATE = '1900-01-01';
const LATEST_DATE = '2199-12-31';

/** A response lists at most this many faults of one calendar. */
const MAX_REPORTED_DATE_FAULTS = 100;

/** Checks the name of a calendar. Whether another calendar has it is not checked. */
export const checkCalendarName = (raw: string): InputCheckResult<string> =>
  checkText('name', raw, MAX_CALENDAR_NAME_LENGTH);

/** Checks the dates of a calendar and puts them in order. */
export function checkCalendarDates(raw: readonly CalendarDateInput[]): InputCheckResult<CalendarDate[]> {
  const checked = checkList('dates', raw, MAX_CALENDAR_DATES, checkCalendarDate);
  const repeated = raw.length <= MAX_CALENDAR_DATES ? findRepeatedDates(raw) : [];
  const faults = [...('faults' in checked ? checked.faults : []), ...repeated];
  if (faults.length > 0) return { faults: faults.slice(0, MAX_REPORTED_DATE_FAULTS) };
  return 'value' in checked ? createValidResult(checked.value.sort(compareDates)) : checked;
}

const compareDates = (a: CalendarDate, b: CalendarDate) => (a.date < b.date ? -1 : 1);

const checkCalendarDate = ({
  date,
  label = null,
  windows,
}: CalendarDateInput): InputCheckResult<CalendarDate> =>
  combineCheckResults<CalendarDate>({
    date: checkDate('date', date),
    label: label === null ? createValidResult(null) : checkText('label', label, MAX_CALENDAR_LABEL_LENGTH),
    windows: checkList('windows', windows, MAX_WINDOWS_PER_CALENDAR_DATE, checkCalendarWindow),
  });

function findRepeatedDates(raw: readonly CalendarDateInput[]): InputFault[] {
  const seen = new Set<string>();
  const faults: InputFault[] = [];
  raw.forEach(({ date }, index) => {
    const message = `dates contains ${date} more than once.`;
    if (seen.has(date)) faults.push({ path: ['dates', index, 'date'], code: 'REPEATED', message });
    else if (isDate(date)) seen.add(date);
  });
  return faults;
}

/** Checks a date of the Gregorian calendar, from 1900 to 2199. */
export function checkDate(field: string, raw: string): InputCheckResult<string> {
  if (!isDate(raw)) {
    const message = `${field} must be a date of the calendar like 2026-01-31.`;
    return createInvalidResult([field], 'INVALID', message);
  }
  if (raw >= EARLIEST_DATE && raw <= LATEST_DATE) return createValidResult(raw);
  return createInvalidResult(
    [field],
    'OUT_OF_RANGE',
    `${field} must be from ${EARLIEST_DATE} to ${LATEST_DATE}.`,
  );
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  // `Date` takes 2026-02-30 as 2 March.
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}
