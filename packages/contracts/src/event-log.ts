import { z } from 'zod';
import { actorSchema } from './actor.js';
import { instantSchema } from './instant.js';
import { monitoringEventSchema, type MonitoringEvent } from './monitoring-events.js';

/** An entry of the event log, as the outbox, the Redis Stream and `GET /log` have it. */
export const logEntrySchema = z.object({
  /**
   * Identifies the epoch of the log. It is created with monitoring's database, and replaced by each restore. Positions of two
   * epochs are unrelated.
   */
  logId: z.string().min(1),
  /** 1, 2, 3, ... without gaps. */
  position: z.int().positive(),
  /** The event's type. */
  type: z.string().min(1),
  /** The version of the event's schema. */
  version: z.int().positive(),
  at: instantSchema,
  /** `null` if the passing of time caused the event, or if an old version did not store the actor. */
  actor: actorSchema.nullable(),
  data: z.unknown(),
  /**
   * Random, and never changed. After a restore, new entries get the positions of lost ones; their marks differ. Absent in
   * entries of old versions.
   */
  mark: z.string().min(1).optional(),
  /**
   * The trace context of the commit that has appended the entry, as the header `traceparent` of W3C. Absent without tracing, and if
   * the trace is not sampled. An invalid one has no effect.
   */
  traceparent: z.string().optional(),
});
export type LogEntry = z.infer<typeof logEntrySchema>;

/**
 * The response of monitoring's `GET /log?after=<position>&limit=<1..1000>`. A reader also sends the log id and the mark of its
 * checkpoint (`log`, `mark`): monitoring notices with them that its database was replaced by an older copy.
 */
export const logPageSchema = z.object({
  logId: z.string().min(1),
  /** The log ids that restores have replaced. */
  formerLogIds: z.array(z.string().min(1)).optional(),
  /** The mark of the entry at `after`. Absent if there is no such entry, or if it has none. */
  markAfter: z.string().min(1).optional(),
  /** The last position of the log; 0 while it is empty. */
  head: z.int().nonnegative(),
  /**
   * The page is a part of the snapshot with which a compacted log begins, up to this position. The snapshot has the last entry
   * about each state, so its positions have gaps.
   */
  snapshotUpTo: z.int().positive().optional(),
  /** In a part of a snapshot: the position that a reader has reached with this page, and the mark of the entry there. */
  upTo: z.int().positive().optional(),
  markUpTo: z.string().min(1).optional(),
  /** The log has lost entries after the requested position by compaction: the reader has to start at the snapshot. */
  isCompacted: z.literal(true).optional(),
  entries: z.array(logEntrySchema),
});
export type LogPage = z.infer<typeof logPageSchema>;

/** The position that a reader has reached with a page, and the mark of the entry there, if it is known. */
export function getLogPageEnd(
  { entries, upTo, markUpTo }: Pick<LogPage, 'entries' | 'upTo' | 'markUpTo'>,
  after: number,
): { readonly position: number; readonly mark: string | undefined } {
  if (upTo !== undefined) return { position: upTo, mark: markUpTo };
  const last = entries.at(-1);
  return { position: last?.position ?? after, mark: last?.mark };
}

const positionedSchema = z.object({ position: z.int().positive() });

const logPageFrameSchema = logPageSchema.extend({ entries: z.array(z.unknown()) });

/**
 * Parses a page of the log. One damaged entry does not make the page unreadable: an unreadable entry takes its place.
 * @param after the position after which the page was requested
 * @throws ZodError if the page itself is damaged
 */
export function parseLogPage(value: unknown, after: number): LogPage {
  const page = logPageSchema.safeParse(value);
  if (page.success) return page.data;
  const { entries, ...frame } = logPageFrameSchema.parse(value);
  return {
    ...frame,
    entries: entries.map((raw, index) => {
      const parsed = logEntrySchema.safeParse(raw);
      if (parsed.success) return parsed.data;
      // The positions of a snapshot have gaps.
      const position =
        frame.snapshotUpTo === undefined
          ? after + 1 + index
          : (positionedSchema.safeParse(raw).data?.position ?? after + 1 + index);
      return createUnreadableEntry({ logId: frame.logId, position }, z.prettifyError(parsed.error));
    }),
  };
}

export type ParsedLogEvent = { ok: true; event: MonitoringEvent } | { ok: false; reason: string };

/**
 * The type of the entry that takes the place of one that cannot be read, because the database or a message is damaged. Its
 * data is `{ reason }`. Positions stay without gaps, so readers go on after it.
 */
export const UNREADABLE_EVENT_TYPE = 'EventUnreadable';

/** Year 1970: when an entry that cannot be read happened is not known. */
const UNKNOWN_INSTANT = '1970-01-01T00:00:00.000Z';

/** Creates the entry that takes the place of one that cannot be read. */
export const createUnreadableEntry = (
  { logId, position }: Pick<LogEntry, 'logId' | 'position'>,
  reason: string,
): LogEntry => ({
  logId,
  position,
  type: UNREADABLE_EVENT_TYPE,
  version: 1,
  at: UNKNOWN_INSTANT,
  actor: null,
  data: { reason },
});

const unreadableDataSchema = z.object({ reason: z.string() });

/** Parses the event of an entry. An unknown type or a newer version is a result, not an exception. */
export function parseLogEvent(entry: LogEntry): ParsedLogEvent {
  if (entry.type === UNREADABLE_EVENT_TYPE) {
    const { reason } = unreadableDataSchema.safeParse(entry.data).data ?? { reason: 'no reason is given' };
    return { ok: false, reason: `the entry is damaged in the event log: ${reason}` };
  }
  const parsed = monitoringEventSchema.safeParse({
    type: entry.type,
    version: entry.version,
    data: entry.data,
  });
  if (parsed.success) return { ok: true, event: parsed.data };
  return { ok: false, reason: `${entry.type} v${entry.version}: ${z.prettifyError(parsed.error)}` };
}

/** The entry id on the Redis Stream. It follows from the position, so Redis refuses a second publication. */
export const toStreamId = (position: number): string => `${position}-0`;

/** @returns undefined if the relay did not write the id */
export function parseStreamPosition(id: string): number | undefined {
  const match = /^(\d{1,15})-0$/.exec(id);
  return match ? Number(match[1]) : undefined;
}

/** The fields of a stream entry: names and values in turn, as XADD expects them. */
export const toStreamFields = (entry: LogEntry): string[] => [
  'logId',
  entry.logId,
  'type',
  entry.type,
  'version',
  String(entry.version),
  'at',
  entry.at,
  'actor',
  JSON.stringify(entry.actor),
  'data',
  JSON.stringify(entry.data),
  ...(entry.mark === undefined ? [] : ['mark', entry.mark]),
  ...(entry.traceparent === undefined ? [] : ['traceparent', entry.traceparent]),
];

/**
 * Parses a stream entry as XREAD and XRANGE return it.
 * @throws Error if it is not an entry of an event log (a foreign or damaged stream)
 */
export function parseStreamEntry(id: string, fields: readonly string[]): LogEntry {
  const raw: Record<string, string | undefined> = {};
  fields.forEach((name, i) => {
    if (i % 2 === 0) raw[name] = fields[i + 1];
  });
  return logEntrySchema.parse({
    logId: raw['logId'],
    position: parseStreamPosition(id),
    type: raw['type'],
    version: Number(raw['version']),
    at: raw['at'],
    actor: JSON.parse(raw['actor'] ?? 'null') as unknown,
    data: JSON.parse(raw['data'] ?? 'null') as unknown,
    ...(raw['mark'] !== undefined && { mark: raw['mark'] }),
    ...(raw['traceparent'] !== undefined && { traceparent: raw['traceparent'] }),
  });
}

/**
 * The request header, and the response header, of a consistency token. `extensions.consistencyToken` has the same text.
 * Between the processes of the installation it is the text of {@link formatConsistencyToken}. Clients have it sealed: the
 * position would show them when data of other users changes.
 */
export const CONSISTENCY_TOKEN_HEADER = 'x-consistency-token';

/** The largest number of consistency tokens in one request of a client. */
export const MAX_CONSISTENCY_TOKENS = 16;

/**
 * A position of the event log that a reader must have processed. A mutation's response carries it. A query that sends it
 * sees at least the effect of the mutation.
 */
export interface ConsistencyToken {
  readonly logId: string;
  readonly position: number;
  /** When the log was at this position, in milliseconds since 1970. */
  readonly at: number;
}

const POSITION_DIGITS = 15;
const MAX_LOG_ID_LENGTH = 64;
const TOKEN = /^(\d{15})\.([\w-]{1,64})\.(\d{1,15})$/;
/** The largest number of characters of a formatted token: three parts with a dot between them. */
export const MAX_CONSISTENCY_TOKEN_LENGTH = POSITION_DIGITS + 1 + MAX_LOG_ID_LENGTH + 1 + POSITION_DIGITS;

/** Formats a token for the processes of the installation. */
export const formatConsistencyToken = ({ logId, position, at }: ConsistencyToken): string =>
  `${String(position).padStart(POSITION_DIGITS, '0')}.${logId}.${at}`;

/** @returns undefined if the text is not a token */
export function parseConsistencyToken(text: unknown): ConsistencyToken | undefined {
  const [, position, logId, at] = typeof text === 'string' ? (TOKEN.exec(text) ?? []) : [];
  if (logId === undefined) return undefined;
  return { logId, position: Number(position), at: Number(at) };
}

/** Returns the later of two tokens. Positions of different logs cannot be compared: there the newer token counts. */
export function getLaterConsistencyToken(
  one: ConsistencyToken | undefined,
  other: ConsistencyToken | undefined,
): ConsistencyToken | undefined {
  if (!one || !other) return one ?? other;
  const isLater = one.logId === other.logId ? other.position > one.position : other.at > one.at;
  return isLater ? other : one;
}
