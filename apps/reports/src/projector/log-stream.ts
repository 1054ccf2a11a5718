import { parseStreamEntry, parseStreamPosition, toStreamId, type LogEntry } from '@seguridad-abc/contracts';
import {
  awaitRedisReply,
  getErrorMessage,
  waitForRedisConnectionAttempt,
  type LiveBatch,
  type LiveEntry,
  type LiveSource,
  type LogCheckpoint,
} from '@seguridad-abc/platform';
import type { Redis } from 'ioredis';

/** Redis may answer this much later than requested before the connection counts as lost. */
const REPLY_GRACE_MS = 2_000;
/** How long the first read waits for a connection to Redis that is being opened. */
const FIRST_CONNECTION_WAIT_MS = 1_000;

export interface LogStreamSourceOptions {
  /** Used by this source only: a read that waits delays every later command of its connection. */
  readonly redis: Redis;
  /** The name of the Redis Stream. */
  readonly streamName: string;
  /** A read waits at most this long for a first entry. */
  readonly maxBlockMs: number;
  /** While the stream cannot be read, a read ends after this time, and asks the follower to read the log. */
  readonly retryMs: number;
  /** How many entries to read at once. */
  readonly getBatchSize: () => number;
  /** Returns what the reader has processed. */
  readonly getCheckpoint: () => LogCheckpoint;
}

/** The Redis Stream as a live source of the event log. Its reads do not fail: without the stream there is still the log. */
export interface LogStreamSource extends LiveSource<LogEntry> {
  /** Why the stream cannot be read now. */
  readonly problem: string | undefined;
}

/** Creates the live source of the event log: the Redis Stream. */
export function createLogStreamSource(options: LogStreamSourceOptions): LogStreamSource {
  const { redis, streamName, maxBlockMs, retryMs, getBatchSize, getCheckpoint } = options;
  const readEnd = () => awaitRedisReply(redis, readStreamEnd(redis, streamName), REPLY_GRACE_MS);
  /** The last end of the stream that does not fit the checkpoint. It is reported once, not at each read. */
  let reportedEnd: string | undefined;
  let problem: string | undefined;
  let hasTriedToConnect = false;

  const readEntries = async (after: number, blockMs: number): Promise<LiveBatch<LogEntry>> => {
    const from = ['STREAMS', streamName, toStreamId(after)] as const;
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
    // Redis may have lost the stream, with entries that were never read. Or the log was restored, and monitoring has
    // replaced the stream.
    const end = await readEnd();
    const { logId, mark } = getCheckpoint();
    const isOtherEpoch =
      (logId !== null && end.logId !== undefined && end.logId !== logId) ||
      (end.position === after && mark !== undefined && end.mark !== undefined && end.mark !== mark);
    const endText = `${end.logId ?? ''} ${end.position} ${end.mark ?? ''}`;
    const mayLackEntries = (end.position < after || isOtherEpoch) && endText !== reportedEnd;
    if (mayLackEntries) reportedEnd = endText;
    return { entries, mayLackEntries };
  };

  return {
    kind: 'stream',
    get problem() {
      return problem;
    },
    async waitUntilConnected(signal) {
      if (hasTriedToConnect) return;
      await waitForRedisConnectionAttempt(redis, FIRST_CONNECTION_WAIT_MS, signal);
      hasTriedToConnect = true;
    },
    async lastPosition() {
      if (redis.status !== 'ready') return 0;
      return readEnd().then(
        ({ position }) => position,
        () => 0,
      );
    },
    async read(after = 0, waitMs, signal) {
      // For Redis, BLOCK 0 means to wait without limit.
      const blockMs = Math.ceil(Math.min(waitMs, maxBlockMs));
      try {
        if (redis.status !== 'ready') throw new Error('Redis is away');
        const batch = await readEntries(after, blockMs);
        problem = undefined;
        return batch;
      } catch (error) {
        problem = getErrorMessage(error);
        if (blockMs === 0) return { entries: [] };
        await waitForReconnection(redis, Math.min(blockMs, retryMs), signal);
        return { entries: [], mayLackEntries: true };
      }
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
    mark: entry?.mark,
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

/** Where the stream ends. Log id and mark are those of its last entry, if it is known and readable. */
export interface StreamEnd {
  /** The position of the last entry that was ever on the stream; 0 if there is no stream. */
  readonly position: number;
  readonly logId?: string | undefined;
  readonly mark?: string | undefined;
}

/** Reads where the stream ends. */
export async function readStreamEnd(redis: Redis, streamName: string): Promise<StreamEnd> {
  try {
    const info = (await redis.xinfo('STREAM', streamName)) as unknown[];
    const getField = (name: string) => info[info.indexOf(name) + 1];
    const id = String(getField('last-generated-id'));
    const last = getField('last-entry') as [id: string, fields: string[]] | null;
    const entry = last && decodeEntry(id, last[1]);
    return { position: Number(id.split('-')[0]), logId: entry?.logId, mark: entry?.mark };
  } catch (error) {
    if (error instanceof Error && error.message.includes('no such key')) return { position: 0 };
    throw error;
  }
}

/** Waits until the connection is established again, at most `ms` milliseconds. */
async function waitForReconnection(redis: Redis, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const stopWaiting = () => {
      clearTimeout(timer);
      redis.off('ready', stopWaiting);
      signal.removeEventListener('abort', stopWaiting);
      resolve();
    };
    const timer = setTimeout(stopWaiting, ms);
    redis.on('ready', stopWaiting);
    signal.addEventListener('abort', stopWaiting);
  });
}
