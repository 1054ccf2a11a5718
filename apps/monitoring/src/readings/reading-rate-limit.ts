import { MAX_READINGS_PER_COMMAND } from '@seguridad-abc/contracts';
import { Allowance, createAllowanceRate } from '@seguridad-abc/platform';
import { LRUCache } from 'lru-cache';

/**
 * Users whose rates are stored; each takes up to 500 bytes. The user who has sent nothing for the longest time is forgotten. To
 * be forgotten while active, a user needs this number of other users who send readings in the same minute.
 */
const MAX_STORED_USERS = 50_000;

/**
 * Limits the readings of each user by an {@link Allowance}. The allowances are in memory: one process writes a database, and a
 * restart only gives each user one more burst.
 */
export interface ReadingRateLimit {
  /**
   * Takes readings from the user's allowance, all or none.
   * @param count at most the readings of one command
   * @param nowMs may be set back
   * @returns 0 if they were taken; otherwise the milliseconds after which to try again
   */
  take(userId: string, count: number, nowMs: number): number;
}

/** @param perMinute the allowance that returns each minute; the burst is at least one full command */
export function createReadingRateLimit(
  perMinute: number,
  maxStoredUsers = MAX_STORED_USERS,
): ReadingRateLimit {
  const rate = createAllowanceRate(perMinute, Math.max(perMinute, MAX_READINGS_PER_COMMAND));
  const allowances = new LRUCache<string, Allowance>({ max: maxStoredUsers });

  return {
    take(userId, count, nowMs) {
      let allowance = allowances.get(userId);
      if (!allowance) allowances.set(userId, (allowance = new Allowance(rate)));
      allowance.limitDebt(nowMs);
      return Math.ceil(allowance.take(count, nowMs));
    },
  };
}
