import type { Actor, RuleState } from '@seguridad-abc/contracts';
import DataLoader from 'dataloader';
import type { Commands } from '../commands/commands.js';
import { visibleTo } from '../domain/access.js';
import type { RuleStore } from '../commands/rule-store.js';

/** What the resolvers of one request work with. */
export interface Context {
  readonly commands: Commands;
  /** One statement for all representations of a request. */
  readonly rules: DataLoader<string, RuleState | undefined>;
}

export const contextFactory =
  (commandsOf: (caller: Actor) => Commands, store: Pick<RuleStore, 'byIds'>) =>
  (caller: Actor): Context => ({
    // Of a token, what goes on record is whose it is.
    commands: commandsOf({ id: caller.id, role: caller.role }),
    rules: new DataLoader(async (ids: readonly string[]) =>
      (await store.byIds(ids)).map((rule) => visibleTo(caller, rule)),
    ),
  });
