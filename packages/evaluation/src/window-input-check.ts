import {
  WEEKDAYS,
  type ActiveWindow,
  type CalendarWindow,
  type InputFault,
  type Weekday,
  type Window,
} from '@seguridad-abc/contracts';
import {
  checkEnumList,
  combineCheckResults,
  createInvalidResult,
  createValidResult,
  normalizeLocalTime,
  type InputCheckResult,
} from './input-check.js';
import { parseWindow } from './window-occurrences.js';

/** The largest number of windows of a rule, and of its active windows. */
export const MAX_WINDOWS_PER_RULE = 50;

/** A window of one date of a calendar as a client sends it. */
export interface CalendarWindowInput {
  readonly opensAt: string;
  readonly closesAt: string;
  readonly openBy?: string | null | undefined;
}

/** One of the `activeWindows` of a rule as a client sends it. */
export interface ActiveWindowInput {
  /** All seven if absent. */
  readonly days?: readonly Weekday[] | null | undefined;
  readonly opensAt: string;
  readonly closesAt: string;
}

/** One of the `windows` of a rule as a client sends it. */
export type WindowInput = ActiveWindowInput & CalendarWindowInput;

/** Checks each item of a list. A fault has the index of its item in its path. The length is checked before any item. */
export function checkList<Raw, Value>(
  field: string,
  raw: readonly Raw[],
  maxLength: number,
  checkItem: (item: Raw, index: number) => InputCheckResult<Value>,
): InputCheckResult<Value[]> {
  if (raw.length > maxLength) {
    const message = `${field} must have at most ${maxLength} items; it has ${raw.length}.`;
    return createInvalidResult([field], 'OUT_OF_RANGE', message);
  }
  const values: Value[] = [];
  const faults: InputFault[] = [];
  raw.forEach((item, index) => {
    const checked = checkItem(item, index);
    if ('value' in checked) values.push(checked.value);
    else faults.push(...checked.faults.map((fault) => ({ ...fault, path: [field, index, ...fault.path] })));
  });
  return faults.length > 0 ? { faults } : createValidResult(values);
}

/** Checks the windows of a rule. */
export const checkWindows = (raw: readonly WindowInput[]): InputCheckResult<Window[]> =>
  checkList('windows', raw, MAX_WINDOWS_PER_RULE, (window) =>
    combineWindow(checkWindowDays(window.days), checkCalendarWindow(window)),
  );

/** Checks the active windows of a rule. */
export const checkActiveWindows = (raw: readonly ActiveWindowInput[]): InputCheckResult<ActiveWindow[]> =>
  checkList('activeWindows', raw, MAX_WINDOWS_PER_RULE, (window) =>
    combineCheckResults<ActiveWindow>({
      days: checkWindowDays(window.days),
      opensAt: checkLocalTime('opensAt', window.opensAt),
      closesAt: checkLocalTime('closesAt', window.closesAt),
    }),
  );

function combineWindow(
  days: InputCheckResult<Weekday[]>,
  times: InputCheckResult<CalendarWindow>,
): InputCheckResult<Window> {
  const combined = combineCheckResults<{ days: Weekday[]; times: CalendarWindow }>({ days, times });
  return 'faults' in combined
    ? combined
    : createValidResult({ days: combined.value.days, ...combined.value.times });
}

/** Checks a window without its days. */
export function checkCalendarWindow(raw: CalendarWindowInput): InputCheckResult<CalendarWindow> {
  const { openBy = null } = raw;
  const checked = combineCheckResults<CalendarWindow>({
    opensAt: checkLocalTime('opensAt', raw.opensAt),
    closesAt: checkLocalTime('closesAt', raw.closesAt),
    openBy: openBy === null ? createValidResult(null) : checkLocalTime('openBy', openBy),
  });
  if ('faults' in checked || isOpenByInWindow(checked.value)) return checked;
  const { opensAt, closesAt } = checked.value;
  const message = `openBy must be from opensAt (${opensAt}) to closesAt (${closesAt}), both included.`;
  return createInvalidResult(['openBy'], 'OUT_OF_RANGE', message);
}

function isOpenByInWindow(window: CalendarWindow): boolean {
  const { openByMs, closesMs } = parseWindow(window);
  return openByMs === undefined || openByMs <= closesMs;
}

const checkWindowDays = (raw: readonly Weekday[] | null | undefined): InputCheckResult<Weekday[]> =>
  raw ? checkDays(raw) : createValidResult([...WEEKDAYS]);

/** Checks weekdays and puts them in the order of the week. */
export function checkDays(raw: readonly Weekday[]): InputCheckResult<Weekday[]> {
  const checked = checkEnumList('days', raw, WEEKDAYS);
  if ('faults' in checked) return checked;
  const faults = raw.flatMap((day, index): InputFault[] =>
    raw.indexOf(day) < index
      ? [{ path: ['days', index], code: 'REPEATED', message: `days names ${day} more than once.` }]
      : [],
  );
  return faults.length > 0 ? { faults } : createValidResult(WEEKDAYS.filter((day) => raw.includes(day)));
}

export function checkLocalTime(field: string, raw: string): InputCheckResult<string> {
  const time = normalizeLocalTime(raw);
  return time === undefined
    ? createInvalidResult([field], 'INVALID', `${field} must be a time like 08:00 or 08:00:30.`)
    : createValidResult(time);
}
