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
  type LogCheckpoint,
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
  readonly writer: Pick<ReadModelUpdater, 'checkpoint' | 'apply' | 'startEpoch'>;
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
      const { checkpoint } = writer;
      const from = checkpoint.position === after ? checkpoint : { logId: null, position: after };
      const page = await readLogPage(from, maxEntries, signal);
      const last = page.entries.at(-1);
      return { ...page, upTo: last?.position ?? after, markUpTo: last?.mark };
    },
    live: createStreamSource({
      redis,
      maxBlockMs: timing.blockMs,
      getBatchSize: () => batchSize,
      getCheckpoint: () => writer.checkpoint,
    }),
    startEpoch: (epoch) => writer.startEpoch(epoch),
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
  /** Returns what the reader has processed. */
  readonly getCheckpoint: () => LogCheckpoint;
}

/** Creates the live source of the event log: the Redis Stream. */
export function createStreamSource(options: StreamSourceOptions): LiveSource<LogEntry> {
  const { redis, maxBlockMs, getBatchSize, getCheckpoint } = options;
  const readEnd = () => awaitRedisReply(redis, readStreamEnd(redis), REPLY_GRACE_MS);
  /** The last end of the stream that does not fit the checkpoint. It is reported once, not at each read. */
  let reportedEnd: string | undefined;

  return {
    kind: 'stream',
    waitUntilConnected: (signal) => waitUntilRedisReady(redis, signal),
    isConnected: () => redis.status === 'ready',
    lastPosition: async () => (await readEnd()).position,
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
interface StreamEnd {
  /** The position of the last entry that was ever on the stream; 0 if there is no stream. */
  readonly position: number;
  readonly logId?: string | undefined;
  readonly mark?: string | undefined;
}

async function readStreamEnd(redis: Redis): Promise<StreamEnd> {
  try {
    const info = (await redis.xinfo('STREAM', LOG_STREAM)) as unknown[];
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
      end = await readStreamEnd(redis).then(
        ({ position }) => position,
        () => end,
      );
    },
  };
}
