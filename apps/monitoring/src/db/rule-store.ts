import type { MonitoringEvent, RuleState } from '@seguridad-abc/contracts';
import { eq, inArray, sql } from 'drizzle-orm';
import { NameTakenError, type RuleStore } from '../commands/rule-store.js';
import type { Transact } from './group-commit.js';
import type { Db } from './open.js';
import { events, rules } from './schema.js';

/** @param appended called after each commit that added to the log */
export function createRuleStore(db: Db, transact: Transact, appended: () => void): RuleStore {
  const present = db
    .select()
    .from(rules)
    .where(eq(rules.id, sql.placeholder('id')))
    .prepare();
  // better-sqlite3 is synchronous, and so must be everything inside its transactions.
  const save = ({ type, version, data }: MonitoringEvent) => {
    const { rule } = data;
    db.insert(events).values({ type, version, at: rule.updatedAt, ruleId: rule.id, data }).run();
    db.insert(rules).values(rule).onConflictDoUpdate({ target: rules.id, set: rule }).run();
  };

  return {
    async commit(id, decide) {
      try {
        const decision = await transact(() => {
          const decided = decide(present.get({ id }));
          if (decided.kind === 'happened') save(decided.event);
          return decided;
        });
        if (decision.kind === 'happened') appended();
        return decision;
      } catch (error) {
        throw isNameTaken(error) ? new NameTakenError() : error;
      }
    },

    byIds(ids) {
      const found = db
        .select()
        .from(rules)
        .where(inArray(rules.id, [...ids]))
        .all();
      const byId = new Map<string, RuleState>(found.map((rule) => [rule.id, rule]));
      return Promise.resolve(ids.map((id) => byId.get(id)));
    },
  };
}

/** Drizzle may wrap what better-sqlite3 throws. */
function isNameTaken(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: string };
  return (
    (code === 'SQLITE_CONSTRAINT_UNIQUE' && error.message.includes('rules.name')) || isNameTaken(error.cause)
  );
}
