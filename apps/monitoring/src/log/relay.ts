import {
  LOG_STREAM,
  parseStreamEntry,
  parseStreamPosition,
  toStreamFields,
  toStreamId,
  type LogEntry,
} from '@seguridad-abc/contracts';
import {
  awaitRedisReply,
  createLogFollower,
  getErrorMessage,
  FollowerProblemError,
  waitUntilRedisReady,
  type FollowerProblem,
  type LogCheckpoint,
  type Logger,
} from '@seguridad-abc/platform';
import type { Redis } from 'ioredis';
import type { EventLog } from './event-log.js';
import type { WakeUpSignal } from './wake-up-signal.js';

const MAX_BATCH_ENTRIES = 500;
const RETRY_DELAY_MS = 1_000;
/** Redis must accept a batch within this time. */
const REDIS_TIMEOUT_MS = 10_000;

const STREAM_NAME = `the Redis stream ${LOG_STREAM}`;
const REMEDY =
  `if the event log is the right one, remove the stream (redis-cli DEL ${LOG_STREAM}) and reports.sqlite; ` +
  'reports then builds its read model again';

export interface OutboxRelayOptions {
  readonly eventLog: EventLog;
  /** Used by the relay only. It must not send commands again after a reconnect (NO_RESEND_REDIS_OPTIONS). */
  readonly redis: Redis;
  /** Notified after each commit that appends to the event log. */
  readonly appended: WakeUpSignal;
  /** Redis keeps approximately this number of entries on the stream. */
  readonly maxLength: number;
  readonly logger: Logger;
}

export interface OutboxRelay {
  /** Publishes the event log to the Redis Stream, in order and at least once, until aborted. */
  run(abort: AbortSignal): Promise<void>;
  /** Entries that are not on the stream yet, as of the last read of the event log. */
  readonly lag: number;
  /** The position of the last entry on the stream; undefined while it is not known. */
  readonly position: number | undefined;
  /** Why the relay publishes nothing now. */
  readonly problem: FollowerProblem | undefined;
}

/**
 * The relay follows the event log. Its checkpoint is the stream's last id, so it continues after it when either side
 * restarts, and it fills the stream again after Redis has lost it.
 */
export function createOutboxRelay({
  eventLog,
  redis,
  appended,
  maxLength,
  logger,
}: OutboxRelayOptions): OutboxRelay {
  /** @throws FollowerProblemError without a reply in time, or with an error reply: the relay then tries again */
  const waitForReply = <Reply>(reply: Promise<Reply>): Promise<Reply> =>
    awaitRedisReply(redis, reply, REDIS_TIMEOUT_MS).catch((error: unknown) => {
      if (error instanceof FollowerProblemError) throw error;
      throw new FollowerProblemError(
        'waiting',
        `the event log cannot be published: ${getErrorMessage(error)}`,
      );
    });
  const follower = createLogFollower<LogEntry>({
    loadCheckpoint: () => waitForReply(loadStreamEnd(redis, eventLog, maxLength)),
    async readPage(after = 0, _signal, maxEntries = MAX_BATCH_ENTRIES) {
      const page = await eventLog.read(after, maxEntries);
      return { ...page, upTo: page.entries.at(-1)?.position ?? after };
    },
    live: {
      kind: 'notifications',
      waitUntilConnected: (signal) => waitUntilRedisReady(redis, signal),
      isConnected: () => redis.status === 'ready',
      async read(_after, waitMs, signal) {
        if (waitMs === 0) return { entries: [] };
        const isLimited = Number.isFinite(waitMs);
        await appended.wait(isLimited ? AbortSignal.any([signal, AbortSignal.timeout(waitMs)]) : signal);
        return { entries: [], mayLackEntries: true };
      },
    },
    apply: (entries) =>
      entries.length === 0 ? undefined : waitForReply(publishLogEntries(redis, entries, maxLength)),
    names: {
      follower: 'relay',
      checkpoint: STREAM_NAME,
      log: 'the event log',
      checkpointRemedy: REMEDY,
    },
    timing: {
      checkIntervalMs: Infinity,
      unavailableRetryMs: RETRY_DELAY_MS,
      retryMs: RETRY_DELAY_MS,
      maxRetryMs: RETRY_DELAY_MS,
    },
    logger,
  });
  // Redis may come back without entries that it had accepted.
  const onReconnect = () => {
    follower.restart();
    appended.notify();
  };

  return {
    get lag() {
      return follower.lag;
    },
    get position() {
      return follower.checkpoint?.position;
    },
    get problem() {
      return follower.problem;
    },
    async run(abort) {
      redis.on('ready', onReconnect);
      await follower.run(abort);
      redis.off('ready', onReconnect);
    },
  };
}

/**
 * Finds the last entry on the stream. Without a stream, the relay starts so that the stream gets its maximum length.
 * @throws FollowerProblemError if the last entry is not one of an event log
 */
async function loadStreamEnd(redis: Redis, eventLog: EventLog, maxLength: number): Promise<LogCheckpoint> {
  if ((await redis.exists(LOG_STREAM)) === 0) {
    const { logId, position } = await eventLog.end();
    return { logId, position: Math.max(0, position - maxLength) };
  }
  const info = (await redis.xinfo('STREAM', LOG_STREAM)) as unknown[];
  const getField = (name: string) => info[info.indexOf(name) + 1];
  const id = getField('last-generated-id') as string;
  const position = parseStreamPosition(id);
  if (position === undefined)
    throw new FollowerProblemError(
      'blocked',
      `${STREAM_NAME} ends with id ${id}, which is no log position`,
      REMEDY,
    );
  // A stream that was trimmed to nothing keeps its last id, but not whose log it carried.
  const last = getField('last-entry') as [id: string, fields: string[]] | null;
  return { logId: last && parseStreamEntry(id, last[1]).logId, position };
}

/**
 * Adds entries in order under their positions. Redis refuses an id that it already has, which counts as success.
 * @throws Error if an entry could not be added
 */
export async function publishLogEntries(
  redis: Redis,
  entries: readonly LogEntry[],
  maxLength: number,
): Promise<void> {
  const pipeline = redis.pipeline();
  for (const entry of entries) {
    pipeline.xadd(LOG_STREAM, 'MAXLEN', '~', maxLength, toStreamId(entry.position), ...toStreamFields(entry));
  }
  const results = (await pipeline.exec()) ?? [];
  for (const [error] of results) if (error && !error.message.includes('equal or smaller')) throw error;
}
