import {
  LOG_STREAM,
  parseStreamEntry,
  parseStreamPosition,
  toStreamId,
  type LogEntry,
} from '@seguridad-abc/contracts';
import {
  createLogFollower,
  awaitRedisReply,
  waitUntilRedisReady,
  type FollowerProblem,
  type Logger,
  type LiveEntry,
  type LiveSource,
} from '@seguridad-abc/platform';
import type { Redis } from 'ioredis';
import { estimateNextReadCount, MAX_ENTRIES_PER_LOG_READ } from '../domain/projection.js';
import type { ReadLogPage } from './log-client.js';
import type { ReadModelUpdater } from './read-model-updater.js';

/** The intervals of the projector, in milliseconds. */
export interface ProjectorTiming {
  /** Maximum time that a read of the stream waits for a first entry. */
  readonly blockMs: number;
  /** Interval at which the log is read while no entries arrive, in case the stream has lost the last ones. */
  readonly idleCheckMs: number;
  /** Delay before the first retry after a problem. It doubles with each further retry. */
  readonly retryMs: number;
  /** Maximum delay between retries. */
  readonly maxRetryMs: number;
}

export const PROJECTOR_TIMING: ProjectorTiming = {
  blockMs: 2_000,
  idleCheckMs: 30_000,
  retryMs: 250,
  maxRetryMs: 5_000,
};

export interface ProjectorOptions {
  readonly writer: Pick<ReadModelUpdater, 'checkpoint' | 'apply'>;
  /** Used by the projector only. It must not send commands again after a reconnect (NO_RESEND_REDIS_OPTIONS). */
  readonly redis: Redis;
  readonly readLogPage: ReadLogPage;
  /** The path of the database, for the remedy in a problem's reason. */
  readonly readModelFile: string;
  readonly timing: ProjectorTiming;
  readonly logger: Logger;
}

export interface Projector {
  /** Updates the read model from the event log until aborted. It never rejects. */
  run(abort: AbortSignal): Promise<void>;
  /** Whether the read model has reached the end of the log once, or of the stream while the log cannot be read. */
  readonly hasCaughtUp: boolean;
  /** Whether the connection to Redis is lost. */
  readonly isRedisAway: boolean;
  readonly problem: FollowerProblem | undefined;
  /** Reads the checkpoint and the log again, because the read model was replaced. */
  restart(): void;
}

/** The projector follows the event log: live on the Redis Stream, with monitoring's `GET /log` as backfill. */
export function createProjector(options: ProjectorOptions): Projector {
  const { writer, redis, readLogPage, readModelFile, timing, logger } = options;
  let isRedisAway = false;
  let batchSize = MAX_ENTRIES_PER_LOG_READ;

  const follower = createLogFollower<LogEntry>({
    loadCheckpoint: () => Promise.resolve(writer.checkpoint),
    async readPage(after = 0, signal, maxEntries = batchSize) {
      const page = await readLogPage(after, maxEntries, signal);
      return { ...page, upTo: page.entries.at(-1)?.position ?? after };
    },
    live: createStreamSource({ redis, maxBlockMs: timing.blockMs, getBatchSize: () => batchSize }),
    apply(entries, checkpoint) {
      batchSize = estimateNextReadCount(entries);
      return writer.apply(entries, checkpoint);
    },
    names: {
      follower: 'projector',
      checkpoint: 'this read model',
      log: "monitoring's log",
      live: 'the Redis stream',
      checkpointRemedy: `if monitoring's log is the right one, stop reports and remove ${readModelFile}*: it is built again from the log`,
      liveRemedy: `remove the stream (redis-cli DEL ${LOG_STREAM}): monitoring fills it again from its log`,
    },
    timing: {
      checkIntervalMs: timing.idleCheckMs,
      unavailableRetryMs: timing.blockMs,
      retryMs: timing.retryMs,
      maxRetryMs: timing.maxRetryMs,
    },
    logger,
  });
  const onClose = () => (isRedisAway = true);
  const onReady = () => {
    isRedisAway = false;
    follower.restart();
  };

  return {
    get hasCaughtUp() {
      return follower.hasCaughtUp;
    },
    get isRedisAway() {
      return isRedisAway;
    },
    get problem() {
      return follower.problem;
    },
    restart: () => follower.restart(),
    async run(abort) {
      redis.on('close', onClose);
      redis.on('ready', onReady);
      await follower.run(abort);
      redis.off('close', onClose);
      redis.off('ready', onReady);
    },
  };
}

/** Redis may answer this much later than requested before the connection counts as lost. */
const REPLY_GRACE_MS = 2_000;

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
