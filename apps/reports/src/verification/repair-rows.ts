import type { SqliteFile } from '@seguridad-abc/platform';
import type { RowDifference, StoredRow, StoredValue } from './compare-read-models.js';
import { COMPARED_TABLE_NAMES, getComparedTable, type ComparedTableName } from './compared-tables.js';

/**
 * Makes the rows of a read model equal to the expected ones. The caller opens the transaction, in which both read models are
 * at the same position of the log.
 */
export function repairRows(
  expected: SqliteFile,
  actual: SqliteFile,
  differences: readonly RowDifference[],
): void {
  const ofTable = (name: ComparedTableName, isExtra: boolean) =>
    differences.filter(({ table, kind }) => table === name && (kind === 'extra') === isExtra);
  // Intervals and heard instants belong to openings: they are removed before them, and added after them.
  for (const name of COMPARED_TABLE_NAMES.toReversed())
    for (const { key } of ofTable(name, true)) removeRow(actual, name, key);
  for (const name of COMPARED_TABLE_NAMES)
    for (const { key } of ofTable(name, false)) writeRow(expected, actual, name, key);
}

function removeRow(actual: SqliteFile, name: ComparedTableName, key: StoredRow): void {
  const { openingKey } = getComparedTable(name);
  if (openingKey) {
    const [userId = null, opening = null, ...keyOfOpening] = key;
    // Without a user, the row has no opening, and the key has its number.
    const openingId = userId === null ? opening : findOpeningId(actual, [userId, opening]);
    const isRow = ['opening_id', ...openingKey].map((column) => `${column} = ?`).join(' and ');
    actual.prepare(`delete from ${name} where ${isRow}`).run(openingId, ...keyOfOpening);
    return;
  }
  actual.prepare(`delete from ${name} where ${buildKeyCondition(name)}`).run(...key);
}

function writeRow(expected: SqliteFile, actual: SqliteFile, name: ComparedTableName, key: StoredRow): void {
  const { columns: compared, uncompared, source, keyLength, openingKey } = getComparedTable(name);
  const columns = [...compared, ...uncompared];
  const row = expected
    .prepare<unknown[], StoredValue[]>(
      `select ${columns.join()} from ${source} where ${buildKeyCondition(name)}`,
    )
    .raw()
    .get(...key);
  if (!row) return;
  // An opening has another number in each read model.
  const names = openingKey ? ['opening_id', ...columns.slice(2)] : columns;
  const values = openingKey ? [findOpeningId(actual, key.slice(0, 2)), ...row.slice(2)] : row;
  const targets = names.map((column) => column.split('.').at(-1) ?? column);
  const conflict = openingKey ? ['opening_id', ...openingKey].join() : targets.slice(0, keyLength).join();
  const updates = targets.map((column) => `${column} = excluded.${column}`).join();
  actual
    .prepare(
      `insert into ${name} (${targets.join()}) values (${targets.map(() => '?').join()})
       on conflict (${conflict}) do update set ${updates}`,
    )
    .run(...values);
}

function buildKeyCondition(name: ComparedTableName): string {
  const { columns, keyLength } = getComparedTable(name);
  return columns
    .slice(0, keyLength)
    .map((column) => `${column} = ?`)
    .join(' and ');
}

const findOpeningId = (model: SqliteFile, [userId, name]: StoredRow): StoredValue =>
  model
    .prepare<unknown[], StoredValue[]>('select id from openings where user_id = ? and name = ?')
    .raw()
    .get(userId, name)?.[0] ?? null;
