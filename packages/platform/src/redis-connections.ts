import { setTimeout as delay } from 'node:timers/promises';
import { createRedisNames, type RedisNames } from '@seguridad-abc/contracts';
import { RedisPubSub } from 'graphql-redis-subscriptions';
import { Redis, type RedisOptions } from 'ioredis';
import type { z } from 'zod';
import { getErrorMessage } from './errors.js';
import type { Logger } from './logger.js';
import { createRedisClientOptions, describeRedisError } from './redis-client-options.js';
import { findRedisFault } from './redis-fault.js';
import type { RedisSettings } from './redis-settings.js';

const MIN_RETRY_DELAY_MS = 50;
const MAX_RETRY_DELAY_MS = 1_000;
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Creates a Redis connection that reconnects until it succeeds. The delay between attempts grows from 50 ms to 1 s. All connections
 * of services are created here. With Sentinels, each attempt asks them for the master.
 *
 * While Redis is away, commands fail at once unless `enableOfflineQueue` is set: live messages must not arrive late,
 * and durable data is in SQLite. Commands in flight when the connection is lost are sent again; ioredis would
 * otherwise never settle them. A command that a replica refuses fails, and the connection is replaced: its server was the master
 * before a failover.
 * @param role purpose of the connection, for the log
 * @param options override the defaults above
 */
export function createRedisClient(
  settings: RedisSettings,
  role: string,
  logger: Logger,
  options: RedisOptions = {},
): Redis {
  const retryStrategy = (attempt: number) =>
    Math.min(MIN_RETRY_DELAY_MS * 2 ** Math.min(attempt, 10), MAX_RETRY_DELAY_MS);
  const { url, options: settingOptions } = createRedisClientOptions(settings);
  const redis = new Redis(url, {
    maxRetriesPerRequest: null,
    enableOfflineQueue: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy,
    sentinelRetryStrategy: retryStrategy,
    ...settingOptions,
    ...options,
  });
  // One log line when the connection is lost and one when it is restored, none per attempt.
  let isAway = false;
  let lastError: unknown;
  const logUnreachable = (error: string) =>
    logger.warn(
      { role, error },
      'Redis is unreachable; retrying until it answers. Check the Redis server and the REDIS_ settings',
    );
  redis.on('error', (error) => {
    lastError = error;
    if (isAway) return;
    isAway = true;
    if (!settings.REDIS_SENTINELS) {
      logUnreachable(describeRedisError(error));
      return;
    }
    // ioredis does not say why a Sentinel could not be asked.
    void findRedisFault(settings, CONNECT_TIMEOUT_MS).then((fault) =>
      logUnreachable(fault ?? describeRedisError(error)),
    );
  });
  // Not `close`: that event also occurs when this process closes the connection.
  redis.on('reconnecting', () => {
    if (isAway) return;
    isAway = true;
    const error = describeRedisError(lastError ?? 'connection closed');
    logger.warn({ role, error }, 'Redis connection lost');
  });
  redis.on('ready', () => {
    logger[isAway ? 'info' : 'debug']({ role }, 'Redis connected');
    isAway = false;
  });
  redis.on('end', () => (isAway = true));
  return redis;
}

/** Resolves when the connection accepts commands, or when `signal` aborts. */
export async function waitUntilRedisReady(redis: Redis, signal: AbortSignal): Promise<void> {
  if (redis.status === 'ready' || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const stopWaiting = () => {
      redis.off('ready', stopWaiting);
      signal.removeEventListener('abort', stopWaiting);
      resolve();
    };
    redis.on('ready', stopWaiting);
    signal.addEventListener('abort', stopWaiting);
  });
}

/**
 * Resolves when the connection accepts commands, when an attempt to connect has failed, after `timeoutMs`, or when `signal`
 * aborts. For work that is possible without Redis, but better with it.
 */
export async function waitForRedisConnectionAttempt(
  redis: Redis,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  if (redis.status === 'ready' || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const stopWaiting = () => {
      clearTimeout(timer);
      redis.off('ready', stopWaiting);
      redis.off('close', stopWaiting);
      signal.removeEventListener('abort', stopWaiting);
      resolve();
    };
    const timer = setTimeout(stopWaiting, timeoutMs);
    redis.on('ready', stopWaiting);
    redis.on('close', stopWaiting);
    signal.addEventListener('abort', stopWaiting);
  });
}

/** Options of a connection whose commands go through {@link awaitRedisReply}: lost commands are not sent again. */
export const NO_RESEND_REDIS_OPTIONS: RedisOptions = { autoResendUnfulfilledCommands: false };

/** Redis did not reply in time, or the connection was lost. The caller retries. */
export class RedisReplyError extends Error {
  override name = 'RedisReplyError';
}

/**
 * Waits for a command's reply, at most `timeoutMs` milliseconds.
 *
 * ioredis can leave a command unsettled when its connection is lost, and a connection to a machine that is gone stays
 * open. After the timeout this function therefore reconnects. Use it with {@link NO_RESEND_REDIS_OPTIONS}: the caller
 * retries.
 * @throws RedisReplyError if the connection is lost or no reply arrives in time
 * @throws the command's error
 */
export function awaitRedisReply<T>(redis: Redis, command: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => void) => {
      clearTimeout(timer);
      redis.off('close', onClose);
      outcome();
    };
    const fail = (error: unknown) =>
      settle(() => reject(error instanceof Error ? error : new Error(String(error))));
    const onClose = () => fail(new RedisReplyError('the connection to Redis was lost'));
    const timer = setTimeout(() => {
      redis.disconnect(true);
      fail(new RedisReplyError(`Redis did not reply within ${timeoutMs} ms`));
    }, timeoutMs);
    redis.on('close', onClose);
    command.then((value) => settle(() => resolve(value)), fail);
  });
}

/** How often a connection is tested with PING. */
const KEEP_ALIVE_INTERVAL_MS = 2_000;
/** The other end of a connection that is closed has this long to confirm it. */
const CLOSE_TIMEOUT_MS = 500;
/** A connection with this many PINGs without an answer is replaced. */
const MAX_UNANSWERED_PINGS = 2;

/**
 * Replaces a connection on which Redis does not answer although TCP reports it as open: its other end may be gone, or a proxy may
 * forward nothing. Without this, a process would seem dead until the system gives the connection up, after a quarter of an hour.
 *
 * PINGs are counted, not time: after a pause of this process, the answers are in the buffer of the connection.
 * @returns a function that ends the tests
 */
function keepConnectionAlive(redis: Redis, role: string, logger: Logger, intervalMs: number): () => void {
  let unanswered = 0;
  let isClosing = false;
  const test = () => {
    if (redis.status !== 'ready' || isClosing) return;
    if (unanswered >= MAX_UNANSWERED_PINGS) {
      logger.warn({ role }, 'Redis does not answer on a connection; connecting again');
      isClosing = true;
      redis.disconnect(true);
      return;
    }
    unanswered += 1;
    // The command may time out: only an answer counts.
    redis.ping().then(
      () => (unanswered = 0),
      () => undefined,
    );
  };
  redis.on('close', () => {
    unanswered = 0;
    isClosing = false;
  });
  const timer = setInterval(test, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * Replaces both connections when their server has become a replica. After a failover, what is published on the former master reaches
 * nobody who is connected to the new one, and a PUBLISH to a replica does not fail.
 * @returns a function that ends the watch
 */
function watchServerRole({
  publisher,
  subscriber,
  logger,
  intervalMs,
}: {
  readonly publisher: Redis;
  readonly subscriber: Redis;
  readonly logger: Logger;
  readonly intervalMs: number;
}): () => void {
  let isReplicaLogged = false;
  const test = async () => {
    if (publisher.status !== 'ready') return;
    const [role] = await publisher.role();
    const isReplica = role !== 'master';
    if (isReplica) {
      if (!isReplicaLogged) logger.warn('the Redis server has become a replica; connecting again');
      publisher.disconnect(true);
      subscriber.disconnect(true);
    }
    isReplicaLogged = isReplica;
  };
  // An ACL user may lack the command. Then only Sentinels announce a failover.
  const timer = setInterval(() => void test().catch(() => undefined), intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** A message that waits longer than this for Redis is dropped: it is no longer live. */
const PUBLISH_TIMEOUT_MS = 1_000;
/** Delay before another attempt to subscribe to a channel. */
const SUBSCRIBE_RETRY_DELAY_MS = 100;

/**
 * Live messages over Redis pub/sub, delivered at most once to the current listeners. Each process has one Redis
 * subscription per channel, whatever the number of its listeners.
 */
export interface RedisPubSubClient {
  /** Never throws. A message that cannot be sent now is dropped and logged at level debug. */
  publish(channel: string, message: unknown): Promise<void>;
  /**
   * Resolves when Redis has confirmed the subscription, so no later message is missed. Waits while Redis is away.
   * Messages that do not match `schema` are logged and dropped.
   * @returns a function that ends this listener's subscription
   */
  subscribe<T>(channel: string, schema: z.ZodType<T>, listener: (message: T) => void): Promise<() => void>;
  /** The connection that sends messages. Callers read its status and events. */
  readonly publisher: Redis;
  /** The connection that receives messages. A `PING` on it is answered after all messages sent before. */
  readonly subscriber: Redis;
  /** The names of this installation in Redis. */
  readonly names: RedisNames;
  /** The channels that have a listener in this process. */
  readonly channels: readonly string[];
  /** Number of messages that `publish` has dropped. */
  readonly droppedMessageCount: number;
  close(): void;
}

/**
 * Opens two Redis connections, one that sends and one that receives. Both reconnect by themselves, also if Redis does not answer on
 * an open connection.
 * @param keepAliveIntervalMs how often a connection is tested
 */
export function createRedisPubSubClient(
  settings: RedisSettings,
  logger: Logger,
  keepAliveIntervalMs = KEEP_ALIVE_INTERVAL_MS,
): RedisPubSubClient {
  const publisher = createRedisClient(settings, 'publisher', logger, {
    commandTimeout: PUBLISH_TIMEOUT_MS,
    autoResendUnfulfilledCommands: false,
    disconnectTimeout: CLOSE_TIMEOUT_MS,
  });
  const subscriber = createRedisClient(settings, 'subscriber', logger, {
    enableOfflineQueue: true,
    disconnectTimeout: CLOSE_TIMEOUT_MS,
  });
  ignoreUnhandledErrors(subscriber);
  const pubsub = new RedisPubSub({ publisher, subscriber });
  const stopTests = [
    watchServerRole({ publisher, subscriber, logger, intervalMs: keepAliveIntervalMs }),
    keepConnectionAlive(publisher, 'publisher', logger, keepAliveIntervalMs),
    keepConnectionAlive(subscriber, 'subscriber', logger, keepAliveIntervalMs),
  ];
  const closed = new AbortController();
  const listenerCounts = new Map<string, number>();
  let droppedMessageCount = 0;
  const changeListenerCount = (channel: string, difference: 1 | -1) => {
    const count = (listenerCounts.get(channel) ?? 0) + difference;
    if (count === 0) listenerCounts.delete(channel);
    else listenerCounts.set(channel, count);
  };

  return {
    publisher,
    subscriber,
    names: createRedisNames(settings.REDIS_PREFIX),
    get channels() {
      return [...listenerCounts.keys()];
    },
    get droppedMessageCount() {
      return droppedMessageCount;
    },
    async publish(channel, message) {
      try {
        await pubsub.publish(channel, message);
      } catch (error) {
        droppedMessageCount += 1;
        logger.debug({ channel, error: getErrorMessage(error) }, 'a live message was dropped');
      }
    },
    async subscribe(channel, schema, listener) {
      changeListenerCount(channel, 1);
      let id: number;
      try {
        // ioredis sends SUBSCRIBE while it is still connecting. Its own INFO command then fails on the subscribed
        // connection, and ioredis drops that connection together with a subscription that Redis has confirmed.
        await waitUntilRedisReady(subscriber, closed.signal);
        closed.signal.throwIfAborted();
        const subscribed = pubsub.subscribe(channel, (raw: unknown) => {
          const message = schema.safeParse(raw);
          if (message.success) listener(message.data);
          else
            logger.warn(
              { channel, issues: message.error.issues },
              'a message that does not match the schema of its channel was dropped',
            );
        });
        ignorePendingError(pubsub, channel);
        id = await subscribed;
      } catch (error) {
        changeListenerCount(channel, -1);
        throw error;
      }
      let isEnded = false;
      return () => {
        if (isEnded) return;
        isEnded = true;
        changeListenerCount(channel, -1);
        pubsub.unsubscribe(id);
      };
    },
    close() {
      closed.abort(new Error('pub/sub is closed'));
      for (const stop of stopTests) stop();
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}

/**
 * RedisPubSub ignores the promises of these commands, and ioredis that of the SUBSCRIBE after a reconnect. A rejection by
 * `close` would end the process. A caller that passes a callback still receives the error.
 */
function ignoreUnhandledErrors(redis: Redis): void {
  for (const command of ['subscribe', 'unsubscribe', 'punsubscribe'] as const) {
    const send = redis[command].bind(redis) as (...args: unknown[]) => Promise<unknown>;
    Object.assign(redis, {
      [command]: (...args: unknown[]) => send(...args).catch(() => undefined),
    });
  }
}

/** RedisPubSub also keeps a promise for further listeners of a channel. Without one, nobody handles its rejection. */
function ignorePendingError(pubsub: RedisPubSub, channel: string): void {
  const { subsPendingRefsMap } = pubsub as unknown as {
    subsPendingRefsMap?: ReadonlyMap<string, { readonly pending: PromiseLike<unknown> }>;
  };
  void subsPendingRefsMap?.get(channel)?.pending.then(undefined, () => undefined);
}

export interface ChannelSubscriptionOptions<Message> {
  readonly pubsub: Pick<RedisPubSubClient, 'subscribe'>;
  readonly channel: string;
  readonly schema: z.ZodType<Message>;
  readonly listener: (message: Message) => void;
  readonly logger: Logger;
  /** Ends the subscription. The channel is freed with its last listener. */
  readonly signal: AbortSignal;
}

/**
 * Subscribes a listener to a channel until `signal` aborts, and retries every 100 ms while Redis refuses.
 * Resolves when Redis has confirmed the subscription. Never throws.
 */
export async function subscribeToChannel<Message>(
  options: ChannelSubscriptionOptions<Message>,
): Promise<void> {
  const { pubsub, channel, schema, listener, logger, signal } = options;
  const isAborted = () => signal.aborted;
  while (!isAborted()) {
    try {
      const unsubscribe = await pubsub.subscribe(channel, schema, (message) => {
        if (!isAborted()) listener(message);
      });
      if (isAborted()) unsubscribe();
      else signal.addEventListener('abort', unsubscribe, { once: true });
      return;
    } catch (error) {
      logger.debug({ channel, error: getErrorMessage(error) }, 'a channel subscription failed; retrying');
      await delay(SUBSCRIBE_RETRY_DELAY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
