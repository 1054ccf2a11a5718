import {
  SEVERITIES,
  WEEKDAYS,
  type ActiveWindow,
  type RuleDefinition,
  type Severity,
  type Weekday,
  type Window,
} from '@seguridad-abc/contracts';
import { normalizeInstant } from '@seguridad-abc/evaluation';
import type { RuleColumnsFragment } from '../graphql/generated.js';
import { createFaultyCell, createInvalidCell, type ParsedCell } from './parsed-cell.js';
import { formatWindows, parseActiveWindows, parseWindows } from './window-list.js';

/** The hours of a rule with at most one window, which may be written without a list. */
interface ShortHours {
  readonly opensAt: string | null;
  readonly closesAt: string | null;
  readonly days: readonly Weekday[];
}

/** The values of a rule, by column. The fields are those of `CreateRuleInput`, but a file names a calendar by its name. */
interface RuleColumnValues
  extends Omit<RuleDefinition, 'calendarId' | 'windows' | 'activeWindows'>, ShortHours {
  readonly userId: string;
  readonly windows: readonly Window[] | null;
  readonly calendar: string | null;
  readonly activeWindows: readonly ActiveWindow[] | null;
  readonly effectiveFrom: string;
}

/** The name of a column. */
export type RuleColumnName = keyof RuleColumnValues;

/** Values of a rule or of a row, by column. */
export type RuleValues = Readonly<Partial<Record<RuleColumnName, unknown>>>;

interface RuleColumn<Value> {
  /** Whether an imported file must have the column. */
  readonly isRequired: boolean;
  /** Converts a cell to the value of a row. */
  readonly parse: (cell: string) => ParsedCell<Value | null>;
  /** Converts a value of a rule to a cell; by default, the cell is the value. */
  readonly format?: (value: Value) => string;
  /**
   * Converts a value that is not null to a form in which equal values are identical; `values` has the other fields. By
   * default, that form is the value.
   */
  readonly normalize?: (value: NonNullable<Value>, values: RuleValues) => unknown;
}

type RuleColumns = { readonly [Name in RuleColumnName]: RuleColumn<RuleColumnValues[Name]> };

/** Largest value of GraphQL's `Int`. */
const MAX_INT = 2 ** 31 - 1;
/** Separates the days in a cell that `export` writes. */
const DAY_SEPARATOR = '|';
/** Separates the days in a cell that `import` reads. */
const DAY_SEPARATORS = /[|,]/;
/** `8:00 AM`, or `8:00 a. m.` of a Spanish spreadsheet. Its spaces may be no-break spaces. */
const TWELVE_HOUR_TIME = /^\d{1,2}(?::\d{2}){1,2}\s*[ap]\.?\s*m\.?$/i;

/**
 * The columns of a CSV file of rules. Import, export and the comparison with existing rules use this table; the operations in
 * graphql/operations.graphql select the same fields. The compiler reports a missing column.
 */
export const RULE_CSV_COLUMNS: RuleColumns = {
  userId: { isRequired: false, parse: parseText(undefined) },
  // The server trims and validates names.
  name: { isRequired: true, parse: (cell) => ({ value: cell }), normalize: normalizeText },
  opening: { isRequired: true, parse: (cell) => ({ value: cell }), normalize: normalizeText },
  opensAt: { isRequired: false, parse: parseTime, normalize: removeZeroSeconds },
  closesAt: { isRequired: false, parse: parseTime, normalize: removeZeroSeconds },
  days: {
    isRequired: false,
    parse: parseDays,
    format: (days) => days.join(DAY_SEPARATOR),
    normalize: sortDays,
  },
  windows: {
    isRequired: false,
    parse: parseWindows,
    format: formatWindows,
    normalize: normalizeWindows,
  },
  calendar: { isRequired: false, parse: parseText(null), normalize: normalizeText },
  graceSeconds: { isRequired: false, parse: parseSeconds(undefined) },
  maxOpenSeconds: { isRequired: true, parse: parseSeconds(null) },
  activeWindows: {
    isRequired: false,
    parse: parseActiveWindows,
    format: formatWindows,
    normalize: normalizeWindows,
  },
  silentAfterSeconds: { isRequired: false, parse: parseSeconds(null) },
  onTamper: { isRequired: false, parse: parseBoolean },
  onBatteryLow: { isRequired: false, parse: parseBoolean },
  timeZone: { isRequired: true, parse: parseText(undefined), normalize: (zone) => zone.toLowerCase() },
  severity: {
    isRequired: false,
    parse: parseChoice<Severity>(new Map(SEVERITIES.map((severity) => [severity, severity]))),
  },
  effectiveFrom: {
    isRequired: false,
    parse: parseText(undefined),
    normalize: (instant) => normalizeInstant(instant) ?? instant,
  },
  enabled: { isRequired: false, parse: parseBoolean },
};

/** The columns in their order. */
export const RULE_COLUMN_NAMES = Object.keys(RULE_CSV_COLUMNS) as readonly RuleColumnName[];
/** The columns that an imported file must have. It must also have {@link HOURS_COLUMNS} or `windows`. */
export const REQUIRED_RULE_COLUMNS = RULE_COLUMN_NAMES.filter((name) => RULE_CSV_COLUMNS[name].isRequired);
/** The columns that an imported file may have. */
export const OPTIONAL_RULE_COLUMNS = RULE_COLUMN_NAMES.filter((name) => !RULE_CSV_COLUMNS[name].isRequired);
/** The columns that have the hours of a rule with at most one window. A file may leave out `days`. */
export const HOURS_COLUMNS = ['opensAt', 'closesAt', 'days'] as const satisfies RuleColumnName[];

/**
 * The values of a rule, by column. The hours are in the columns `opensAt`, `closesAt` and `days` if these can say everything,
 * otherwise in `windows`; the other form is absent.
 */
export function getRuleValues(rule: RuleColumnsFragment): RuleValues {
  const { user, windows, calendar, ...others } = rule;
  return {
    ...others,
    userId: user.id,
    calendar: calendar?.name ?? null,
    ...(getShortHours(windows) ?? { windows }),
  };
}

/** @returns undefined if the hours need a list of windows */
function getShortHours(windows: RuleColumnsFragment['windows']): ShortHours | undefined {
  if (windows === null) return { opensAt: null, closesAt: null, days: WEEKDAYS };
  const [window, ...others] = windows;
  if (!window || others.length > 0 || window.openBy !== null) return undefined;
  const { opensAt, closesAt, days } = window;
  return { opensAt, closesAt, days };
}

/** The cell that shows a value of a rule. Null: the cell is empty. */
export function formatRuleCell(name: RuleColumnName, values: RuleValues): string | number | boolean | null {
  const { format } = RULE_CSV_COLUMNS[name] as RuleColumn<unknown>;
  const value = values[name] ?? null;
  if (value === null) return null;
  // Only texts, numbers and Booleans are columns without a format.
  return format ? format(value) : (value as string | number | boolean);
}

/**
 * Converts a value to a form in which equal values are identical. An absent value equals null.
 * @param values of the rule or of the row
 */
export function normalizeRuleValue(name: RuleColumnName, values: RuleValues): unknown {
  const { normalize } = RULE_CSV_COLUMNS[name] as RuleColumn<unknown>;
  const value = values[name] ?? null;
  return normalize && value !== null ? normalize(value, values) : value;
}

/** The server stores texts in this form. An empty text equals null. */
function normalizeText(text: string): string | null {
  return text.replaceAll('\r\n', '\n').trim().normalize('NFC') || null;
}

function removeZeroSeconds(time: string): string {
  return time.replace(/^(\d\d:\d\d):00$/, '$1');
}

/** Without hours, days have no effect. */
function sortDays(days: readonly Weekday[], { opensAt }: RuleValues): string | null {
  return opensAt === null ? null : days.toSorted().join();
}

/** The order of windows has no effect. */
function normalizeWindows(windows: readonly (Window | ActiveWindow)[]): string {
  return windows
    .map((window) => formatWindows([window]))
    .sort()
    .join();
}

/** @param emptyValue the value of an empty cell */
function parseText<Empty extends null | undefined>(
  emptyValue: Empty,
): (cell: string) => ParsedCell<string | Empty> {
  return (cell) => ({ value: cell.trim() === '' ? emptyValue : cell.trim() });
}

/** Spreadsheets write `8:00` for `08:00`. The server rejects other texts. */
function parseTime(cell: string): ParsedCell<string | null> {
  const time = cell.trim();
  if (TWELVE_HOUR_TIME.test(time)) {
    return createInvalidCell(
      `The value must be a time like 08:00 or 18:30 (it is "${time}"): in Excel, format the column as hh:mm.`,
    );
  }
  return { value: time === '' ? null : time.replace(/^\d:/, '0$&') };
}

/** @param choices values by their names, in upper case */
function parseChoice<Value>(choices: ReadonlyMap<string, Value>): (cell: string) => ParsedCell<Value> {
  return (cell) => {
    const name = cell.trim().toUpperCase();
    if (name === '' || choices.has(name)) return { value: choices.get(name) };
    return createInvalidCell(`The value must be one of ${[...choices.keys()].join(', ')} (it is "${cell}").`);
  };
}

function parseBoolean(cell: string): ParsedCell<boolean> {
  return parseChoice(
    new Map([
      ['TRUE', true],
      ['FALSE', false],
    ]),
  )(cell);
}

const isWeekday = (text: string): text is Weekday => WEEKDAYS.some((weekday) => weekday === text);

/** An empty cell means no day. All days are named, or the file lacks the column. */
function parseDays(cell: string): ParsedCell<readonly Weekday[]> {
  if (cell.trim() === '') return { value: [] };
  const names = cell.split(DAY_SEPARATORS).map((day) => day.trim().toUpperCase());
  const unknown = names.find((name) => !isWeekday(name));
  if (unknown !== undefined) {
    return createInvalidCell(
      `The value must be days like MONDAY|TUESDAY, or empty for no day ("${unknown}" is not a day).`,
    );
  }
  const days = names.filter(isWeekday);
  const repeated = days.find((day, index) => days.indexOf(day) < index);
  if (repeated === undefined) return { value: days };
  return createFaultyCell('REPEATED', `The value repeats ${repeated}: name each day once.`);
}

/**
 * The server checks the range.
 * @param emptyValue the value of an empty cell
 */
function parseSeconds<Empty extends null | undefined>(
  emptyValue: Empty,
): (cell: string) => ParsedCell<number | Empty> {
  return (cell) => {
    if (cell.trim() === '') return { value: emptyValue };
    const value = /^-?\d{1,10}$/.test(cell.trim()) ? Number(cell) : Infinity;
    if (Math.abs(value) <= MAX_INT) return { value };
    return createInvalidCell(`The value must be a whole number of seconds (it is "${cell}").`);
  };
}
