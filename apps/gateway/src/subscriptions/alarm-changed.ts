import { ALARM_CHANGES_CHANNEL, alarmChange, type AlarmChange } from '@seguridad-abc/contracts';
import type { SubscriptionSource } from '@seguridad-abc/executor';
import { listen, type Logger, type PubSub } from '@seguridad-abc/platform';
import type { RequestContext } from '../operations/request-context.js';
import { heardUser } from '../identity/heard-user.js';
import { createInbox } from './inbox.js';

/** Changes of alarms: the caller's own or, for operators, those of one user or of all. */
export const alarmChanged = (
  pubsub: Pick<PubSub, 'subscribe'>,
  logger: Logger,
): SubscriptionSource<RequestContext> => ({
  snapshot: `{
    kind
    alarm {
      id rule { id } user { id } opening kind severity status
      raisedAt clearedAt acknowledgedAt acknowledgedBy note reason
    }
  }`,
  subscribe(args, { signal, context }) {
    const userId = heardUser(context, args['userId']);
    const inbox = createInbox<ReturnType<typeof toEvent>>(signal);
    const listener = (change: AlarmChange) => {
      if (userId === null || change.alarm.userId === userId) inbox.push(toEvent(change));
    };
    void listen({ pubsub, channel: ALARM_CHANGES_CHANNEL, schema: alarmChange, listener, logger, signal });
    return inbox;
  },
});

const toEvent = ({ kind, alarm }: AlarmChange) => ({
  kind,
  alarm: {
    id: alarm.id,
    rule: { id: alarm.ruleId },
    user: { id: alarm.userId },
    opening: alarm.opening,
    kind: alarm.kind,
    severity: alarm.severity,
    status: alarm.status,
    raisedAt: alarm.raisedAt,
    clearedAt: alarm.clearedAt,
    acknowledgedAt: alarm.acknowledgedAt,
    acknowledgedBy: alarm.acknowledgedBy,
    note: alarm.note,
    reason: alarm.reason,
  },
});
