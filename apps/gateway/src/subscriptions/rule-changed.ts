import { ruleChangeSchema, RULE_CHANGES_CHANNEL, type RuleChange } from '@seguridad-abc/contracts';
import type { SubscriptionSource } from '@seguridad-abc/executor';
import { subscribeToChannel, type Logger, type PubSub } from '@seguridad-abc/platform';
import type { RequestContext } from '../requests/request-context.js';
import { createByUser } from './by-user.js';
import { createInbox } from './inbox.js';
import { resolveSubscribedUserId } from './subscribed-user.js';

type Event = ReturnType<typeof toEvent>;

/** Changes of rules: the caller's own or, for operators, those of one user or of all. */
export function ruleChanged(
  pubsub: Pick<PubSub, 'subscribe'>,
  logger: Logger,
): SubscriptionSource<RequestContext> {
  let listening = new AbortController();
  const listener = (change: RuleChange) => hearers.tell(change.rule.userId, toEvent(change));
  const hearers = createByUser<Event>(
    () => {
      listening = new AbortController();
      const { signal } = listening;
      void subscribeToChannel({
        pubsub,
        channel: RULE_CHANGES_CHANNEL,
        schema: ruleChangeSchema,
        listener,
        logger,
        signal,
      });
    },
    () => listening.abort(),
  );
  return {
    type: 'RuleChange',
    snapshot: `{
      kind
      rule {
        id user { id } name opening opensAt closesAt days timeZone maxOpenSeconds severity enabled
        effectiveFrom createdAt updatedAt deletedAt version
      }
    }`,
    subscribe(args, { signal, context }) {
      const inbox = createInbox<Event>(signal);
      hearers.add(resolveSubscribedUserId(context, args['userId']), (event) => inbox.push(event), signal);
      return inbox;
    },
  };
}

const toEvent = ({ kind, rule: { userId, ...rule } }: RuleChange) => ({
  kind,
  rule: { ...rule, user: { id: userId } },
});
