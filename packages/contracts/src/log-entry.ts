import { z } from 'zod';
import { actorSchema } from './actor.js';
import { monitoringEventSchema, type MonitoringEvent } from './monitoring-events.js';
import { instantSchema } from './instant.js';

/** One entry of monitoring's event log, as it stands in the log, on the stream and behind `GET /log`. */
export const logEntrySchema = z.object({
  /** Which log this is: made once with monitoring's database. Positions of two logs have nothing to do with each other. */
  logId: z.string().min(1),
  /** 1, 2, 3, ... without gaps. */
  position: z.int().positive(),
  type: z.string().min(1),
  /** Of the event's schema. */
  version: z.int().positive(),
  at: instantSchema,
  /** Who caused it; null where nobody did: time passed, or nobody was known then. */
  actor: actorSchema.nullable(),
  data: z.unknown(),
});
export type LogEntry = z.infer<typeof logEntrySchema>;

/** The answer of monitoring's `GET /log?after=<position>&limit=<1..1000>`. */
export const logPageSchema = z.object({
  logId: z.string().min(1),
  /** The log's last position, 0 while it is empty. */
  head: z.int().nonnegative(),
  entries: z.array(logEntrySchema),
});
export type LogPage = z.infer<typeof logPageSchema>;

export type ParsedLogEvent = { ok: true; event: MonitoringEvent } | { ok: false; reason: string };

/** Reads an entry's event; one of an unknown type or a newer version is told apart, not thrown. */
export function parseLogEvent(entry: LogEntry): ParsedLogEvent {
  const parsed = monitoringEventSchema.safeParse({
    type: entry.type,
    version: entry.version,
    data: entry.data,
  });
  if (parsed.success) return { ok: true, event: parsed.data };
  return { ok: false, reason: `${entry.type} v${entry.version}: ${z.prettifyError(parsed.error)}` };
}

/** The id under which an entry stands on the stream: Redis itself refuses a second one. */
export const toStreamId = (position: number): string => `${position}-0`;

/** The position of a stream id; ids that no relay wrote give undefined. */
export function parseStreamPosition(id: string): number | undefined {
  const match = /^(\d{1,15})-0$/.exec(id);
  return match ? Number(match[1]) : undefined;
}

/** The fields of a stream entry, flat as XADD takes them. */
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
];

/**
 * Reads what XREAD and XRANGE answer.
 * @throws Error where the entry is not one of a log (a foreign or damaged stream)
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
  });
}
