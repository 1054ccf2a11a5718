import { ruleChange, RULE_CHANGES_CHANNEL, type RuleChange } from '@seguridad-abc/contracts';
import type { SubscriptionSource } from '@seguridad-abc/executor';
import { listen, type Logger, type PubSub } from '@seguridad-abc/platform';
import { createInbox } from './inbox.js';

/** Changes of rules, of one user's where `userId` is given. */
export const ruleChanged = (pubsub: Pick<PubSub, 'subscribe'>, logger: Logger): SubscriptionSource => ({
  snapshot: `{
    kind
    rule {
      id user { id } name opening opensAt closesAt days timeZone maxOpenSeconds severity enabled
      effectiveFrom createdAt updatedAt deletedAt version
    }
  }`,
  subscribe({ userId }, { signal }) {
    const inbox = createInbox<ReturnType<typeof toEvent>>(signal);
    const listener = (change: RuleChange) => {
      if (userId === undefined || userId === null || change.rule.userId === userId)
        inbox.push(toEvent(change));
    };
    void listen({ pubsub, channel: RULE_CHANGES_CHANNEL, schema: ruleChange, listener, logger, signal });
    return inbox;
  },
});

const toEvent = ({ kind, rule: { userId, ...rule } }: RuleChange) => ({
  kind,
  rule: { ...rule, user: { id: userId } },
});
