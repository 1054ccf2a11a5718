import { LOG_STREAM, type LogEntry } from '@seguridad-abc/contracts';
import { createLogFollower, type FollowerProblem, type Logger } from '@seguridad-abc/platform';
import type { Redis } from 'ioredis';
import { estimateNextReadCount, MAX_ENTRIES_PER_LOG_READ } from '../domain/log-batches.js';
import { createStreamSource, type ReadLogPage } from './log-sources.js';
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
  readonly writer: ReadModelUpdater;
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
    async run(abort) {
      redis.on('close', onClose);
      redis.on('ready', onReady);
      await follower.run(abort);
      redis.off('close', onClose);
      redis.off('ready', onReady);
    },
  };
}
