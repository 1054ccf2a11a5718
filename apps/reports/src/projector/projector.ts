import { LOG_STREAM, parseLogPage, type LogEntry, type LogPage } from '@seguridad-abc/contracts';
import {
  createLogFollower,
  getErrorMessage,
  type FollowerProblem,
  type LogCheckpoint,
  type Logger,
} from '@seguridad-abc/platform';
import type { Redis } from 'ioredis';
import { estimateNextReadCount, MAX_ENTRIES_PER_LOG_READ } from '../domain/projection.js';
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
  /** Why the stream cannot be read now. The projector then reads the log at a short interval. */
  readonly streamProblem: string | undefined;
  readonly problem: FollowerProblem | undefined;
}

/**
 * The projector follows the event log: live on the Redis Stream, with monitoring's `GET /log` as backfill. While the stream
 * cannot be read, it reads the log alone.
 */
export function createProjector(options: ProjectorOptions): Projector {
  const { writer, redis, readLogPage, readModelFile, timing, logger } = options;
  let batchSize = MAX_ENTRIES_PER_LOG_READ;

  const stream = createLogStreamSource({
    redis,
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
      const last = page.entries.at(-1);
      return { ...page, upTo: last?.position ?? after, markUpTo: last?.mark };
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
    async run(abort) {
      // Redis may come back without entries that were on the stream.
      const onReady = () => follower.restart();
      redis.on('ready', onReady);
      await follower.run(abort);
      redis.off('ready', onReady);
    },
  };
}

/**
 * Reads at most `limit` entries of monitoring's log after a checkpoint. Monitoring compares the checkpoint with its log.
 * @throws Error if the log cannot be read now, or if the page does not continue the log
 */
export type ReadLogPage = (from: LogCheckpoint, limit: number, signal: AbortSignal) => Promise<LogPage>;

/**
 * Creates the client of monitoring's `GET /log`.
 * @param headers prove to monitoring that the request comes from this installation
 * @param timeoutMs for a whole page; the projector waits for it
 */
export const createLogClient =
  (monitoringUrl: string, headers: Readonly<Record<string, string>>, timeoutMs: number): ReadLogPage =>
  async ({ logId, position: after, mark }, limit, signal) => {
    const url = new URL('/log', monitoringUrl);
    url.search = new URLSearchParams({
      after: String(after),
      limit: String(limit),
      ...(logId !== null && { log: logId }),
      ...(mark !== undefined && { mark }),
    }).toString();
    const response = await fetch(url, {
      headers,
      // Another host must not receive the installation secret.
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    }).catch((error: unknown) => {
      // The message of fetch is always "fetch failed"; its cause says more.
      throw new Error(
        getErrorMessage(error instanceof Error && error.cause instanceof Error ? error.cause : error),
      );
    });
    if (!response.ok) throw new Error(`monitoring answered with status ${response.status}`);
    const page = parseLogPage(await response.json(), after);
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
