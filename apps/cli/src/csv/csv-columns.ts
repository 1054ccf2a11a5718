import { UsageError } from '../shared/errors.js';

/** The columns that a kind of file must have and may have, in any order. */
export interface CsvColumns<Required extends string = string, Optional extends string = string> {
  readonly required: readonly Required[];
  readonly optional: readonly Optional[];
}

const MAX_QUOTED_LENGTH = 60;

/**
 * Reads the column names from the cells of the first line: in any letter case, and also with spaces or underscores between
 * their words, such as `Opens At` for `opensAt`.
 * @returns the columns of the file, in their order
 * @throws UsageError which lists all unknown, missing and repeated columns
 */
export function parseCsvHeader<Required extends string, Optional extends string>(
  cells: readonly string[],
  { required, optional }: CsvColumns<Required, Optional>,
): readonly (Required | Optional)[] {
  const known: readonly string[] = [...required, ...optional];
  const names = cells.map((cell) => {
    const name = normalizeColumnName(cell);
    return known.find((each) => normalizeColumnName(each) === name) ?? cell.trim();
  });
  const expectation = `${required.join(',')} and may have ${optional.join(', ')}`;
  if (!names.some((name) => known.includes(name))) {
    throw new UsageError(
      `The first line names no column of this kind of file (it is "${cells.join().slice(0, MAX_QUOTED_LENGTH)}"): ` +
        `give a CSV file. Its first line must have ${expectation}.`,
    );
  }
  const problems = {
    'unknown columns': names.filter((name) => !known.includes(name)).map((name) => `"${name}"`),
    'missing columns': required.filter((name) => !names.includes(name)),
    'repeated columns': names.filter((name, index) => names.indexOf(name) < index),
  };
  const descriptions = Object.entries(problems)
    .filter(([, affected]) => affected.length > 0)
    .map(([problem, affected]) => `${problem}: ${affected.join(', ')}`);
  // Unknown names are a problem, so all names are columns.
  if (descriptions.length === 0) return names as (Required | Optional)[];
  throw new UsageError(`The first line has ${descriptions.join('; ')}. It must have ${expectation}.`);
}

/** Converts the name of a column to a form in which names that count as equal are identical. */
export const normalizeColumnName = (name: string): string => name.toLowerCase().replace(/[\s_]/g, '');

/**
 * Checks that a row has a cell for each column: an absent cell is not an empty one.
 * @returns what is wrong; undefined if nothing is
 */
export const findCellCountFault = (
  { cells }: { readonly cells: readonly string[] },
  columns: readonly string[],
): string | undefined =>
  cells.length === columns.length
    ? undefined
    : `The row has ${cells.length} cells, but there are ${columns.length} columns.`;
