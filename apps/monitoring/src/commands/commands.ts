import type { Actor, RuleState } from '@seguridad-abc/contracts';
import { decideCreate, type CreateRule } from '../domain/create-rule.js';
import { withFaults, type Decision } from '../domain/decision.js';
import { decideDelete, type DeleteRule } from '../domain/delete-rule.js';
import { decideUpdate, type UpdateRule } from '../domain/update-rule.js';
import { checkKey } from '../domain/fields.js';
import { commandKey, type Keyed } from './idempotency.js';
import type { RuleStore } from './rule-store.js';
import { settle } from './settle.js';

export interface Commands {
  createRule(input: Keyed<CreateRule>): Promise<RuleState>;
  updateRule(input: Keyed<UpdateRule>): Promise<RuleState>;
  deleteRule(input: Keyed<DeleteRule>): Promise<RuleState>;
}

export interface CommandsOptions {
  readonly store: RuleStore;
  /** The server's instant, in UTC with milliseconds. */
  readonly now: () => string;
  /** Ids that sort by time and cannot be guessed from one another. */
  readonly newId: () => string;
}

/**
 * A caller's commands. Each resolves to the rule as saved.
 * @throws ExpectedError that says every fault, where one is refused
 */
export const commandsFactory =
  ({ store, now, newId }: CommandsOptions) =>
  (caller: Actor): Commands => {
    const circumstances = () => ({ caller, now: now() });
    const run = <Input extends object>(
      command: keyof Commands,
      { clientMutationId, ...input }: Keyed<Input>,
      id: string,
      decide: (present: RuleState | undefined) => Decision,
    ) => {
      const key = checkKey(clientMutationId);
      if ('faults' in key)
        return settle(store.commit(caller, id, (present) => withFaults(decide(present), key.faults)));
      return settle(
        store.commit(
          caller,
          id,
          decide,
          key.value === null ? undefined : commandKey(caller, command, key.value, input),
        ),
      );
    };

    return {
      createRule(input) {
        const id = newId();
        return run('createRule', input, id, () => decideCreate(input, id, circumstances()));
      },
      updateRule: (input) =>
        run('updateRule', input, input.id, (present) => decideUpdate(present, input, circumstances())),
      deleteRule: (input) =>
        run('deleteRule', input, input.id, (present) => decideDelete(present, input, circumstances())),
    };
  };
