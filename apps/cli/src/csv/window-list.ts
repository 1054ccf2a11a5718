import {
  WEEKDAYS,
  type ActiveWindow,
  type CalendarWindow,
  type Weekday,
  type Window,
} from '@seguridad-abc/contracts';
import { normalizeLocalTime } from '@seguridad-abc/evaluation';
import { createFaultyCell, createInvalidCell, type CellFault, type ParsedCell } from './parsed-cell.js';

/** The text of a list without windows. */
const NEVER = 'never';
/** The days of a window that starts on no day. */
const NO_DAY = 'NONE';
const WINDOW_SEPARATOR = '; ';
/** People also write each window on a line of the cell. */
const WINDOW_SEPARATORS = /[;\n]/;
/** Word processors replace a hyphen by a dash. */
const HYPHEN = /\s*[-\u2010-\u2015]\s*/;
const ALL_HYPHENS = new RegExp(HYPHEN, 'g');
const OPEN_BY = /\s+open\s*by\b\s*/i;
/** The days are in front of the first digit. */
const DAYS_AND_TIMES = new RegExp(`^(\\D*)(\\d[\\d:.]*)${HYPHEN.source}(\\d[\\d:.]*)$`);
/** The shortest abbreviation of a day. */
const SHORT_DAY_LENGTH = 3;
/** As many days in a row are written as a range. */
const MIN_RANGE_LENGTH = 3;

/** What windows of a kind may have. */
interface WindowKind {
  readonly hasDays: boolean;
  readonly hasOpenBy: boolean;
  /** A window of this kind. */
  readonly example: string;
}

const RULE_WINDOW: WindowKind = {
  hasDays: true,
  hasOpenBy: true,
  example: 'MON-FRI 09:00-13:00 or SAT,SUN 22:00-06:00 open by 23:00',
};
const ACTIVE_WINDOW: WindowKind = { hasDays: true, hasOpenBy: false, example: 'MON-FRI 22:00-06:00' };
const CALENDAR_WINDOW: WindowKind = {
  hasDays: false,
  hasOpenBy: true,
  example: '10:00-14:00 or 10:00-14:00 open by 10:30',
};

/**
 * Parses the windows of a rule, such as `MON-FRI 09:00-13:00; SAT 22:00-06:00 open by 23:00`. Windows are separated by `;` or
 * a line end. Days are names or ranges of names, separated by commas; without days, a window starts on all seven, with `NONE`
 * on no day. `never` is a list without windows. An empty text is null.
 */
export const parseWindows = (text: string): ParsedCell<Window[] | null> => parseList(text, RULE_WINDOW);

/** Parses the active windows of a rule: windows without `open by`. */
export const parseActiveWindows = (text: string): ParsedCell<ActiveWindow[] | null> =>
  mapWindows(parseList(text, ACTIVE_WINDOW), ({ days, opensAt, closesAt }) => ({ days, opensAt, closesAt }));

/** Parses the windows of a date of a calendar: windows without days. */
export const parseCalendarWindows = (text: string): ParsedCell<CalendarWindow[] | null> =>
  mapWindows(parseList(text, CALENDAR_WINDOW), ({ opensAt, closesAt, openBy }) => ({
    opensAt,
    closesAt,
    openBy,
  }));

const mapWindows = <Converted>(
  parsed: ParsedCell<Window[] | null>,
  convert: (window: Window) => Converted,
): ParsedCell<Converted[] | null> =>
  'fault' in parsed ? parsed : { value: parsed.value?.map(convert) ?? null };

/** Parts of a window as the API returns them. */
interface FormattedWindow {
  readonly days?: readonly Weekday[] | null | undefined;
  readonly opensAt: string;
  readonly closesAt: string;
  readonly openBy?: string | null | undefined;
}

/** Formats windows of any kind as the text that is parsed to the same windows. */
export function formatWindows(windows: readonly FormattedWindow[] | null): string {
  if (windows === null) return '';
  return windows.length === 0 ? NEVER : windows.map(formatWindow).join(WINDOW_SEPARATOR);
}

/** Formats one window, such as `MON-FRI 09:00-13:00 open by 09:30`. */
export function formatWindow({ days, opensAt, closesAt, openBy }: FormattedWindow): string {
  const parts = [`${opensAt}-${closesAt}`];
  if (days) parts.unshift(formatDays(days));
  if (typeof openBy === 'string') parts.push(`open by ${openBy}`);
  return parts.join(' ');
}

/** Formats days as names and ranges in the order of the week, such as `MON-FRI` or `SAT,SUN`. */
function formatDays(days: readonly Weekday[]): string {
  if (days.length === 0) return NO_DAY;
  const runs: Weekday[][] = [];
  for (const [index, day] of WEEKDAYS.entries()) {
    if (!days.includes(day)) continue;
    const run = runs.at(-1);
    if (run && run.at(-1) === WEEKDAYS[index - 1]) run.push(day);
    else runs.push([day]);
  }
  return runs
    .map((run) => {
      const names = run.map((day) => day.slice(0, SHORT_DAY_LENGTH));
      return run.length >= MIN_RANGE_LENGTH ? `${names[0] ?? ''}-${names.at(-1) ?? ''}` : names.join(',');
    })
    .join(',');
}

function parseList(cell: string, kind: WindowKind): ParsedCell<Window[] | null> {
  const text = cell.trim().replace(/\s*;$/, '');
  if (cell.trim() === '') return { value: null };
  if (text.toLowerCase() === NEVER) return { value: [] };
  const windows: Window[] = [];
  const parts = text.split(WINDOW_SEPARATORS).map((part) => part.trim());
  for (const [index, part] of parts.entries()) {
    const parsed = parseWindow(part, kind);
    if ('fault' in parsed) return { fault: locateFault(parsed.fault, part, index, parts.length) };
    windows.push(parsed.window);
  }
  return { value: windows };
}

/** Names the window that has the fault, unless it is the only one and the message quotes it. */
const locateFault = (
  { code, message }: CellFault,
  part: string,
  index: number,
  count: number,
): CellFault => ({
  code,
  message: count === 1 ? message : `Window ${index + 1} of ${count} ("${part}"): ${message}`,
});

type ParsedWindow = { readonly window: Window } | { readonly fault: CellFault };

function parseWindow(part: string, { hasDays, hasOpenBy, example }: WindowKind): ParsedWindow {
  const [hours = '', openByText, ...others] = part.split(OPEN_BY);
  const [, daysText = '', opensAtText = '', closesAtText = ''] = DAYS_AND_TIMES.exec(hours) ?? [];
  if (opensAtText === '' || others.length > 0) {
    return createInvalidCell(`"${part}" is not a window like ${example}. Write "${NEVER}" for no window.`);
  }
  if (openByText !== undefined && !hasOpenBy) {
    return createInvalidCell(`"${part}" must not have "open by": write a window like ${example}.`);
  }
  if (daysText.trim() !== '' && !hasDays) {
    return createInvalidCell(`"${part}" must not name days: write a window like ${example}.`);
  }
  const days = parseDays(daysText);
  if ('fault' in days) return days;
  const times: string[] = [];
  for (const text of [opensAtText, closesAtText, ...(openByText === undefined ? [] : [openByText])]) {
    const time = parseTime(text.trim());
    if (time === undefined) return createInvalidCell(describeWrongTime(text.trim()));
    times.push(time);
  }
  const [opensAt = '', closesAt = '', openBy = null] = times;
  return { window: { days: days.days, opensAt, closesAt, openBy } };
}

/** Spreadsheets write `8:00` for `08:00`. */
const parseTime = (text: string) => normalizeLocalTime(text.replace(/^\d:/, '0$&'));

const describeWrongTime = (text: string): string =>
  text.startsWith('24:')
    ? `"${text}" is not a time: write 00:00 for midnight.`
    : `"${text}" is not a time like 08:00 or 18:30.`;

function parseDays(text: string): { readonly days: Weekday[] } | { readonly fault: CellFault } {
  const ranges = text
    .trim()
    .toUpperCase()
    .replace(ALL_HYPHENS, '-')
    .split(/[\s,|]+/);
  if (text.trim() === '') return { days: [...WEEKDAYS] };
  if (ranges.join() === NO_DAY) return { days: [] };
  const days: Weekday[] = [];
  for (const range of ranges) {
    const [first = '', last = first, ...others] = range.split('-');
    const from = findDay(first);
    const to = findDay(last);
    if (from < 0 || to < 0 || others.length > 0) {
      return createInvalidCell(`"${range}" is not a day like MON, or a range of days like MON-FRI.`);
    }
    // A range may pass the end of the week, as in FRI-MON.
    const length = ((to - from + WEEKDAYS.length) % WEEKDAYS.length) + 1;
    days.push(...[...WEEKDAYS, ...WEEKDAYS].slice(from, from + length));
  }
  const repeated = days.find((day, index) => days.indexOf(day) < index);
  if (repeated !== undefined) {
    return createFaultyCell('REPEATED', `"${text.trim()}" repeats ${repeated}: name each day once.`);
  }
  return { days: WEEKDAYS.filter((day) => days.includes(day)) };
}

/** @returns the position in the week of a day's name or abbreviation; -1 if it is none */
const findDay = (name: string): number =>
  name.length < SHORT_DAY_LENGTH ? -1 : WEEKDAYS.findIndex((day) => day.startsWith(name));
