import type { Actor, AlarmState, RuleState } from '@seguridad-abc/contracts';
import DataLoader from 'dataloader';
import type { Commands } from '../commands/commands.js';
import type { AlarmStore, RuleStore } from '../commands/state-store.js';
import { visibleTo } from '../domain/access.js';

/** What the resolvers of one request work with. */
export interface Context {
  readonly commands: Commands;
  /** One statement for all representations of a request. */
  readonly rules: DataLoader<string, RuleState | undefined>;
  readonly alarms: DataLoader<string, AlarmState | undefined>;
}

export interface ContextStores {
  readonly rules: Pick<RuleStore, 'byIds'>;
  readonly alarms: Pick<AlarmStore, 'byIds'>;
}

export const contextFactory =
  (commandsOf: (caller: Actor) => Commands, { rules, alarms }: ContextStores) =>
  (caller: Actor): Context => ({
    // Of a token, what goes on record is whose it is.
    commands: commandsOf({ id: caller.id, role: caller.role }),
    rules: loaderOf(rules, caller),
    alarms: loaderOf(alarms, caller),
  });

const loaderOf = <State extends { readonly userId: string }>(
  store: { byIds(ids: readonly string[]): Promise<(State | undefined)[]> },
  caller: Actor,
): DataLoader<string, State | undefined> =>
  new DataLoader(async (ids) => (await store.byIds(ids)).map((state) => visibleTo(caller, state)));
