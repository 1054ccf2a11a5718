import {
  getLogPageEnd,
  parseStreamEntry,
  parseStreamPosition,
  UNREADABLE_EVENT_TYPE,
  type LogEntry,
} from '@seguridad-abc/contracts';
import {
  awaitRedisReply,
  createCheckpoint,
  createLogFollower,
  createLogLagMeter,
  describeLogStall,
  endSpansWith,
  getErrorMessage,
  FollowerProblemError,
  MAX_LOG_STALL_SECONDS,
  waitUntilRedisReady,
  type FollowerProblem,
  type LogCheckpoint,
  type Logger,
  type LogLag,
  type ServiceCondition,
  runWithTimeout,
  startEntrySpans,
  type Tracing,
} from '@seguridad-abc/platform';
import type { Redis } from 'ioredis';
import type { EventLog } from './event-log.js';
import { createFencedStream, type FencedStream } from './fenced-stream.js';
import { rewriteRedisFiles } from './redis-files.js';
import { createStreamSizeLimit } from './stream-size-limit.js';

const MAX_BATCH_ENTRIES = 500;
const RETRY_DELAY_MS = 1_000;
/** Redis must accept a batch within this time. */
const REDIS_TIMEOUT_MS = 10_000;

/** How often the relay looks where the event log ends, to measure its lag also while it cannot publish. */
const LAG_CHECK_INTERVAL_MS = 500;
/** How often a wait looks at the position of the relay. */
const RELAY_CHECK_INTERVAL_MS = 50;

const describeStream = (stream: string) => `the Redis stream ${stream}`;
const describeRemedy = (stream: string) =>
  `if the event log is the right one, remove the stream (redis-cli DEL ${stream}) and reports.sqlite; ` +
  'reports then builds its read model again';

export interface OutboxRelayOptions {
  readonly eventLog: EventLog;
  /** Used by the relay only. It must not send commands again after a reconnect (NO_RESEND_REDIS_OPTIONS). */
  readonly redis: Redis;
  /** The name of the Redis Stream. */
  readonly stream: string;
  /** The key that keeps other relays, and what they have read before, from the stream. */
  readonly fenceKey: string;
  /** Notified after each commit that appends to the event log. */
  readonly appended: WakeUpSignal;
  /** Redis keeps approximately this number of entries on the stream. */
  readonly maxLength: number;
  /** Approximate memory that the stream may use in Redis. */
  readonly maxBytes: number;
  /** Undefined: tracing is off. */
  readonly tracing?: Tracing | undefined;
  readonly logger: Logger;
}

export interface OutboxRelay {
  /** Publishes the event log to the Redis Stream, in order and at least once, until aborted. It may be called again afterwards. */
  run(abort: AbortSignal): Promise<void>;
  /** How far the stream is behind the event log; undefined until the end of the stream was known once. */
  readonly lag: LogLag | undefined;
  /** The position of the last entry on the stream; undefined until it was known once. */
  readonly position: number | undefined;
  /** Why the relay publishes nothing now. */
  readonly problem: FollowerProblem | undefined;
  /** Resolves when the stream has reached a position, or at the end of the time. @returns whether it has */
  waitUntilRelayed(position: number, timeoutMs: number): Promise<boolean>;
  /**
   * Removes the stream, and fills it again from the event log, after entries of the log were erased. Nothing that was read before
   * reaches it again. Resolves when Redis has rewritten its files, if it has any and allows it.
   * @throws Error if Redis does not answer, the relay does not run, or the signal aborts: call it again
   */
  rewrite(signal: AbortSignal): Promise<void>;
  /** What the heartbeats of this process report about the relay. */
  readonly getCondition: () => ServiceCondition;
}

/**
 * The relay follows the event log. Its checkpoint is the stream's last id, so it continues after it when either side
 * restarts, and it fills the stream again after Redis has lost it.
 */
export function createOutboxRelay({
  eventLog,
  redis,
  stream,
  fenceKey,
  appended,
  maxLength,
  maxBytes,
  tracing,
  logger,
}: OutboxRelayOptions): OutboxRelay {
  const awaitReply = <Reply>(reply: Promise<Reply>) => awaitRedisReply(redis, reply, REDIS_TIMEOUT_MS);
  /** @throws FollowerProblemError without a reply in time, or with an error reply: the relay then tries again */
  const waitForReply = <Reply>(reply: Promise<Reply>): Promise<Reply> =>
    awaitReply(reply).catch((error: unknown) => {
      if (error instanceof FollowerProblemError) throw error;
      throw new FollowerProblemError(
        'waiting',
        `the event log cannot be published: ${getErrorMessage(error)}`,
      );
    });
  const meter = createLogLagMeter();
  /** The last known end of the stream. While Redis is away, the follower has no checkpoint. */
  let lastPosition: number | undefined;
  let isRunning = false;
  /** The fence under which the follower reads; undefined if the stream is that of another log. */
  let fence: string | undefined;
  const fencedStream = createFencedStream({ redis, stream, fenceKey, maxLength, eventLog });
  const sizeLimit = createStreamSizeLimit({ redis, stream, maxBytes, logger });
  const unreadableEntries = createUnreadableEntryReport(logger);
  const entrySpan = { name: `publish ${stream}`, stream, kind: 'producer', operation: 'send' } as const;
  const follower = createLogFollower<LogEntry>({
    async loadCheckpoint() {
      const loaded = await waitForReply(loadStreamEnd(redis, stream, fencedStream, eventLog, maxLength));
      fence = loaded.fence;
      lastPosition = loaded.end.position;
      return loaded.end;
    },
    async readPage(after = 0, _signal, maxEntries = MAX_BATCH_ENTRIES) {
      if (follower.checkpoint) await eventLog.compareWithReader(follower.checkpoint);
      const page = await eventLog.read(after, maxEntries);
      meter.observeHead(page.head);
      const { position: upTo, mark: markUpTo } = getLogPageEnd(page, after);
      return { ...page, upTo, markUpTo };
    },
    // The stream holds entries under the log id of an earlier epoch, and Redis refuses their positions.
    async startEpoch() {
      unreadableEntries.clear();
      fencedStream.requestRemoval();
      // A copied log does not know the id of its earlier epoch; the same entry is at the end of the stream.
      await waitForReply(fencedStream.claim(true));
    },
    live: {
      kind: 'notifications',
      waitUntilConnected: (signal) => waitUntilRedisReady(redis, signal),
      isConnected: () => redis.status === 'ready',
      async read(_after, waitMs, signal) {
        if (waitMs === 0) return { entries: [] };
        if (Number.isFinite(waitMs)) await runWithTimeout(waitMs, signal, (limit) => appended.wait(limit));
        else await appended.wait(signal);
        return { entries: [], mayLackEntries: true };
      },
    },
    async apply(entries) {
      if (entries.length === 0) return;
      const spans = tracing ? startEntrySpans(tracing, entries, entrySpan) : [];
      const bytes = await endSpansWith(spans, waitForReply(fencedStream.publish(fence, entries)));
      lastPosition = entries.at(-1)?.position;
      await waitForReply(sizeLimit.enforce({ entries: entries.length, bytes }));
      unreadableEntries.record(entries);
    },
    names: {
      follower: 'relay',
      checkpoint: describeStream(stream),
      log: 'the event log',
      checkpointRemedy: describeRemedy(stream),
    },
    timing: {
      checkIntervalMs: Infinity,
      unavailableRetryMs: RETRY_DELAY_MS,
      retryMs: RETRY_DELAY_MS,
      maxRetryMs: RETRY_DELAY_MS,
    },
    logger,
  });
  const observeHead = async () => meter.observeHead((await eventLog.end()).position);
  const getLag = () => (lastPosition === undefined ? undefined : meter.measure(lastPosition));
  const describeProblem = (lag: LogLag | undefined): string | undefined => {
    if (follower.problem) return follower.problem.reason;
    const isStalled = lag !== undefined && lag.stalledSeconds >= MAX_LOG_STALL_SECONDS;
    return isStalled && redis.status !== 'ready' ? 'the relay has no connection to Redis' : undefined;
  };
  // Redis may come back without entries that it had accepted.
  const onReconnect = () => {
    follower.restart();
    appended.notify();
  };
  /** Polls a condition. @returns whether it is true, at the latest at the end of the time */
  const waitUntil = async (isReached: () => boolean, timeoutMs: number): Promise<boolean> => {
    const endsAt = performance.now() + timeoutMs;
    while (!isReached() && performance.now() < endsAt)
      await new Promise((resolve) => setTimeout(resolve, RELAY_CHECK_INTERVAL_MS));
    return isReached();
  };

  return {
    get lag() {
      return getLag();
    },
    get position() {
      return lastPosition;
    },
    get problem() {
      return follower.problem;
    },
    waitUntilRelayed: (position, timeoutMs) =>
      waitUntil(() => (follower.checkpoint?.position ?? 0) >= position, timeoutMs),
    async rewrite(signal) {
      const assertMayContinue = () => {
        if (signal.aborted || !isRunning) throw new Error('The relay ends.');
      };
      // The next step of the follower removes the stream: one that is in progress may still add what it has read.
      const removal = fencedStream.requestRemoval();
      onReconnect();
      await waitUntil(() => removal.isDone || signal.aborted || !isRunning, REDIS_TIMEOUT_MS);
      assertMayContinue();
      if (!removal.isDone)
        throw new Error(
          `Redis has not removed ${stream} within ${REDIS_TIMEOUT_MS} ms: ${follower.problem?.reason ?? 'it is slow'}`,
        );
      await rewriteRedisFiles({ redis, waitForReply: awaitReply, assertMayContinue, logger });
    },
    getCondition() {
      const lag = getLag();
      const stall = describeLogStall(lastPosition, lag, describeProblem(lag), 'to be published');
      const errors = [stall, unreadableEntries.describe()].filter((error) => error !== undefined);
      return {
        error: errors.length > 0 ? errors.join('; ') : undefined,
        lag: lag && { entries: lag.entries, seconds: lag.seconds, what: 'log entries not yet relayed' },
      };
    },
    async run(abort) {
      const timer = setInterval(
        () => void observeHead().catch(() => undefined),
        LAG_CHECK_INTERVAL_MS,
      ).unref();
      redis.on('ready', onReconnect);
      // Between two runs, another instance may have published entries.
      fencedStream.forgetClaim();
      follower.restart();
      isRunning = true;
      await follower.run(abort);
      isRunning = false;
      redis.off('ready', onReconnect);
      clearInterval(timer);
      lastPosition = undefined;
    },
  };
}

/**
 * Finds the last entry of the stream and claims it, unless it is that of another log. Without a stream, the relay starts so that the
 * stream gets its maximum length.
 * @returns the end of the stream, and the fence; no fence for the stream of another log
 * @throws FollowerProblemError if the last entry is not one of an event log
 */
async function loadStreamEnd(
  redis: Redis,
  stream: string,
  fencedStream: Pick<FencedStream, 'claim' | 'requestRemoval'>,
  eventLog: EventLog,
  maxLength: number,
): Promise<{ readonly end: LogCheckpoint; readonly fence: string | undefined }> {
  const findEnd = () => findStreamEnd(redis, stream, eventLog, maxLength);
  if (await eventLog.replacesStream()) {
    fencedStream.requestRemoval();
    const fence = await fencedStream.claim(true);
    await eventLog.confirmStreamReplaced();
    return { end: await findEnd(), fence };
  }
  // The claim may remove the stream, and with it what shows that the database is an older copy.
  await eventLog.compareWithReader(await findEnd());
  const fence = await fencedStream.claim();
  return { end: await findEnd(), fence };
}

async function findStreamEnd(
  redis: Redis,
  stream: string,
  eventLog: EventLog,
  maxLength: number,
): Promise<LogCheckpoint> {
  if ((await redis.exists(stream)) === 0) {
    const { logId, position } = await eventLog.end();
    // The snapshot of a compacted log is not published: readers that need it read the log.
    return { logId, position: Math.max(await eventLog.getCompactedUpTo(), position - maxLength) };
  }
  const info = (await redis.xinfo('STREAM', stream)) as unknown[];
  const getField = (name: string) => info[info.indexOf(name) + 1];
  const id = getField('last-generated-id') as string;
  const position = parseStreamPosition(id);
  if (position === undefined)
    throw new FollowerProblemError(
      'blocked',
      `${describeStream(stream)} ends with id ${id}, which is no log position`,
      describeRemedy(stream),
    );
  // A stream that was trimmed to nothing keeps its last id, but not whose log it carried.
  const last = getField('last-entry') as [id: string, fields: string[]] | null;
  if (!last) return createCheckpoint(null, position, undefined);
  const { logId, mark } = parseStreamEntry(id, last[1]);
  return createCheckpoint(logId, position, mark);
}

/**
 * Reports entries that cannot be read: they are published as unreadable entries, so that the others follow. Each is reported once,
 * although the stream is filled again after an erasure or a loss.
 */
function createUnreadableEntryReport(logger: Logger) {
  const positions = new Set<number>();
  let first = Infinity;
  return {
    /** Another history of the log begins. */
    clear() {
      positions.clear();
      first = Infinity;
    },
    record(entries: readonly LogEntry[]) {
      for (const entry of entries) {
        if (entry.type !== UNREADABLE_EVENT_TYPE || positions.has(entry.position)) continue;
        positions.add(entry.position);
        first = Math.min(first, entry.position);
        logger.error(
          { position: entry.position, data: entry.data },
          'a log entry cannot be read; reports sets it aside',
        );
      }
    },
    describe() {
      const { size } = positions;
      if (size === 0) return undefined;
      return `${size} log ${size === 1 ? 'entry' : 'entries'} cannot be read, first at position ${first}`;
    },
  };
}

/** Wakes one waiting loop. A call of `notify` while the loop is busy is remembered, so no wake-up is lost. */
export interface WakeUpSignal {
  notify(): void;
  /** Resolves at the next `notify`, at once if one is remembered, or when `signal` aborts. */
  wait(signal: AbortSignal): Promise<void>;
}

/** Creates a notifier for one waiting loop. */
export function createWakeUpSignal(): WakeUpSignal {
  let isNotified = false;
  let wake: (() => void) | undefined;
  return {
    notify() {
      isNotified = true;
      wake?.();
    },
    async wait(signal) {
      if (!isNotified && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const stopWaiting = () => {
            signal.removeEventListener('abort', stopWaiting);
            wake = undefined;
            resolve();
          };
          wake = stopWaiting;
          signal.addEventListener('abort', stopWaiting);
        });
      }
      isNotified = false;
    },
  };
}
