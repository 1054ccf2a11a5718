import { findCellCountFault } from '../../csv/csv-columns.js';
import { parseCsv, type CsvRecord } from '../../csv/csv-file.js';
import {
  OPTIONAL_RULE_COLUMNS,
  REQUIRED_RULE_COLUMNS,
  RULE_CSV_COLUMNS,
  type RuleColumnName,
} from '../../csv/rule-columns.js';
import type { CreateRuleInput } from '../../graphql/generated.js';

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

const RULE_FILE_COLUMNS = { required: REQUIRED_RULE_COLUMNS, optional: OPTIONAL_RULE_COLUMNS };

/** Values for absent cells. */
export type RowDefaults = Partial<Pick<CreateRuleInput, 'userId' | 'effectiveFrom'>>;

/**
 * Parses a CSV file of rules.
 * @throws UsageError if the file as a whole cannot be used
 */
export function parseRulesCsv(bytes: Uint8Array, defaults: RowDefaults): readonly RuleRow[] {
  const { columns, records } = parseCsv(bytes, RULE_FILE_COLUMNS);
  return records.map((record) => parseRuleRow(record, columns, defaults));
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
