import { ruleChange, RULE_CHANGES_CHANNEL, type RuleChange } from '@seguridad-abc/contracts';
import type { SubscriptionSource } from '@seguridad-abc/executor';
import { listen, type Logger, type PubSub } from '@seguridad-abc/platform';
import type { RequestContext } from '../operations/request-context.js';
import { heardUser } from '../identity/heard-user.js';
import { createInbox } from './inbox.js';

/** Changes of rules: the caller's own or, for operators, those of one user or of all. */
export const ruleChanged = (
  pubsub: Pick<PubSub, 'subscribe'>,
  logger: Logger,
): SubscriptionSource<RequestContext> => ({
  snapshot: `{
    kind
    rule {
      id user { id } name opening opensAt closesAt days timeZone maxOpenSeconds severity enabled
      effectiveFrom createdAt updatedAt deletedAt version
    }
  }`,
  subscribe(args, { signal, context }) {
    const userId = heardUser(context, args['userId']);
    const inbox = createInbox<ReturnType<typeof toEvent>>(signal);
    const listener = (change: RuleChange) => {
      if (userId === null || change.rule.userId === userId) inbox.push(toEvent(change));
    };
    void listen({ pubsub, channel: RULE_CHANGES_CHANNEL, schema: ruleChange, listener, logger, signal });
    return inbox;
  },
});

const toEvent = ({ kind, rule: { userId, ...rule } }: RuleChange) => ({
  kind,
  rule: { ...rule, user: { id: userId } },
});
