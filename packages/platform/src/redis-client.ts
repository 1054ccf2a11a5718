import { Redis, type RedisOptions } from 'ioredis';
import { getErrorMessage } from './errors.js';
import type { Logger } from './logger.js';

const MIN_RETRY_DELAY_MS = 50;
const MAX_RETRY_DELAY_MS = 1_000;
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Creates a Redis connection that reconnects until it succeeds. The delay between attempts grows from 50 ms to 1 s.
 *
 * While Redis is away, commands fail at once unless `enableOfflineQueue` is set: live messages must not arrive late,
 * and durable data is in SQLite. Commands in flight when the connection is lost are sent again; ioredis would
 * otherwise never settle them.
 * @param role purpose of the connection, for the log
 * @param options override the defaults above
 */
export function createRedisClient(
  url: string,
  role: string,
  logger: Logger,
  options: RedisOptions = {},
): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: null,
    enableOfflineQueue: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: (attempt) => Math.min(MIN_RETRY_DELAY_MS * 2 ** Math.min(attempt, 10), MAX_RETRY_DELAY_MS),
    ...options,
  });
  // One log line when the connection is lost and one when it is restored, none per attempt.
  let isAway = false;
  let lastError: unknown;
  redis.on('error', (error) => {
    lastError = error;
    if (isAway) return;
    isAway = true;
    logger.warn(
      { role, error: getErrorMessage(error) },
      'Redis is unreachable; retrying until it answers. Check REDIS_URL and the Redis server',
    );
  });
  // Not `close`: that event also occurs when this process closes the connection.
  redis.on('reconnecting', () => {
    if (isAway) return;
    isAway = true;
    logger.warn({ role, error: getErrorMessage(lastError ?? 'connection closed') }, 'Redis connection lost');
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

/** Options of a connection whose commands go through {@link awaitRedisReply}: lost commands are not sent again. */
export const NO_RESEND_REDIS_OPTIONS: RedisOptions = { autoResendUnfulfilledCommands: false };

/**
 * Waits for a command's reply, at most `timeoutMs` milliseconds.
 *
 * ioredis can leave a command unsettled when its connection is lost, and a connection to a machine that is gone stays
 * open. After the timeout this function therefore reconnects. Use it with {@link NO_RESEND_REDIS_OPTIONS}: the caller
 * retries.
 * @throws Error if the command fails, the connection is lost, or no reply arrives in time
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
    const onClose = () => fail(new Error('the connection to Redis was lost'));
    const timer = setTimeout(() => {
      redis.disconnect(true);
      fail(new Error(`Redis did not reply within ${timeoutMs} ms`));
    }, timeoutMs);
    redis.on('close', onClose);
    command.then((value) => settle(() => resolve(value)), fail);
  });
}
