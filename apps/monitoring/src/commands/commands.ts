import type { RuleState } from '@seguridad-abc/contracts';
import { decideCreate, type CreateRule } from '../domain/create-rule.js';
import { decideDelete, type DeleteRule } from '../domain/delete-rule.js';
import { decideUpdate, type UpdateRule } from '../domain/update-rule.js';
import type { RuleStore } from './rule-store.js';
import { settle } from './settle.js';

export interface Commands {
  createRule(input: CreateRule): Promise<RuleState>;
  updateRule(input: UpdateRule): Promise<RuleState>;
  deleteRule(input: DeleteRule): Promise<RuleState>;
}

export interface CommandsOptions {
  readonly store: RuleStore;
  /** The server's instant, in UTC with milliseconds. */
  readonly now: () => string;
  /** Ids that sort by time and cannot be guessed from one another. */
  readonly newId: () => string;
}

/** Each command resolves to the rule as saved. @throws ExpectedError that says every fault, where it is refused */
export function createCommands({ store, now, newId }: CommandsOptions): Commands {
  return {
    createRule(input) {
      const id = newId();
      return settle(store.commit(id, () => decideCreate(input, id, now())));
    },
    updateRule: (input) => settle(store.commit(input.id, (present) => decideUpdate(present, input, now()))),
    deleteRule: (input) => settle(store.commit(input.id, (present) => decideDelete(present, input, now()))),
  };
}
