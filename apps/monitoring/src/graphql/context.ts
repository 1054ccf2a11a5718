import type { RuleState } from '@seguridad-abc/contracts';
import DataLoader from 'dataloader';
import type { Commands } from '../commands/commands.js';
import type { RuleStore } from '../commands/rule-store.js';

/** What the resolvers of one request work with. */
export interface Context {
  readonly commands: Commands;
  /** One statement for all representations of a request. */
  readonly rules: DataLoader<string, RuleState | undefined>;
}

export const contextFactory = (commands: Commands, store: Pick<RuleStore, 'byIds'>) => (): Context => ({
  commands,
  rules: new DataLoader((ids: readonly string[]) => store.byIds(ids)),
});
