import { RedisPubSub } from 'graphql-redis-subscriptions';
import type { Redis } from 'ioredis';
import type { z } from 'zod';
import { errorMessage } from './errors.js';
import type { Logger } from './logger.js';
import { createRedis, waitUntilRedisReady } from './redis-client.js';

/** A message that waits longer than this for Redis is dropped: it is no longer live. */
const PUBLISH_TIMEOUT_MS = 1_000;

/**
 * Live messages over Redis pub/sub: at most once, to whoever listens now. One Redis subscription a channel and
 * process, however many listeners.
 */
export interface PubSub {
  /** Never throws: a message that cannot be sent now is dropped, and said in the log at level debug. */
  publish(channel: string, message: unknown): Promise<void>;
  /**
   * Resolves once Redis has confirmed the subscription, so that no later message is missed; while Redis is away it
   * waits. A message that does not fit the schema is said in the log and dropped.
   * @returns what ends this listener's subscription
   */
  subscribe<T>(channel: string, schema: z.ZodType<T>, listener: (message: T) => void): Promise<() => void>;
  /** The connection that messages leave on, for its state. */
  readonly publisher: Redis;
  /** The connection that messages arrive on, for its state and for a PING that comes after every earlier message. */
  readonly subscriber: Redis;
  /** Channels that Redis is subscribed to now. */
  readonly channels: readonly string[];
  close(): void;
}

export function createPubSub(redisUrl: string, logger: Logger): PubSub {
  const publisher = createRedis(redisUrl, 'publisher', logger, {
    commandTimeout: PUBLISH_TIMEOUT_MS,
    autoResendUnfulfilledCommands: false,
  });
  const subscriber = createRedis(redisUrl, 'subscriber', logger, { enableOfflineQueue: true });
  settleQuietly(subscriber);
  const pubsub = new RedisPubSub({ publisher, subscriber });
  const closed = new AbortController();
  const listeners = new Map<string, number>();
  const count = (channel: string, by: 1 | -1) => {
    const next = (listeners.get(channel) ?? 0) + by;
    if (next === 0) listeners.delete(channel);
    else listeners.set(channel, next);
  };

  return {
    publisher,
    subscriber,
    get channels() {
      return [...listeners.keys()];
    },
    async publish(channel, message) {
      try {
        await pubsub.publish(channel, message);
      } catch (error) {
        logger.debug({ channel, error: errorMessage(error) }, 'a live message was not sent');
      }
    },
    async subscribe(channel, schema, listener) {
      count(channel, 1);
      let id: number;
      try {
        // ioredis would send it while it still connects; its own INFO then fails on a connection that listens, and with
        // that connection it forgets a subscription that it has confirmed.
        await waitUntilRedisReady(subscriber, closed.signal);
        closed.signal.throwIfAborted();
        id = await pubsub.subscribe(channel, (raw: unknown) => {
          const message = schema.safeParse(raw);
          if (message.success) listener(message.data);
          else
            logger.warn({ channel, issues: message.error.issues }, 'a message of another shape was dropped');
        });
      } catch (error) {
        count(channel, -1);
        throw error;
      }
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        count(channel, -1);
        pubsub.unsubscribe(id);
      };
    },
    close() {
      closed.abort(new Error('pub/sub is closed'));
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}

/** RedisPubSub drops the promises of these commands; cut off by `close`, they would end the process. */
function settleQuietly(redis: Redis): void {
  for (const command of ['unsubscribe', 'punsubscribe'] as const) {
    const send = redis[command].bind(redis) as (...channels: string[]) => Promise<unknown>;
    Object.assign(redis, {
      [command]: (...channels: string[]) => send(...channels).catch(() => undefined),
    });
  }
}
