import { Redis, type RedisOptions } from 'ioredis';
import { getErrorMessage } from './errors.js';
import { createRedisClientOptions, describeRedisError } from './redis-client-options.js';
import type { RedisSentinelAddress, RedisSettings } from './redis-settings.js';

/**
 * Opens one connection, uses it, and closes it. It does not reconnect.
 * @param timeoutMs for connecting, and for each command
 * @throws the error of the connection, or that of `use`
 */
async function useOnce<Result>(
  server: RedisOptions,
  url: string | undefined,
  timeoutMs: number,
  use: (redis: Redis) => Promise<Result>,
): Promise<Result> {
  const options: RedisOptions = {
    ...server,
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    enableReadyCheck: false,
    retryStrategy: () => null,
    sentinelRetryStrategy: () => null,
    failoverDetector: false,
  };
  const redis = url === undefined ? new Redis(options) : new Redis(url, options);
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

/** Asks one Sentinel for the master. @returns why it cannot say */
async function findSentinelFault(
  settings: RedisSettings,
  { host, port }: RedisSentinelAddress,
  timeoutMs: number,
): Promise<string | undefined> {
  const { tls, sentinelUsername, sentinelPassword } = createRedisClientOptions(settings).options;
  const options: RedisOptions = {
    host,
    port,
    ...(sentinelUsername !== undefined && { username: sentinelUsername }),
    ...(sentinelPassword !== undefined && { password: sentinelPassword }),
    ...(tls && { tls }),
  };
  const address = `${host}:${port}`;
  try {
    const master = await useOnce(options, undefined, timeoutMs, (sentinel) =>
      sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', settings.REDIS_SENTINEL_NAME),
    );
    return master === null
      ? `the Sentinel ${address} knows no master ${settings.REDIS_SENTINEL_NAME}: correct REDIS_SENTINEL_NAME`
      : undefined;
  } catch (error) {
    return `the Sentinel ${address} cannot be asked: ${describeRedisError(error)}`;
  }
}

/**
 * Opens one connection to Redis, through the Sentinels if there are any, uses it, and closes it. It does not reconnect.
 * @param timeoutMs for each connection, and for each command
 * @throws Error that says why Redis cannot be used, without user and password
 */
export async function withRedisConnection<Result>(
  settings: RedisSettings,
  timeoutMs: number,
  use: (redis: Redis) => Promise<Result>,
): Promise<Result> {
  const faults = await Promise.all(
    (settings.REDIS_SENTINELS ?? []).map((sentinel) => findSentinelFault(settings, sentinel, timeoutMs)),
  );
  // One Sentinel that answers is enough.
  if (faults.length > 0 && faults.every((fault) => fault !== undefined)) throw new Error(faults.join('; '));
  const { url, options } = createRedisClientOptions(settings);
  try {
    return await useOnce(options, url, timeoutMs, use);
  } catch (error) {
    throw new Error(describeRedisError(error), { cause: error });
  }
}

/** Connects with Redis once. @returns why it cannot be used; undefined if it can */
export const findRedisFault = (settings: RedisSettings, timeoutMs: number): Promise<string | undefined> =>
  withRedisConnection(settings, timeoutMs, (redis) => redis.ping()).then(
    () => undefined,
    (error: unknown) => getErrorMessage(error),
  );
