import type { SqliteFile } from './sqlite-files.js';
import { listNames, quoteName, type CopiedRow, type CopiedTable } from './store-copy-tables.js';

/** Rows of one page. */
const MAX_PAGE_ROWS = 1_000;
/** The size of the texts after which a page ends: a calendar may have 100 kB. */
const MAX_PAGE_CHARACTERS = 4 * 1024 * 1024;

/** The next rows of a table, in the order of the primary key. */
export interface SourcePage {
  readonly rows: readonly CopiedRow[];
  /** Whether there are no rows after these. */
  readonly isLast: boolean;
}

/** Creates a function that reads the rows of a table after a key. Each page is read at once; rows may change between two pages. */
export function createPageReader(
  file: SqliteFile,
  table: CopiedTable,
): (after: CopiedRow | undefined) => SourcePage {
  const { name, columns, key } = table;
  const isAfter = `(${listNames(key)}) > (${key.map(() => '?').join(', ')})`;
  const select = (condition: string) =>
    file
      .prepare<unknown[], unknown[]>(
        `select ${listNames(columns)} from ${quoteName(name)} ${condition} order by ${listNames(key)} limit ?`,
      )
      .raw();
  const first = select('');
  const next = select(`where ${isAfter}`);
  const toCopied = (row: readonly unknown[]): CopiedRow =>
    columns.map(({ type }, index) => {
      const value = row[index] as string | number | null;
      if (type === 'boolean' && value !== null) return value === 1;
      // Earlier software may have stored fractions of a millisecond, which PostgreSQL refuses.
      return type === 'bigint' && typeof value === 'number' ? Math.trunc(value) : value;
    });

  return (after) => {
    const rows: CopiedRow[] = [];
    let characters = 0;
    const found = after ? next.iterate(...after, MAX_PAGE_ROWS + 1) : first.iterate(MAX_PAGE_ROWS + 1);
    for (const row of found) {
      if (rows.length === MAX_PAGE_ROWS || characters > MAX_PAGE_CHARACTERS) return { rows, isLast: false };
      for (const value of row) if (typeof value === 'string') characters += value.length;
      rows.push(toCopied(row));
    }
    return { rows, isLast: true };
  };
}
