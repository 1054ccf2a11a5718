import type { RuleState } from '@seguridad-abc/contracts';
import {
  createSqliteAggregateRepository,
  type SqliteRepositoryOptions,
} from '../db/sqlite-aggregate-repository.js';
import { rejectConflict, type EventCause } from '../domain/decision.js';
import { evolveRule } from '../domain/rule-decisions.js';
import type { RuleRepository } from './rule-commands.js';
import type { RuleTableAccess } from './rule-tables.js';

/** Makes a rule's change effective for alarms, inside the transaction that saves it. @param before `undefined` for a new rule */
export type ApplyRuleChange = (before: RuleState | undefined, after: RuleState, cause: EventCause) => void;

export const createSqliteRuleRepository = (
  { rules }: RuleTableAccess,
  applyRuleChange: ApplyRuleChange,
  options: SqliteRepositoryOptions,
): RuleRepository =>
  createSqliteAggregateRepository(
    {
      find: rules.findById,
      findAll: rules.findByIds,
      evolve: evolveRule,
      save(rule, before, cause) {
        rules.upsert(rule);
        applyRuleChange(before, rule, cause);
      },
      explainError: (error) => (isNameTaken(error) ? NAME_CONFLICT : undefined),
    },
    options,
  );

const NAME_CONFLICT = rejectConflict(
  'name',
  'The user already has a rule of this name for this opening. Choose another name.',
);

/** Drizzle may wrap the error of better-sqlite3. */
function isNameTaken(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: string };
  return (
    (code === 'SQLITE_CONSTRAINT_UNIQUE' && error.message.includes('rules.name')) || isNameTaken(error.cause)
  );
}
