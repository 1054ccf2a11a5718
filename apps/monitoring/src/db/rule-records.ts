import type { RuleState } from '@seguridad-abc/contracts';
import { eq, inArray, sql } from 'drizzle-orm';
import type { Db } from './open.js';
import { placeholders, replaced } from './prepared.js';
import { rules } from './schema.js';

/** Rules; to be used inside a transaction. */
export function createRuleRecords(db: Db) {
  const byId = db
    .select()
    .from(rules)
    .where(eq(rules.id, sql.placeholder('id')))
    .prepare();
  const put = db
    .insert(rules)
    .values(placeholders(rules))
    .onConflictDoUpdate({ target: rules.id, set: replaced(rules) })
    .prepare();

  return {
    byId: (id: string): RuleState | undefined => byId.get({ id }),
    byIds: (ids: readonly string[]): RuleState[] =>
      db
        .select()
        .from(rules)
        .where(inArray(rules.id, [...ids]))
        .all(),
    put(rule: RuleState): void {
      put.run({ ...rule });
    },
  };
}
