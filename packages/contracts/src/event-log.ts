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
  entries: z.array(logEntrySchema),
});
export type LogPage = z.infer<typeof logPageSchema>;

export type ParsedLogEvent = { ok: true; event: MonitoringEvent } | { ok: false; reason: string };

/** Parses the event of an entry. An unknown type or a newer version is a result, not an exception. */
export function parseLogEvent(entry: LogEntry): ParsedLogEvent {
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
