import type { Actor, RuleEvent, RuleState } from '@seguridad-abc/contracts';
import { eq, inArray, sql } from 'drizzle-orm';
import { NameTakenError, type RuleStore } from '../commands/rule-store.js';
import type { Decision } from '../domain/decision.js';
import { placeholders, replaced } from './prepared.js';
import { createKeys } from './command-keys.js';
import type { Transact } from './group-commit.js';
import type { Db } from './open.js';
import { events, rules } from './schema.js';

export interface RuleStoreOptions {
  readonly db: Db;
  readonly transact: Transact;
  readonly now: () => string;
  /** Called after each commit that added to the log. */
  readonly appended: () => void;
}

export function createRuleStore({ db, transact, now, appended }: RuleStoreOptions): RuleStore {
  const present = db
    .select()
    .from(rules)
    .where(eq(rules.id, sql.placeholder('id')))
    .prepare();
  const append = db.insert(events).values(placeholders(events)).prepare();
  const put = db
    .insert(rules)
    .values(placeholders(rules))
    .onConflictDoUpdate({ target: rules.id, set: replaced(rules) })
    .prepare();
  // better-sqlite3 is synchronous, and so must be everything inside its transactions.
  const save = ({ type, version, data }: RuleEvent, actor: Actor) => {
    const { rule } = data;
    append.run({ position: null, type, version, at: rule.updatedAt, ruleId: rule.id, actor, data });
    put.run(rule);
  };
  const keys = createKeys(db, now);

  return {
    async commit(caller, id, decide, key) {
      try {
        const decision = await transact(() => {
          const repeated = key && keys.repeated(key);
          if (repeated) return repeated;
          const decided = decide(present.get({ id }));
          if (decided.kind === 'happened') save(decided.event, caller);
          if (key && decided.kind !== 'refused') keys.keep(key, ruleOf(decided));
          return decided;
        });
        if (decision.kind === 'happened') appended();
        return decision;
      } catch (error) {
        throw isNameTaken(error) ? new NameTakenError() : error;
      }
    },

    async forgetKeys(before) {
      while (await transact(() => keys.forgetSome(before)));
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

const ruleOf = (decision: Exclude<Decision, { kind: 'refused' }>): RuleState =>
  decision.kind === 'happened' ? decision.event.data.rule : decision.rule;

/** Drizzle may wrap what better-sqlite3 throws. */
function isNameTaken(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: string };
  return (
    (code === 'SQLITE_CONSTRAINT_UNIQUE' && error.message.includes('rules.name')) || isNameTaken(error.cause)
  );
}
