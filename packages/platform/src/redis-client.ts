import { Redis, type RedisOptions } from 'ioredis';
import { errorMessage } from './errors.js';
import type { Logger } from './logger.js';

/** Tries again quickly at first, never more rarely than this. */
const MAX_RETRY_DELAY_MS = 1_000;

/**
 * A connection that restores itself for as long as it takes. Commands sent while Redis is away fail at once, unless
 * `enableOfflineQueue` says otherwise: what is live must not be sent late, and what must not be lost is kept in SQLite.
 * Commands under way when it is lost are sent again, since without that ioredis would never settle them.
 * @param role what the connection is for, in the log
 */
export function createRedis(url: string, role: string, logger: Logger, options: RedisOptions = {}): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: null,
    enableOfflineQueue: false,
    connectTimeout: 5_000,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), MAX_RETRY_DELAY_MS),
    ...options,
  });
  // Told once when it goes and once when it is back, not at each attempt between.
  let away = false;
  let lastError: unknown;
  redis.on('error', (error) => {
    lastError = error;
    if (away) return;
    away = true;
    logger.warn({ role, error: errorMessage(error) }, 'Redis cannot be reached; trying again until it can');
  });
  // Not at `close`, which comes when we close it too.
  redis.on('reconnecting', () => {
    if (away) return;
    away = true;
    logger.warn({ role, error: errorMessage(lastError ?? 'connection closed') }, 'Redis connection lost');
  });
  redis.on('ready', () => {
    logger[away ? 'info' : 'debug']({ role }, 'Redis connected');
    away = false;
  });
  redis.on('end', () => (away = true));
  return redis;
}

/** Resolves when the connection can take commands, or when `abort` is. */
export async function waitUntilRedisReady(redis: Redis, abort: AbortSignal): Promise<void> {
  if (redis.status === 'ready' || abort.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      redis.off('ready', done);
      abort.removeEventListener('abort', done);
      resolve();
    };
    redis.on('ready', done);
    abort.addEventListener('abort', done);
  });
}
