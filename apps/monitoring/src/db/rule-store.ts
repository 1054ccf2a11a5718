import type { RuleStore } from '../commands/state-store.js';
import type { ChangeOfRule } from '../judging/change-of-rule.js';
import type { Append } from './append.js';
import type { Records } from './records.js';
import { createStateStore, type StateStoreOptions } from './state-store.js';

export interface RuleStoreOptions extends StateStoreOptions {
  readonly records: Pick<Records, 'rules'>;
  readonly append: Append;
  /** Judges by the rule as it is now. */
  readonly changed: ChangeOfRule;
}

export const createRuleStore = ({
  records: { rules },
  append,
  changed,
  ...options
}: RuleStoreOptions): RuleStore =>
  createStateStore(
    {
      byId: rules.byId,
      byIds: rules.byIds,
      save(event, before, actor) {
        const { rule } = event.data;
        append(event, rule.updatedAt, actor);
        rules.put(rule);
        changed(before, rule, actor);
      },
    },
    options,
  );
