import { RULE_INPUT_DEFAULTS } from '@seguridad-abc/contracts';
import { findOutdatedZoneNotice, normalizeTimeZone } from '@seguridad-abc/evaluation';
import { findCellCountFault, parseCsvHeader } from '../../csv/csv-columns.js';
import { parseCsv, type CsvRecord } from '../../csv/csv-file.js';
import { createInvalidCell, type CellFault } from '../../csv/parsed-cell.js';
import {
  HOURS_COLUMNS,
  OPTIONAL_RULE_COLUMNS,
  REQUIRED_RULE_COLUMNS,
  RULE_CSV_COLUMNS,
  type RuleColumnName,
} from '../../csv/rule-columns.js';
import { isDate, parseTimestamp } from '../../csv/timestamps.js';
import type { CreateRuleInput } from '../../graphql/generated.js';
import { UsageError } from '../../shared/errors.js';

/** One thing wrong with a row. */
export interface RowFault {
  /** Null if the fault concerns the whole row. */
  readonly column: string | null;
  readonly code: string;
  readonly message: string;
}

export interface RuleRow {
  /** The line of the file. */
  readonly line: number;
  /** The input without the faulty fields, and without `calendarId`; it is complete if there are no faults. */
  readonly input: Partial<CreateRuleInput>;
  /** The name of the calendar. Null: none. */
  readonly calendar: string | null;
  /** What is wrong without asking the server. */
  readonly faults: readonly RowFault[];
}

const RULE_FILE_COLUMNS = { required: REQUIRED_RULE_COLUMNS, optional: OPTIONAL_RULE_COLUMNS };

/** Values for absent cells. */
export type RowDefaults = Partial<Pick<CreateRuleInput, 'userId' | 'effectiveFrom'>>;

/**
 * Parses a CSV file of rules.
 * @throws UsageError if the file as a whole cannot be used
 */
export function parseRulesCsv(bytes: Uint8Array, defaults: RowDefaults): readonly RuleRow[] {
  const { columns, records } = parseCsv(bytes, readRuleColumns);
  return records.map((record) => parseRuleRow(record, columns, defaults));
}

/** @throws UsageError if the file has no column for hours, or only some of those that belong together */
function readRuleColumns(cells: readonly string[]): readonly RuleColumnName[] {
  const columns = parseCsvHeader(cells, RULE_FILE_COLUMNS);
  const [opensAt, closesAt, days] = HOURS_COLUMNS.map((name) => columns.includes(name));
  const isComplete = opensAt ? closesAt : !closesAt && !days && columns.includes('windows');
  if (isComplete) return columns;
  throw new UsageError(
    'The first line must have the columns opensAt and closesAt, and may have days; or it must have the column windows.',
  );
}

/** @param names the columns of the file, in their order */
export function parseRuleRow(
  record: CsvRecord,
  names: readonly RuleColumnName[],
  defaults: RowDefaults,
): RuleRow {
  const { line, cells } = record;
  const message = findCellCountFault(record, names);
  if (message !== undefined) {
    const faults = [{ column: null, code: 'INVALID', message }];
    return { line, input: { ...defaults }, calendar: null, faults };
  }
  const values: Partial<Record<RuleColumnName, unknown>> = { ...defaults };
  const faults: RowFault[] = [];
  const hours = findHoursColumns(
    names.filter((_, index) => cells[index]?.trim() !== ''),
    names,
  );
  if (hours.fault) faults.push({ column: 'windows', ...hours.fault });
  for (const [index, name] of names.entries()) {
    const parsed = RULE_CSV_COLUMNS[name].parse(cells[index] ?? '');
    if ('fault' in parsed) faults.push({ column: name, ...parsed.fault });
    else if (parsed.value !== undefined && !hours.ignored.includes(name)) values[name] = parsed.value;
  }
  // RULE_CSV_COLUMNS gives each value the type of its field.
  const { effectiveFrom, calendar, ...others } = values as Partial<CreateRuleInput> & {
    readonly calendar?: string | null;
  };
  const zone = others.timeZone ?? RULE_INPUT_DEFAULTS.timeZone;
  return {
    line,
    input: {
      ...others,
      ...(typeof effectiveFrom === 'string' && { effectiveFrom: resolveDate(effectiveFrom, zone) }),
    },
    calendar: calendar ?? null,
    faults,
  };
}

interface HoursColumns {
  /** Columns whose value the row does not use. */
  readonly ignored: readonly RuleColumnName[];
  readonly fault?: CellFault;
}

/**
 * Finds out which columns have the hours of a row.
 * @param filled the columns in which the row has a text
 * @param names the columns of the file
 */
function findHoursColumns(filled: readonly RuleColumnName[], names: readonly RuleColumnName[]): HoursColumns {
  const filledHours = HOURS_COLUMNS.filter((name) => filled.includes(name));
  // An empty cell of windows says nothing where the file has other columns for hours.
  if (!filled.includes('windows')) return { ignored: names.includes('opensAt') ? ['windows'] : [] };
  if (filledHours.length === 0) return { ignored: HOURS_COLUMNS };
  const message = `The row has windows and also ${filledHours.join(', ')}: write the hours in one form only.`;
  return { ignored: [...HOURS_COLUMNS, 'windows'], ...createInvalidCell(message) };
}

/** Converts a date to the instant at which it starts in a zone. The server reports any other text that is no instant. */
function resolveDate(text: string, timeZone: string): string {
  if (!isDate(text) || normalizeTimeZone(timeZone) === undefined) return text;
  const midnight = parseTimestamp(`${text}T00:00`, timeZone);
  return 'at' in midnight ? midnight.at : text;
}

/** Number of rows that the notes list. */
const MAX_LISTED_ROWS = 20;

/**
 * Finds rows that are valid but probably not what their author means: hours without a day allow nothing.
 * @returns lines for the user
 */
export function describeNeverAllowedRows(rows: readonly RuleRow[]): readonly string[] {
  const affected = rows.filter(
    ({ input: { opensAt, closesAt, days }, faults }) =>
      faults.length === 0 &&
      days?.length === 0 &&
      typeof opensAt === 'string' &&
      typeof closesAt === 'string',
  );
  const notes = affected
    .slice(0, MAX_LISTED_ROWS)
    .map(
      ({ line }) =>
        `line ${line}: hours but no day, so this opening is never allowed: name the days, or remove the column.`,
    );
  const unlistedCount = affected.length - notes.length;
  return unlistedCount > 0 ? [...notes, `and ${unlistedCount} more rows like these.`] : notes;
}

/**
 * Finds rows whose zone has changed its clocks, but the time zone data of this program lacks the change.
 * @returns lines for the user, one for each zone
 */
export function describeOutdatedZoneRows(rows: readonly RuleRow[]): readonly string[] {
  const zones = new Set(rows.flatMap(({ input: { timeZone } }) => timeZone ?? []));
  return [...zones].flatMap((zone) => {
    const notice = findOutdatedZoneNotice(zone);
    const [first, ...others] = rows.filter(({ input }) => input.timeZone === zone);
    if (notice === undefined || !first) return [];
    return [`line ${first.line}${others.length === 0 ? '' : ` and ${others.length} more`}: ${notice}`];
  });
}
