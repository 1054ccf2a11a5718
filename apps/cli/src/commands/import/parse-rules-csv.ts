import { parseCsv, type CsvRecord } from '../../csv/csv-file.js';
import {
  isRuleColumnName,
  OPTIONAL_RULE_COLUMNS,
  REQUIRED_RULE_COLUMNS,
  RULE_CSV_COLUMNS,
  type RuleColumnName,
} from '../../csv/rule-columns.js';
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
  /** The input without the faulty fields; it is complete if there are no faults. */
  readonly input: Partial<CreateRuleInput>;
  /** What is wrong without asking the server. */
  readonly faults: readonly RowFault[];
}

/** Values for absent cells. */
export type RowDefaults = Partial<Pick<CreateRuleInput, 'userId' | 'effectiveFrom'>>;

/**
 * Parses a CSV file of rules.
 * @throws UsageError if the file as a whole cannot be used
 */
export function parseRulesCsv(bytes: Uint8Array, defaults: RowDefaults): readonly RuleRow[] {
  const { header, records } = parseCsv(bytes);
  const names = parseRuleHeader(header.cells);
  return records.map((record) => parseRuleRow(record, names, defaults));
}

/**
 * Reads the column names from the cells of the first line.
 * @throws UsageError which lists all unknown, missing and repeated columns
 */
export function parseRuleHeader(cells: readonly string[]): readonly RuleColumnName[] {
  const names = cells.map((cell) => cell.trim());
  const problems = {
    'unknown columns': names.filter((name) => !isRuleColumnName(name)).map((name) => `"${name}"`),
    'missing columns': REQUIRED_RULE_COLUMNS.filter((name) => !names.includes(name)),
    'repeated columns': names.filter((name, index) => names.indexOf(name) < index),
  };
  const descriptions = Object.entries(problems)
    .filter(([, affected]) => affected.length > 0)
    .map(([problem, affected]) => `${problem}: ${affected.join(', ')}`);
  if (descriptions.length === 0) return names.filter(isRuleColumnName);
  throw new UsageError(
    `The first line has ${descriptions.join('; ')}. ` +
      `It must have ${REQUIRED_RULE_COLUMNS.join(',')} and may have ${OPTIONAL_RULE_COLUMNS.join(', ')}.`,
  );
}

/** @param names the columns of the file, in their order */
export function parseRuleRow(
  { line, cells }: CsvRecord,
  names: readonly RuleColumnName[],
  defaults: RowDefaults,
): RuleRow {
  if (cells.length !== names.length) {
    const message = `The row has ${cells.length} cells, but there are ${names.length} columns.`;
    return { line, input: { ...defaults }, faults: [{ column: null, code: 'INVALID', message }] };
  }
  const input: Partial<Record<RuleColumnName, unknown>> = { ...defaults };
  const faults: RowFault[] = [];
  for (const [index, name] of names.entries()) {
    const parsed = RULE_CSV_COLUMNS[name].parse(cells[index] ?? '');
    if ('fault' in parsed) faults.push({ column: name, ...parsed.fault });
    else if (parsed.value !== undefined) input[name] = parsed.value;
  }
  // The type of RULE_CSV_COLUMNS assigns each value to its field.
  return { line, input: input as Partial<CreateRuleInput>, faults };
}
