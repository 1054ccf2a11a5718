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
  FollowerProblemError,
  waitUntilRedisReady,
  type LogCheckpoint,
  type Logger,
  type WakeUpSignal,
} from '@seguridad-abc/platform';
import type { Redis } from 'ioredis';
import type { Outbox } from '../db/outbox.js';

const MAX_BATCH_ENTRIES = 500;
const RETRY_DELAY_MS = 1_000;
/** Redis must accept a batch within this time. */
const REDIS_TIMEOUT_MS = 10_000;

const STREAM_NAME = `the Redis stream ${LOG_STREAM}`;
const REMEDY =
  `if the event log is the right one, remove the stream (redis-cli DEL ${LOG_STREAM}) and reports.sqlite; ` +
  'reports then builds its read model again';

export interface OutboxRelayOptions {
  readonly outbox: Outbox;
  /** Used by the relay only. It must not send commands again after a reconnect (NO_RESEND_REDIS_OPTIONS). */
  readonly redis: Redis;
  /** Notified after every commit. */
  readonly appended: WakeUpSignal;
  /** Redis keeps approximately this number of entries on the stream. */
  readonly maxLength: number;
  readonly logger: Logger;
}

export interface OutboxRelay {
  /** Publishes the outbox to the Redis Stream, in order and at least once, until aborted. */
  run(abort: AbortSignal): Promise<void>;
  /** Entries that are not on the stream yet, as of the relay's last look at the outbox. */
  readonly lag: number;
  /** The position of the last entry on the stream; undefined while it is not known. */
  readonly position: number | undefined;
  /** Why nothing is published until a person acts. */
  readonly blocked: string | undefined;
}

/**
 * The relay follows the outbox. Its checkpoint is the stream's last id, so it continues after it when either side
 * restarts, and it fills the stream again after Redis has lost it.
 */
export function createOutboxRelay({
  outbox,
  redis,
  appended,
  maxLength,
  logger,
}: OutboxRelayOptions): OutboxRelay {
  const follower = createLogFollower<LogEntry>({
    loadCheckpoint: () => awaitRedisReply(redis, loadStreamEnd(redis, outbox, maxLength), REDIS_TIMEOUT_MS),
    async readPage(after = 0) {
      const page = await outbox.read(after, MAX_BATCH_ENTRIES);
      return { ...page, upTo: page.entries.at(-1)?.position ?? after };
    },
    live: {
      waitUntilConnected: (signal) => waitUntilRedisReady(redis, signal),
      isConnected: () => redis.status === 'ready',
      // A notification carries no entries: it says that the outbox has more.
      async read(_after, waitMs, signal) {
        if (waitMs === 0) return { entries: [] };
        const isLimited = Number.isFinite(waitMs);
        await appended.wait(isLimited ? AbortSignal.any([signal, AbortSignal.timeout(waitMs)]) : signal);
        return { entries: [], mayLackEntries: true };
      },
    },
    apply: (entries) =>
      entries.length === 0
        ? undefined
        : awaitRedisReply(redis, publishLogEntries(redis, entries, maxLength), REDIS_TIMEOUT_MS),
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
    get blocked() {
      return follower.problem?.kind === 'blocked' ? follower.problem.reason : undefined;
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
async function loadStreamEnd(redis: Redis, outbox: Outbox, maxLength: number): Promise<LogCheckpoint> {
  if ((await redis.exists(LOG_STREAM)) === 0) {
    const { logId, position } = await outbox.end();
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
