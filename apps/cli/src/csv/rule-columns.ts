import { SEVERITIES, WEEKDAYS, type RuleDefinition, type Weekday } from '@seguridad-abc/contracts';
import { normalizeInstant } from '@seguridad-abc/evaluation';
import type { CreateRuleInput, RuleColumnsFragment } from '../graphql/generated.js';

/** The name of a column: a field of `CreateRuleInput`. */
export type RuleColumnName = keyof RuleDefinition | 'userId' | 'effectiveFrom';

/** Values of a rule or of a `CreateRuleInput`, by column. */
export type RuleValues = Readonly<Partial<Record<RuleColumnName, unknown>>>;

/** A fault of a cell. The codes are those of the API. */
export interface CellFault {
  readonly code: string;
  readonly message: string;
}

/** `value` is undefined if the cell leaves the field at its default. */
export type ParsedCell<Value> = { readonly value: Value | undefined } | { readonly fault: CellFault };

interface RuleColumn<Input, Output> {
  /** Whether an imported file must have the column. */
  readonly isRequired: boolean;
  /** Converts a cell to a value of `CreateRuleInput`. */
  readonly parse: (cell: string) => ParsedCell<Input>;
  /** Converts a value of a rule to a cell; by default, the cell is the value. */
  readonly format?: (value: Output) => string;
  /**
   * Converts a value that is not null to a form in which equal values are identical; `values` has the other fields. By
   * default, that form is the value.
   */
  readonly normalize?: (value: NonNullable<Output>, values: RuleValues) => unknown;
}

type RuleOutput = ReturnType<typeof getRuleValues>;
type RuleColumns = {
  readonly [Name in RuleColumnName]: RuleColumn<CreateRuleInput[Name], RuleOutput[Name]>;
};

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
  opensAt: { isRequired: true, parse: parseTime, normalize: removeZeroSeconds },
  closesAt: { isRequired: true, parse: parseTime, normalize: removeZeroSeconds },
  days: {
    isRequired: false,
    parse: parseDays,
    format: (days) => days.join(DAY_SEPARATOR),
    normalize: sortDays,
  },
  maxOpenSeconds: { isRequired: true, parse: parseSeconds },
  timeZone: { isRequired: true, parse: parseText(undefined), normalize: (zone) => zone.toLowerCase() },
  severity: {
    isRequired: false,
    parse: parseChoice(new Map(SEVERITIES.map((severity) => [severity, severity]))),
  },
  effectiveFrom: {
    isRequired: false,
    parse: parseText(undefined),
    normalize: (instant) => normalizeInstant(instant) ?? instant,
  },
  enabled: {
    isRequired: false,
    parse: parseChoice(
      new Map([
        ['TRUE', true],
        ['FALSE', false],
      ]),
    ),
  },
};

/** The columns in their order. */
export const RULE_COLUMN_NAMES = Object.keys(RULE_CSV_COLUMNS) as readonly RuleColumnName[];
/** The columns that an imported file must have. */
export const REQUIRED_RULE_COLUMNS = RULE_COLUMN_NAMES.filter((name) => RULE_CSV_COLUMNS[name].isRequired);
/** The columns that an imported file may have. */
export const OPTIONAL_RULE_COLUMNS = RULE_COLUMN_NAMES.filter((name) => !RULE_CSV_COLUMNS[name].isRequired);

/** The values of a rule by column, as `CreateRuleInput` has them. */
export const getRuleValues = ({ user, ...rule }: RuleColumnsFragment) => ({ ...rule, userId: user.id });

/** The cell that shows a value of a rule. */
export function formatRuleCell(name: RuleColumnName, rule: RuleColumnsFragment): unknown {
  const { format = (value: unknown) => value } = RULE_CSV_COLUMNS[name] as RuleColumn<unknown, unknown>;
  return format(getRuleValues(rule)[name]);
}

/**
 * Converts a value to a form in which equal values are identical. An absent value equals null.
 * @param values of the rule or of the input
 */
export function normalizeRuleValue(name: RuleColumnName, values: RuleValues): unknown {
  const { normalize } = RULE_CSV_COLUMNS[name] as RuleColumn<unknown, unknown>;
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
  return { fault: { code: 'REPEATED', message: `The value repeats ${repeated}: name each day once.` } };
}

/** The server checks the range. */
function parseSeconds(cell: string): ParsedCell<number | null> {
  if (cell.trim() === '') return { value: null };
  const value = /^-?\d{1,10}$/.test(cell.trim()) ? Number(cell) : Infinity;
  if (Math.abs(value) <= MAX_INT) return { value };
  return createInvalidCell(`The value must be a whole number of seconds (it is "${cell}").`);
}

const createInvalidCell = (message: string): { readonly fault: CellFault } => ({
  fault: { code: 'INVALID', message },
});
