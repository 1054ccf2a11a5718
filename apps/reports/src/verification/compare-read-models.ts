import { createHash } from 'node:crypto';
import type { SqliteFile } from '@seguridad-abc/platform';
import { COMPARED_TABLES, type ComparedTable, type ComparedTableName } from './compared-tables.js';

/** A value as SQLite stores it. */
export type StoredValue = string | number | null;
export type StoredRow = readonly StoredValue[];

/** A row that the read model has and the log does not give, or the reverse, or that has other values. */
export interface RowDifference {
  readonly table: ComparedTableName;
  readonly kind: 'extra' | 'missing' | 'changed';
  /** What identifies the row. */
  readonly key: StoredRow;
}

/** Rows of one range. A range that differs is compared row by row. */
const ROWS_PER_RANGE = 1_000;

export interface ComparisonLimits {
  /** @default 1_000 */
  readonly rowsPerRange?: number;
  /** Ends the comparison when so many differences are known. @default Infinity */
  readonly maxDifferences?: number;
}

/** Compares two read models: first the hashes of ranges, then the rows of ranges that differ. */
export function findDifferences(
  expected: SqliteFile,
  actual: SqliteFile,
  { rowsPerRange = ROWS_PER_RANGE, maxDifferences = Infinity }: ComparisonLimits = {},
): RowDifference[] {
  const differences: RowDifference[] = [];
  for (const table of COMPARED_TABLES)
    for (const range of listRanges(table, expected, rowsPerRange)) {
      const hasEqualRows = hashRange(table, expected, range) === hashRange(table, actual, range);
      if (!hasEqualRows) differences.push(...compareRows(table, expected, actual, range));
      if (differences.length >= maxDifferences) return differences;
    }
  for (const table of COMPARED_TABLES)
    for (const [openingId, ...key] of findRowsWithoutOpening(table, actual))
      differences.push({ table: table.name, kind: 'extra', key: [null, openingId ?? null, ...key] });
  return differences;
}

/** The rows after one key, up to and with another one. */
interface KeyRange {
  /** Undefined: from the first row. */
  readonly after: StoredRow | undefined;
  /** Undefined: to the last row. */
  readonly upTo: StoredRow | undefined;
}

/** Divides the rows of the expected read model into ranges. The last one has no end, so that they cover every key. */
function* listRanges(table: ComparedTable, expected: SqliteFile, rows: number): Generator<KeyRange> {
  let after: StoredRow | undefined;
  for (;;) {
    const { sql, parameters } = buildRangeQuery(table, { after, upTo: undefined });
    const last = expected
      .prepare<unknown[], StoredValue[]>(`${sql} limit 1 offset ?`)
      .raw()
      .get(...parameters, rows - 1);
    const upTo = last?.slice(0, table.keyLength);
    yield { after, upTo };
    if (!upTo) return;
    after = upTo;
  }
}

function buildRangeQuery({ columns, keyLength, source }: ComparedTable, { after, upTo }: KeyRange) {
  const key = columns.slice(0, keyLength).join();
  const marks = Array.from({ length: keyLength }, () => '?').join();
  const conditions = [
    ...(after ? [`(${key}) > (${marks})`] : []),
    ...(upTo ? [`(${key}) <= (${marks})`] : []),
  ];
  const where = conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`;
  return {
    sql: `select ${columns.join()} from ${source}${where} order by ${key}`,
    parameters: [...(after ?? []), ...(upTo ?? [])],
  };
}

/** @returns the rows of a range, in order; the first values of each are its key */
function iterateRange(table: ComparedTable, model: SqliteFile, range: KeyRange): Iterable<StoredValue[]> {
  const { sql, parameters } = buildRangeQuery(table, range);
  return model
    .prepare<unknown[], StoredValue[]>(sql)
    .raw()
    .iterate(...parameters);
}

function hashRange(table: ComparedTable, model: SqliteFile, range: KeyRange): string {
  const hash = createHash('sha256');
  for (const row of iterateRange(table, model, range)) hash.update(JSON.stringify(row)).update('\n');
  return hash.digest('base64');
}

function compareRows(
  table: ComparedTable,
  expected: SqliteFile,
  actual: SqliteFile,
  range: KeyRange,
): RowDifference[] {
  const { name, keyLength } = table;
  const getKey = (row: StoredRow) => row.slice(0, keyLength);
  const wanted = new Map(
    [...iterateRange(table, expected, range)].map((row) => [JSON.stringify(getKey(row)), row]),
  );
  const differences: RowDifference[] = [];
  for (const row of iterateRange(table, actual, range)) {
    const key = getKey(row);
    const text = JSON.stringify(key);
    const expectedRow = wanted.get(text);
    wanted.delete(text);
    if (!expectedRow) differences.push({ table: name, kind: 'extra', key });
    else if (JSON.stringify(expectedRow) !== JSON.stringify(row))
      differences.push({ table: name, kind: 'changed', key });
  }
  for (const row of wanted.values()) differences.push({ table: name, kind: 'missing', key: getKey(row) });
  return differences;
}

/**
 * The numbers of openings that do not exist and the keys of the rows that belong to them. The query that joins a table with openings
 * does not return these rows.
 */
const findRowsWithoutOpening = ({ name, openingKey }: ComparedTable, actual: SqliteFile): StoredValue[][] =>
  openingKey === undefined
    ? []
    : actual
        .prepare<[], StoredValue[]>(
          `select ${['opening_id', ...openingKey].join()} from ${name} where opening_id not in (select id from openings)`,
        )
        .raw()
        .all();
