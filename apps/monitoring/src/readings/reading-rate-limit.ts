import { MAX_READINGS_PER_COMMAND } from '@seguridad-abc/contracts';
import { LRUCache } from 'lru-cache';

/**
 * Users whose rates are stored; each takes up to 500 bytes. The user who has sent nothing for the longest time is forgotten. To
 * be forgotten while active, a user needs this number of other users who send readings in the same minute.
 */
const MAX_STORED_USERS = 50_000;
const MINUTE_MS = 60_000;

interface TokenBucket {
  tokens: number;
  /** When `tokens` was computed, in milliseconds since 1970. */
  at: number;
}

/**
 * Limits the readings of each user with a token bucket (https://en.wikipedia.org/wiki/Token_bucket). The buckets are in
 * memory: one process writes a database, and a restart only gives each user one more burst.
 */
export interface ReadingRateLimit {
  /**
   * Takes readings from the user's allowance, all or none.
   * @returns 0 if they were taken; otherwise the milliseconds after which to try again
   */
  take(userId: string, count: number, nowMs: number): number;
}

/** @param perMinute the allowance that returns each minute; the burst is at least one full command */
export function createReadingRateLimit(
  perMinute: number,
  maxStoredUsers = MAX_STORED_USERS,
): ReadingRateLimit {
  const burst = Math.max(perMinute, MAX_READINGS_PER_COMMAND);
  const buckets = new LRUCache<string, TokenBucket>({ max: maxStoredUsers });

  const refill = ({ tokens, at }: TokenBucket, nowMs: number): number =>
    // A clock that was set back takes nothing away.
    Math.min(burst, tokens + (Math.max(0, nowMs - at) * perMinute) / MINUTE_MS);

  return {
    take(userId, count, nowMs) {
      const stored = buckets.get(userId);
      const tokens = stored ? refill(stored, nowMs) : burst;
      const missing = count - tokens;
      buckets.set(userId, { tokens: missing > 0 ? tokens : tokens - count, at: nowMs });
      return missing > 0 ? Math.ceil((missing * MINUTE_MS) / perMinute) : 0;
    },
  };
}
