import type { Actor } from '@seguridad-abc/contracts';
import { NameTakenError, type StateStore } from '../commands/state-store.js';
import type { CommandKeys } from './command-keys.js';
import type { Transact } from './group-commit.js';

/** How one kind of thing is kept; called inside a transaction, but for `byIds`. */
export interface Keeping<Event, State> {
  readonly byId: (id: string) => State | undefined;
  /** State, log and all that follows from it. */
  readonly save: (event: Event, before: State | undefined, actor: Actor) => void;
  readonly byIds: (ids: readonly string[]) => readonly State[];
}

export interface StateStoreOptions {
  readonly keys: CommandKeys;
  readonly transact: Transact;
  /** Called after each commit that added to the log. */
  readonly appended: () => void;
}

export function createStateStore<Event, State extends { readonly id: string }>(
  { byId, save, byIds }: Keeping<Event, State>,
  { keys, transact, appended }: StateStoreOptions,
): StateStore<Event, State> {
  return {
    async commit(caller, id, decide, key) {
      try {
        const decision = await transact(() => {
          const repeated = key && keys.repeated<State>(key);
          if (repeated) return repeated;
          const present = byId(id);
          const decided = decide(present);
          if (decided.kind === 'happened') save(decided.event, present, caller);
          if (key && decided.kind !== 'refused') keys.keep(key, decided.state);
          return decided;
        });
        if (decision.kind === 'happened') appended();
        return decision;
      } catch (error) {
        throw isNameTaken(error) ? new NameTakenError() : error;
      }
    },

    byIds(ids) {
      const found = new Map(byIds(ids).map((state) => [state.id, state]));
      return Promise.resolve(ids.map((id) => found.get(id)));
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
