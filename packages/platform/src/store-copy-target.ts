import { getSqlConnection } from './sql-connection.js';
import { getKey, listNames, type CopiedRow, type CopiedTable } from './store-copy-tables.js';

/** A part of a table: the rows after a key, up to another one. */
export interface KeyRange {
  /** Undefined: from the first row on. */
  readonly after: CopiedRow | undefined;
  /** Undefined: to the last row. */
  readonly upTo: CopiedRow | undefined;
}

/** A table of PostgreSQL to which rows are copied. */
export interface TargetTable {
  /** Reads at most some rows of a range, in the order of the primary key. */
  read(range: KeyRange, limit: number): Promise<readonly CopiedRow[]>;
  /** Replaces the rows of a range. To be called inside a transaction. */
  replace(range: KeyRange, rows: readonly CopiedRow[]): Promise<void>;
}

/** @param db a connection to PostgreSQL */
export function createTargetTable(db: object, table: CopiedTable): TargetTable {
  const connection = getSqlConnection(db);
  const { columns, key, targetName: name } = table;
  const names = listNames(columns);

  const buildRange = ({ after, upTo }: KeyRange) => {
    const values: unknown[] = [];
    const compare = (operator: string, bound: CopiedRow | undefined) => {
      if (!bound) return 'true';
      const parameters = key.map(({ type }, index) => `$${values.length + index + 1}::${type}`);
      values.push(...bound);
      return `(${listNames(key)}) ${operator} (${parameters.join(', ')})`;
    };
    const conditions = [compare('>', after), compare('<=', upTo)];
    return { condition: conditions.join(' and '), values };
  };

  const arrays = columns.map(({ type }, index) => `$${index + 1}::${type}[]`).join(', ');
  const insert = connection.prepare(`insert into ${name} (${names}) select * from unnest(${arrays})`);

  return {
    async read(range, limit) {
      const { condition, values } = buildRange(range);
      const text = `select ${names} from ${name} where ${condition} order by ${listNames(key)} limit ${limit}`;
      return (await connection.prepare(text).all(values)) as CopiedRow[];
    },
    async replace(range, rows) {
      const { condition, values } = buildRange(range);
      await connection.prepare(`delete from ${name} where ${condition}`).run(values);
      if (rows.length > 0) await insert.run(columns.map((_, index) => rows.map((row) => row[index] ?? null)));
    },
  };
}

/** The range of a page: to its last row, or to the end of the table. */
export const getPageRange = (
  table: CopiedTable,
  after: CopiedRow | undefined,
  { rows, isLast }: { readonly rows: readonly CopiedRow[]; readonly isLast: boolean },
): KeyRange => {
  const last = rows.at(-1);
  return { after, upTo: isLast || !last ? undefined : getKey(table, last) };
};
