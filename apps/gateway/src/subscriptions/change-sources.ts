import { once } from 'node:events';
import {
  alarmChangeSchema,
  alarmStateSchema,
  isAlarmQueued,
  ruleChangeSchema,
  ruleStateSchema,
  windowSchema,
  type AlarmChange,
  type RuleChange,
  type RuleState,
} from '@seguridad-abc/contracts';
import { deriveShortForm } from '@seguridad-abc/evaluation';
import {
  createCodedError,
  createSourceEvent,
  type BackfillBatch,
  type SourceEvent,
  type SubscriptionSource,
} from '@seguridad-abc/executor';
import type { Logger, RedisPubSubClient } from '@seguridad-abc/platform';
import { z } from 'zod';
import { resolveSubscribedUserId } from './subscribed-user.js';
import type { RequestContext } from '../requests/transport-hooks.js';
import {
  createChangeFeed,
  fetchCurrentPage,
  MAX_POSITION,
  type RuleOrAlarmChange,
  type ChangedEntity,
  type ChangesPage,
  type FetchChanges,
  type LogCursor,
} from './change-feed.js';
import { createSubscriberQueue } from './subscriber-queue.js';
import {
  createCursorTooOldError,
  createInvalidCursorError,
  createSubscriptionCursors,
  type SubscriptionCursors,
} from './subscription-cursor.js';

/** What a source needs so that clients can resume after a cursor. */
export interface ChangeResumption<SourceChange> {
  /** Reads changes that a subscriber or pub/sub has missed. */
  readonly fetchChanges: FetchChanges<SourceChange>;
  /** The secret of the installation: all its gateways accept the same cursors. */
  readonly installationSecret: string;
}

export interface ChangeSourceOptions<SourceChange> {
  readonly pubsub: Pick<RedisPubSubClient, 'subscribe' | 'subscriber' | 'names'>;
  /** Absent: live changes only, without cursors. */
  readonly resumption?: ChangeResumption<SourceChange> | undefined;
  /** How often the feed checks that pub/sub has lost nothing. @default 5_000 // 5 seconds */
  readonly checkIntervalMs?: number | undefined;
  readonly logger: Logger;
}

/** Creates the source of `alarmChanged`: a cursor resumes with the last change of each alarm that has changed since. */
export const createAlarmChangedSource = (
  options: ChangeSourceOptions<AlarmChange>,
): SubscriptionSource<RequestContext> =>
  createChangeSource(options, {
    field: 'alarmChanged',
    type: 'AlarmChange',
    channel: options.pubsub.names.alarmChangesChannel,
    schema: alarmChangeSchema,
    entity: 'alarm',
    stateSchema: alarmFieldsSchema,
    getEntity: ({ alarm }) => alarm,
    getFields: ({ alarm }) => ({ ...alarm, isQueued: isAlarmQueued(alarm) }),
  });

/** Creates the source of `ruleChanged`: a cursor resumes with the last change of each rule that has changed since. */
export const createRuleChangedSource = (
  options: ChangeSourceOptions<RuleChange>,
): SubscriptionSource<RequestContext> =>
  createChangeSource(options, {
    field: 'ruleChanged',
    type: 'RuleChange',
    channel: options.pubsub.names.ruleChangesChannel,
    schema: ruleChangeSchema,
    entity: 'rule',
    stateSchema: ruleFieldsSchema,
    getEntity: ({ rule }) => rule,
    getFields: ({ rule }) => toRuleFields(rule),
  });

/** The fields of the GraphQL type `Alarm`. */
const alarmFieldsSchema = alarmStateSchema
  .omit({ claimCount: true, needsResolution: true, updatedAt: true, version: true })
  .extend({ isQueued: z.boolean() });

/** The fields of the GraphQL type `Rule`: also the short form of the windows. Its active windows have the type of the others. */
const ruleFieldsSchema = ruleStateSchema.extend({
  opensAt: z.string().nullable(),
  closesAt: z.string().nullable(),
  days: z.array(z.string()),
  activeWindows: z.array(windowSchema).nullable(),
});

const toRuleFields = (rule: RuleState): z.output<typeof ruleFieldsSchema> => ({
  ...rule,
  ...deriveShortForm(rule.windows),
  activeWindows: rule.activeWindows?.map((window) => ({ ...window, openBy: null })) ?? null,
});

interface ChangeDescription<SourceChange> {
  /** The subscription field. */
  readonly field: string;
  /** Its GraphQL type. */
  readonly type: string;
  readonly channel: string;
  readonly schema: z.ZodType<SourceChange>;
  /** The field of the change that holds the changed rule or alarm. */
  readonly entity: string;
  /** The fields of that rule or alarm that every event carries. */
  readonly stateSchema: z.ZodObject;
  readonly getEntity: (change: SourceChange) => ChangedEntity;
  /** The values of these fields. */
  readonly getFields: (change: SourceChange) => object;
}

/** The argument `after` of a client that wants a cursor before the first change. */
const NO_CURSOR_YET = '';

/** How many changes are read at once for a subscriber that resumes. */
const MAX_PAGE_CHANGES = 200;

/** A source of changes: the caller's own or, for operators, those of one user or of all users. */
function createChangeSource<SourceChange extends RuleOrAlarmChange>(
  { pubsub, resumption, checkIntervalMs, logger }: ChangeSourceOptions<SourceChange>,
  {
    field,
    type,
    channel,
    schema,
    entity,
    stateSchema,
    getEntity,
    getFields,
  }: ChangeDescription<SourceChange>,
): SubscriptionSource<RequestContext> {
  const state = describeEventValue(stateSchema);
  const cursors =
    resumption &&
    createSubscriptionCursors(field, {
      secret: resumption.installationSecret,
      maxBytes: MAX_LOG_CURSOR_LENGTH,
      isDeterministic: false,
    });
  const toEvent = (change: SourceChange, cursor: LogCursor | undefined): SourceEvent =>
    createSourceEvent({
      value: { kind: change.kind, [entity]: state.toValue(getFields(change)) },
      position: change.position,
      ...(change.traceparent !== undefined && { traceparent: change.traceparent }),
      ...(cursor && cursors && { cursor: cursors.seal(formatLogCursor(cursor)) }),
    });
  const feed = createChangeFeed({
    name: `${entity} changes`,
    pubsub,
    channel,
    schema,
    getEntity,
    toEvent,
    fetchChanges: resumption?.fetchChanges,
    checkIntervalMs,
    logger,
  });

  const source: SubscriptionSource<RequestContext> = {
    type,
    snapshot: `{ kind ${entity} ${state.selection} }`,
    subscribe(args, { signal, context }) {
      const queue = createSubscriberQueue<SourceEvent>(signal);
      const listener = {
        onEvent: (event: SourceEvent) => queue.push(event),
        onLogReplaced: () =>
          queue.fail(createCursorTooOldError('The event log was replaced by another one.')),
      };
      feed.listen(resolveSubscribedUserId(context, args['userId']), listener, signal);
      return queue;
    },
  };
  if (!resumption || !cursors) return source;
  const { fetchChanges } = resumption;

  return {
    ...source,
    resumeArgument: 'after',
    async *backfill(args, { after, context, signal }): AsyncGenerator<BackfillBatch> {
      if (after === undefined) {
        yield { events: [], upTo: feed.position };
        return;
      }
      const userId = resolveSubscribedUserId(context, args['userId']);
      const given = after === NO_CURSOR_YET ? undefined : parseLogCursor(cursors, after);
      let cursor = given;
      /** @param wanted the position that an instance of reports must have reached to answer */
      const fetchPage = async (position: number, limit: number, wanted = 0) => {
        const isBehind = (page: ChangesPage<SourceChange>) =>
          page.logId !== null &&
          (feed.isReplacedLog(page.logId) || (page.logId === cursor?.logId && page.position < wanted));
        const fetchOne = () =>
          fetchChanges({
            after: position,
            userId,
            limit,
            signal,
            // The first cursor is the newest position of all instances: changes before it are no news.
            isBehind: (page) => !cursor || isBehind(page),
          });
        const page = await fetchCurrentPage(fetchOne, isBehind, signal).catch((error: unknown) => {
          if (signal.aborted) throw error;
        });
        if (page && !isBehind(page)) return page;
        const message = 'The changes since the cursor cannot be read now. Subscribe again later.';
        throw createCodedError('SUBGRAPH_UNAVAILABLE', message);
      };
      const readPresentCursor = async (): Promise<LogCursor | undefined> => {
        const { logId, position } = await fetchPage(MAX_POSITION, 1);
        return logId === null ? undefined : { logId, position };
      };
      cursor ??= await readPresentCursor();
      // Reports has read no log yet: there is nothing to resume after.
      if (!cursor) {
        yield { events: [], upTo: feed.position };
        return;
      }
      let from = cursor.position;
      if (!given) yield { events: [], upTo: from, cursor: cursors.seal(formatLogCursor(cursor)) };
      const readPages = async function* (wanted: number): AsyncGenerator<BackfillBatch> {
        for (let isLast = false; !isLast;) {
          const page = await fetchPage(from, MAX_PAGE_CHANGES, Math.max(wanted, from));
          assertCursorCanResume(cursor, page);
          const { changes, position } = page;
          isLast = changes.length < MAX_PAGE_CHANGES;
          from = changes.at(-1)?.position ?? from;
          if (isLast) from = Math.max(position, from);
          const events = changes.map((change) => toEvent(change, { ...cursor, position: change.position }));
          yield { events, upTo: from };
        }
      };
      yield* readPages(cursor.position);
      // The feed does not deliver what was committed after the last page and before its own start.
      await Promise.race([feed.waitUntilPositioned(), once(signal, 'abort')]);
      const { position } = feed;
      if (!signal.aborted && from < position) yield* readPages(position);
    },
  };
}

function assertCursorCanResume(
  cursor: LogCursor,
  { logId, compactedUpTo = 0 }: Omit<ChangesPage<unknown>, 'changes'>,
): void {
  if (logId !== null && logId !== cursor.logId)
    throw createCursorTooOldError('The cursor belongs to an event log that was replaced by another one.');
  if (cursor.position < compactedUpTo)
    throw createCursorTooOldError('The cursor is older than the history that is kept.');
}

/** The largest number of characters of the content of a cursor: a position of 15 digits and a log id. */
const MAX_LOG_CURSOR_LENGTH = 80;
const LOG_CURSOR_CONTENT = /^(\d{1,15})\.([\w-]{1,64})$/;

const formatLogCursor = ({ logId, position }: LogCursor): string => `${position}.${logId}`;

/** @throws ExpectedError BAD_USER_INPUT or CURSOR_TOO_OLD */
function parseLogCursor(cursors: SubscriptionCursors, text: string): LogCursor {
  const [, position, logId] = LOG_CURSOR_CONTENT.exec(cursors.open(text)) ?? [];
  if (logId === undefined) throw createInvalidCursorError();
  return { logId, position: Number(position) };
}

/** How a state of the contracts becomes the value of an event. */
interface EventValueDescription {
  /** The GraphQL selection set of the value; empty for scalars. */
  readonly selection: string;
  readonly toValue: (state: unknown) => unknown;
}

/**
 * Derives an event's selection set and value from the schema of a state, so that a new field needs no change here.
 * A field that holds the id of another entity becomes that entity: `userId` is `user { id }`.
 */
export function describeEventValue(schema: z.core.$ZodType): EventValueDescription {
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return describeEventValue(schema.def.innerType);
  if (schema instanceof z.ZodArray) {
    const { selection, toValue } = describeEventValue(schema.element);
    if (selection === '') return SCALAR;
    return { selection, toValue: (items) => (Array.isArray(items) ? items.map(toValue) : items) };
  }
  if (!(schema instanceof z.ZodObject)) return SCALAR;

  const fields = Object.entries<z.core.$ZodType>(schema.shape).map(([key, fieldSchema]) => {
    const [, entity] = /^(\w+)Id$/.exec(key) ?? [];
    if (entity !== undefined)
      return {
        key,
        name: entity,
        selection: '{ id }',
        toValue: (id: unknown) => (id === null ? null : { id }),
      };
    return { key, name: key, ...describeEventValue(fieldSchema) };
  });
  return {
    selection: `{ ${fields.map(({ name, selection }) => `${name} ${selection}`.trim()).join(' ')} }`,
    toValue(state) {
      if (typeof state !== 'object' || state === null) return state;
      const value: Record<string, unknown> = {};
      for (const { key, name, toValue } of fields)
        value[name] = toValue((state as Record<string, unknown>)[key]);
      return value;
    },
  };
}

const SCALAR: EventValueDescription = { selection: '', toValue: (value) => value };
