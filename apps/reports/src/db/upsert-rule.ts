import { getTableColumns, sql } from 'drizzle-orm';
import type { Db } from './open.js';
import type { RuleRow } from './rule-row.js';
import { rules } from './schema.js';

const columns = getTableColumns(rules);

/** Writes a whole row. Prepared once: building the statement costs several times as much as running it. */
export function prepareUpsertRule(db: Db): (row: RuleRow) => void {
  const statement = db
    .insert(rules)
    .values(perColumn((key) => sql.placeholder(key)))
    .onConflictDoUpdate({
      target: rules.id,
      set: perColumn((key) => sql`excluded.${sql.identifier(columns[key].name)}`),
    })
    .prepare();
  return (row) => void statement.run({ ...row });
}

function perColumn<T>(make: (key: keyof RuleRow) => T): Record<keyof RuleRow, T> {
  const keys = Object.keys(columns) as (keyof RuleRow)[];
  return Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<keyof RuleRow, T>;
}
