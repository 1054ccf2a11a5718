import { getLogPageEnd, type LogEntry } from '@seguridad-abc/contracts';
import { createLogFollower, type FollowerProblem, type Logger } from '@seguridad-abc/platform';
import type { Redis } from 'ioredis';
import { estimateNextReadCount, MAX_ENTRIES_PER_LOG_READ } from '../domain/projection.js';
import type { ReadLogPage } from './log-client.js';
import { createLogStreamSource } from './log-stream.js';
import type { ReadModelUpdater } from './read-model-updater.js';

/** The intervals of the projector, in milliseconds. */
export interface ProjectorTiming {
  /** Maximum time that a read of the stream waits for a first entry. */
  readonly blockMs: number;
  /** Interval at which the log is read while no entries arrive: the stream may lack the last ones. */
  readonly idleCheckMs: number;
  /** Interval at which the log is read while the stream cannot be read. */
  readonly withoutStreamMs: number;
  /** Delay before the first retry after a problem. It doubles with each further retry. */
  readonly retryMs: number;
  /** Maximum delay between retries. */
  readonly maxRetryMs: number;
}

export const PROJECTOR_TIMING: ProjectorTiming = {
  blockMs: 2_000,
  idleCheckMs: 1_000,
  withoutStreamMs: 200,
  retryMs: 250,
  maxRetryMs: 5_000,
};

export interface ProjectorOptions {
  readonly writer: Pick<ReadModelUpdater, 'checkpoint' | 'apply' | 'startEpoch'>;
  /** Used by the projector only. It must not send commands again after a reconnect (NO_RESEND_REDIS_OPTIONS). */
  readonly redis: Redis;
  /** The name of the Redis Stream. */
  readonly streamName: string;
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
  /** Why the stream cannot be read now. The projector then reads the log at a short interval. */
  readonly streamProblem: string | undefined;
  readonly problem: FollowerProblem | undefined;
  /** Reads the checkpoint and the log again, because the read model was replaced. */
  restart(): void;
}

/**
 * The projector follows the event log: live on the Redis Stream, with monitoring's `GET /log` as backfill. While the stream
 * cannot be read, it reads the log alone.
 */
export function createProjector(options: ProjectorOptions): Projector {
  const { writer, redis, streamName, readLogPage, readModelFile, timing, logger } = options;
  let batchSize = MAX_ENTRIES_PER_LOG_READ;

  const stream = createLogStreamSource({
    redis,
    streamName,
    maxBlockMs: timing.blockMs,
    retryMs: timing.withoutStreamMs,
    getBatchSize: () => batchSize,
    getCheckpoint: () => writer.checkpoint,
  });
  const follower = createLogFollower<LogEntry>({
    loadCheckpoint: () => Promise.resolve(writer.checkpoint),
    async readPage(after = 0, signal, maxEntries = batchSize) {
      const { checkpoint } = writer;
      const from = checkpoint.position === after ? checkpoint : { logId: null, position: after };
      const page = await readLogPage(from, maxEntries, signal);
      const { position: upTo, mark: markUpTo } = getLogPageEnd(page, after);
      return { ...page, upTo, markUpTo };
    },
    live: stream,
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
      liveRemedy: `remove the stream (redis-cli DEL ${streamName}): monitoring fills it again from its log`,
    },
    timing: {
      checkIntervalMs: timing.idleCheckMs,
      unavailableRetryMs: timing.blockMs,
      retryMs: timing.retryMs,
      maxRetryMs: timing.maxRetryMs,
    },
    logger,
  });

  return {
    get hasCaughtUp() {
      return follower.hasCaughtUp;
    },
    get streamProblem() {
      return stream.problem;
    },
    get problem() {
      return follower.problem;
    },
    restart: () => follower.restart(),
    async run(abort) {
      // Redis may come back without entries that were on the stream.
      const onReady = () => follower.restart();
      redis.on('ready', onReady);
      await follower.run(abort);
      redis.off('ready', onReady);
    },
  };
}
