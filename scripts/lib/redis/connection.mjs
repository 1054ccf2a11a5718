import { Redis } from 'ioredis';

/**
 * Connects once, uses the connection, and closes it.
 *
 * @template T
 * @param {string} url
 * @param {number} timeoutMs of connecting, and of each command
 * @param {(redis: Redis) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withRedis(url, timeoutMs, use) {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    enableReadyCheck: false,
    retryStrategy: () => null,
  });
  /** @type {unknown} */
  let cause;
  // What connecting rejects with only says that it is closed.
  redis.on('error', (error) => (cause ??= error));
  try {
    await redis.connect();
    return await use(redis);
  } catch (error) {
    throw cause ?? error;
  } finally {
    redis.disconnect();
  }
}
