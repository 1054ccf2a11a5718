import { setTimeout as sleep } from 'node:timers/promises';
import {
  describeRedisAddress,
  readRedisSettings,
  withRedisConnection,
  type RedisSettings,
} from '@seguridad-abc/platform/redis';
import type { InstallationSettings } from '../../shared/installation-settings.js';
import { getErrorMessage, UserFacingError } from '../../shared/errors.js';

const RETRY_INTERVAL_MS = 50;
/** Timeout of one try. A server may accept the connection and never answer. */
const TRY_TIMEOUT_MS = 1_000;
const CONFIGURED_REDIS_TIMEOUT_MS = 5_000;

/** Waits until the Redis of a URL answers, as {@link waitUntilRedisAnswers}. */
export const waitForRedis = (url: string, options: RedisWaitOptions): Promise<void> =>
  waitUntilRedisAnswers(readRedisSettings({ REDIS_URL: url }), options);

interface RedisWaitOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Waits until a Redis answers PING.
 * @throws the error of the last try. Errors that a retry cannot fix, such as a wrong password or authority, are thrown at once
 */
async function waitUntilRedisAnswers(
  settings: RedisSettings,
  { timeoutMs, signal }: RedisWaitOptions,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      await withRedisConnection(settings, Math.min(TRY_TIMEOUT_MS, timeoutMs), (redis) => redis.ping());
      return;
    } catch (error) {
      if (/NOAUTH|WRONGPASS|NOPERM|certificate/.test(getErrorMessage(error)) || performance.now() >= deadline)
        throw error;
      await sleep(RETRY_INTERVAL_MS, undefined, { signal });
    }
  }
}

/**
 * Checks that the Redis of the settings answers. Invalid settings are not checked: the services report them.
 * @throws UserFacingError if it does not answer in time
 */
export async function checkConfiguredRedis(
  { redisUrl, redisVariables }: Pick<InstallationSettings, 'redisUrl' | 'redisVariables'>,
  signal: AbortSignal,
  timeoutMs = CONFIGURED_REDIS_TIMEOUT_MS,
): Promise<void> {
  let settings: RedisSettings;
  try {
    settings = readRedisSettings({ ...redisVariables, REDIS_URL: redisUrl });
  } catch {
    return;
  }
  try {
    await waitUntilRedisAnswers(settings, { timeoutMs, signal });
  } catch (error) {
    signal.throwIfAborted();
    const name = settings.REDIS_SENTINELS ? 'REDIS_SENTINELS' : 'REDIS_URL';
    throw new UserFacingError(
      `The Redis of ${name}, ${describeRedisAddress(settings)}, does not answer (${getErrorMessage(error)}): ` +
        `start it, correct ${name}, or unset ${name} to start a local one.`,
    );
  }
}

export interface RedisCheck {
  /** Where it is, without credentials. */
  readonly url: string;
  /** Why the Redis cannot be used. */
  readonly fault?: string;
}

/** Checks once that a Redis answers. */
export async function checkRedis(settings: RedisSettings, timeoutMs: number): Promise<RedisCheck> {
  const url = describeRedisAddress(settings);
  try {
    await withRedisConnection(settings, timeoutMs, (redis) => redis.ping());
    return { url };
  } catch (error) {
    return { url, fault: getErrorMessage(error) };
  }
}
