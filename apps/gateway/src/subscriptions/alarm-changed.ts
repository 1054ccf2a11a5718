import type { AlarmChange } from '@seguridad-abc/contracts';
import {
  createCodedError,
  createSourceEvent,
  type BackfillBatch,
  type SourceEvent,
  type SubscriptionSource,
} from '@seguridad-abc/executor';
import type { RequestContext } from '../requests/request-context.js';
import type { AlarmFeed } from './alarm-feed.js';
import type { FetchAlarmHistory } from './alarm-history.js';
import { createInbox } from './inbox.js';
import { formatLogCursor, readLogCursor, type LogCursor } from './log-cursor.js';
import { resolveSubscribedUserId } from './subscribed-user.js';

/** So many changes are read at a time for one who has missed some. */
const PAGE = 200;

/**
 * Changes of alarms: the caller's own or, for operators, those of one user or of all. With a cursor, first the last change
 * of each alarm that has changed since.
 */
export const alarmChanged = (
  feed: AlarmFeed,
  fetchHistory: FetchAlarmHistory,
): SubscriptionSource<RequestContext> => ({
  type: 'AlarmChange',
  snapshot: `{
    kind
    alarm {
      id rule { id } user { id } opening kind severity status
      raisedAt clearedAt acknowledgedAt acknowledgedBy note reason
    }
  }`,
  resumeArgument: 'after',
  subscribe(args, { signal, context }) {
    const inbox = createInbox<SourceEvent>(signal);
    feed.hear(
      resolveSubscribedUserId(context, args['userId']),
      ({ change, cursor }) => inbox.push(toEvent(change, cursor)),
      () => inbox.fail(tooOld('The log was replaced by another')),
      signal,
    );
    return inbox;
  },
  async *backfill(args, { after, context, signal }): AsyncGenerator<BackfillBatch> {
    if (after === undefined) {
      yield { events: [], upTo: feed.position };
      return;
    }
    const cursor = readLogCursor(after);
    const userId = resolveSubscribedUserId(context, args['userId']);
    const historyNow: FetchAlarmHistory = (request) =>
      fetchHistory(request).catch((error: unknown) => {
        if (signal.aborted) throw error;
        const message = 'What has changed since cannot be read now; subscribe again in a moment.';
        throw createCodedError('SUBGRAPH_UNAVAILABLE', message);
      });
    // Live changes wait from now on: none lies between them and what reports knows.
    await feed.confirmed();
    let from = cursor.position;
    for (;;) {
      const { logId, position, changes } = await historyNow({ after: from, userId, limit: PAGE, signal });
      assertSameLog(cursor, logId, position);
      const isLast = changes.length < PAGE;
      from = changes.at(-1)?.position ?? from;
      yield {
        events: changes.map((change) => toEvent(change, { ...cursor, position: change.position })),
        upTo: isLast ? Math.max(position, from) : from,
      };
      if (isLast) return;
    }
  },
});

function assertSameLog(cursor: LogCursor, logId: string | null, position: number): void {
  if (logId !== null && logId !== cursor.logId)
    throw tooOld('The cursor is of a log that was replaced by another');
  if (position < cursor.position) throw tooOld('The cursor is of changes that are not known any more');
}

const tooOld = (why: string) =>
  createCodedError('CURSOR_TOO_OLD', `${why}; subscribe again without a cursor.`);

const toEvent = (change: AlarmChange, cursor: LogCursor | undefined): SourceEvent =>
  createSourceEvent({
    value: valueOf(change),
    position: change.position,
    ...(cursor && { cursor: formatLogCursor(cursor) }),
  });

const valueOf = ({ kind, alarm }: AlarmChange) => {
  const { id, ruleId, userId, opening, kind: alarmKind, severity, status } = alarm;
  const { raisedAt, clearedAt, acknowledgedAt, acknowledgedBy, note, reason } = alarm;
  return {
    kind,
    alarm: {
      ...{ id, rule: { id: ruleId }, user: { id: userId }, opening, kind: alarmKind, severity, status },
      ...{ raisedAt, clearedAt, acknowledgedAt, acknowledgedBy, note, reason },
    },
  };
};
