import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { getErrorMessage, UserFacingError } from '../../shared/errors.js';

const RETRY_INTERVAL_MS = 50;
/** Timeout of one try. A server may accept the connection and never answer. */
const TRY_TIMEOUT_MS = 1_000;
const CONFIGURED_REDIS_TIMEOUT_MS = 5_000;

/**
 * Opens a connection, uses it, and closes it. It does not reconnect.
 * @param timeoutMs for connecting, and for each command
 */
export async function withRedis<Result>(
  url: string,
  timeoutMs: number,
  use: (redis: Redis) => Promise<Result>,
): Promise<Result> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    enableReadyCheck: false,
    retryStrategy: () => null,
  });
  let cause: unknown;
  // `connect` rejects with "Connection is closed."; only the event has the reason.
  redis.on('error', (error: unknown) => (cause ??= error));
  try {
    await redis.connect();
    return await use(redis);
  } catch (error) {
    throw cause ?? error;
  } finally {
    redis.disconnect();
  }
}

/**
 * Waits until a Redis answers PING.
 * @throws the error of the last try. Errors that a retry cannot fix, such as a wrong password, are thrown at once
 */
export async function waitForRedis(
  url: string,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      await withRedis(url, Math.min(TRY_TIMEOUT_MS, timeoutMs), (redis) => redis.ping());
      return;
    } catch (error) {
      if (/NOAUTH|WRONGPASS|NOPERM/.test(getErrorMessage(error)) || performance.now() >= deadline)
        throw error;
      await sleep(RETRY_INTERVAL_MS, undefined, { signal });
    }
  }
}

/**
 * Checks that the Redis of REDIS_URL answers. An invalid URL is not checked: the services report it.
 * @throws UserFacingError if it does not answer in time
 */
export async function checkConfiguredRedis(
  url: string,
  signal: AbortSignal,
  timeoutMs = CONFIGURED_REDIS_TIMEOUT_MS,
): Promise<void> {
  if (!/^(rediss?|unix):\/\/\S+$/.test(url)) return;
  try {
    await waitForRedis(url, { timeoutMs, signal });
  } catch (error) {
    signal.throwIfAborted();
    throw new UserFacingError(
      `The Redis of REDIS_URL, ${maskRedisPassword(url)}, does not answer (${getErrorMessage(error)}): ` +
        'start it, correct REDIS_URL, or unset REDIS_URL to start a local one.',
    );
  }
}

export interface RedisCheck {
  /** Without credentials. */
  readonly url: string;
  /** Why the Redis cannot be used. */
  readonly fault?: string;
}

/** Checks once that a Redis answers. */
export async function checkRedis(url: string, timeoutMs: number): Promise<RedisCheck> {
  const maskedUrl = maskRedisPassword(url);
  try {
    await withRedis(url, timeoutMs, (redis) => redis.ping());
    return { url: maskedUrl };
  } catch (error) {
    return { url: maskedUrl, fault: getErrorMessage(error) };
  }
}

/** Replaces the credentials of a Redis URL, for messages. */
const maskRedisPassword = (url: string) => url.replace(/\/\/.*@/, '//***@');
