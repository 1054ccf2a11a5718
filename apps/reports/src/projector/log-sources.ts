import {
  LOG_STREAM,
  logPageSchema,
  parseStreamEntry,
  parseStreamPosition,
  toStreamId,
  type LogEntry,
  type LogPage,
} from '@seguridad-abc/contracts';
import {
  awaitRedisReply,
  getErrorMessage,
  waitUntilRedisReady,
  type LiveEntry,
  type LiveSource,
} from '@seguridad-abc/platform';
import type { Redis } from 'ioredis';

/** Redis may answer this much later than requested before the connection counts as lost. */
const REPLY_GRACE_MS = 2_000;

/**
 * Reads at most `limit` entries of monitoring's log after a position.
 * @throws Error if the log cannot be read now, or if the page does not continue the log
 */
export type ReadLogPage = (after: number, limit: number, signal: AbortSignal) => Promise<LogPage>;

/**
 * Creates the client of monitoring's `GET /log`.
 * @param headers prove to monitoring that the request comes from this installation
 * @param timeoutMs for a whole page; the projector waits for it
 */
export const createLogClient =
  (monitoringUrl: string, headers: Readonly<Record<string, string>>, timeoutMs: number): ReadLogPage =>
  async (after, limit, signal) => {
    const url = new URL('/log', monitoringUrl);
    url.search = new URLSearchParams({ after: String(after), limit: String(limit) }).toString();
    const response = await fetch(url, {
      headers,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    }).catch((error: unknown) => {
      // The message of fetch is always "fetch failed"; its cause says more.
      throw new Error(
        getErrorMessage(error instanceof Error && error.cause instanceof Error ? error.cause : error),
      );
    });
    if (!response.ok) throw new Error(`monitoring answered with status ${response.status}`);
    const page = logPageSchema.parse(await response.json());
    assertPageContinues(after, page);
    return page;
  };

/** @throws Error if the entries of a page are not those that follow a position in one log */
export function assertPageContinues(after: number, { logId, entries }: LogPage): void {
  entries.forEach((entry, index) => {
    if (entry.logId !== logId || entry.position !== after + 1 + index)
      throw new Error(`monitoring's log does not continue at position ${after + 1 + index}`);
  });
}

export interface StreamSourceOptions {
  /** Used by this source only: a read that waits delays every later command of its connection. */
  readonly redis: Redis;
  /** A read waits at most this long for a first entry. */
  readonly maxBlockMs: number;
  /** How many entries to read at once. */
  readonly getBatchSize: () => number;
}

/** Creates the live source of the event log: the Redis Stream. */
export function createStreamSource(options: StreamSourceOptions): LiveSource<LogEntry> {
  const { redis, maxBlockMs, getBatchSize } = options;
  const lastPosition = () => awaitRedisReply(redis, readStreamEnd(redis), REPLY_GRACE_MS);
  /** The last end of the stream before the checkpoint. It is reported once, not at each read. */
  let reportedEnd: number | undefined;

  return {
    kind: 'stream',
    waitUntilConnected: (signal) => waitUntilRedisReady(redis, signal),
    isConnected: () => redis.status === 'ready',
    lastPosition,
    async read(after = 0, waitMs) {
      // For Redis, BLOCK 0 means to wait without limit.
      const blockMs = Math.ceil(Math.min(waitMs, maxBlockMs));
      const from = ['STREAMS', LOG_STREAM, toStreamId(after)] as const;
      const reply = await awaitRedisReply(
        redis,
        blockMs > 0
          ? redis.xread('COUNT', getBatchSize(), 'BLOCK', blockMs, ...from)
          : redis.xread('COUNT', getBatchSize(), ...from),
        blockMs + REPLY_GRACE_MS,
      );
      const entries = (reply?.[0]?.[1] ?? []).map(([id, fields]) => toLiveEntry(id, fields));
      if (entries.length > 0) {
        reportedEnd = undefined;
        return { entries };
      }
      // Redis may have lost the stream, with entries that were never read.
      const end = await lastPosition();
      const mayLackEntries = end < after && end !== reportedEnd;
      if (mayLackEntries) reportedEnd = end;
      return { entries, mayLackEntries };
    },
  };
}

/** Decodes a stream entry, as XREAD returns it. */
export function toLiveEntry(id: string, fields: readonly string[]): LiveEntry<LogEntry> {
  const position = parseStreamPosition(id);
  const entry = decodeEntry(id, fields);
  return {
    position,
    previous: position === undefined ? undefined : position - 1,
    logId: entry?.logId,
    entry,
  };
}

function decodeEntry(id: string, fields: readonly string[]): LogEntry | undefined {
  try {
    return parseStreamEntry(id, fields);
  } catch {
    return undefined;
  }
}

/** Returns the position of the last entry that was ever on the stream; 0 if there is no stream. */
async function readStreamEnd(redis: Redis): Promise<number> {
  try {
    const info = (await redis.xinfo('STREAM', LOG_STREAM)) as unknown[];
    const id = String(info[info.indexOf('last-generated-id') + 1]);
    return Number(id.split('-')[0]);
  } catch (error) {
    if (error instanceof Error && error.message.includes('no such key')) return 0;
    throw error;
  }
}

/** How many entries of the stream are not in the read model yet. */
export interface StreamLag {
  /** As of the last refresh; undefined before the first. */
  readonly entries: number | undefined;
  /** Reads where the stream ends. Without Redis, the last known end remains. */
  refresh(): Promise<void>;
}

/** @param redis not the connection of the stream source, whose reads would delay the refresh */
export function createStreamLag(redis: Redis, getPosition: () => number): StreamLag {
  let end: number | undefined;
  return {
    get entries() {
      return end === undefined ? undefined : Math.max(0, end - getPosition());
    },
    async refresh() {
      end = await readStreamEnd(redis).catch(() => end);
    },
  };
}
