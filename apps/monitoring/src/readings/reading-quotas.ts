import type { Actor } from '@seguridad-abc/contracts';
import type { SensorReading } from '@seguridad-abc/evaluation';
import type { Rejection } from '../domain/decision.js';
import {
  isBoundByQuotas,
  MAX_RULES_IN_FORCE_FACTOR,
  rejectOpeningQuota,
  rejectQuota,
  type Quotas,
} from '../domain/quotas.js';
import { createReadingRateLimit } from './reading-rate-limit.js';

/** The kinds of alarm that one interval of the signal `OPEN` can raise. */
const ALARMS_PER_READING = 2;

/**
 * The largest number of alarms that readings of a state can raise: each starts or ends one interval. A reading of another signal,
 * or one that only ends a silence, counts as much.
 */
const estimateMaxAlarms = (readings: number, rules: number): number => readings * rules * ALARMS_PER_READING;

/** Counts the readings of a command. */
export function countReadings(byOpening: ReadonlyMap<string, readonly SensorReading[]>): number {
  let total = 0;
  for (const readings of byOpening.values()) total += readings.length;
  return total;
}

/** Judges the readings of a command before any of them is stored, so that a rejected command changes nothing. */
export interface ReadingQuotas {
  /**
   * Takes the readings of a command from the user's allowance per minute. To be called before the readings are checked, so
   * that refused readings count too.
   * @returns a rejection if they exceed it
   */
  chargeReadings(caller: Actor, userId: string, count: number): Rejection | undefined;
  /**
   * Judges the openings of the readings, and the alarms that they can raise. To be called inside the first transaction of the
   * command, which stores all its new openings: no other command adds some meanwhile.
   */
  check(
    caller: Actor,
    userId: string,
    byOpening: ReadonlyMap<string, readonly SensorReading[]>,
  ): Promise<Rejection | undefined>;
}

/** What the quotas need to know of the stored openings. */
export interface OpeningCounts {
  countOfUser(userId: string): Promise<number>;
  /** The number of some names that are those of a user's openings. */
  countNames(userId: string, names: readonly string[]): Promise<number>;
  /** The rules that hold at some time after an instant, also if they are deleted now. */
  countRules(userId: string, name: string, from: number): Promise<number>;
}

/** @param now the server's instant */
export function createReadingQuotas(
  quotas: Quotas,
  openings: OpeningCounts,
  now: () => string,
): ReadingQuotas {
  const rateLimit = createReadingRateLimit(quotas.readingsPerMinute);

  const checkOpenings = async (userId: string, names: readonly string[]): Promise<Rejection | undefined> => {
    const added = names.length - (await openings.countNames(userId, names));
    if (added === 0 || (await openings.countOfUser(userId)) + added <= quotas.openingsPerUser)
      return undefined;
    return rejectOpeningQuota(['readings'], quotas.openingsPerUser);
  };

  /** @returns undefined if the readings can raise no more alarms than a command may */
  const checkAlarms = async (
    userId: string,
    byOpening: ReadonlyMap<string, readonly SensorReading[]>,
  ): Promise<Rejection | undefined> => {
    const limit = quotas.alarmsPerCommand;
    // A few readings stay within the quota, whatever rules customers may have. The rules need not be counted.
    const possibleRules = MAX_RULES_IN_FORCE_FACTOR * quotas.rulesPerOpening;
    if (estimateMaxAlarms(countReadings(byOpening), possibleRules) <= limit) return undefined;
    let alarms = 0;
    let maxRules = 0;
    for (const [name, readings] of byOpening) {
      const rules = await openings.countRules(userId, name, Math.min(...readings.map(({ at }) => at)));
      alarms += estimateMaxAlarms(readings.length, rules);
      maxRules = Math.max(maxRules, rules);
    }
    if (alarms <= limit) return undefined;
    const acceptable = Math.floor(limit / estimateMaxAlarms(1, maxRules));
    const message = `These readings can raise ${alarms} alarms, and a command at most ${limit}. Send at most ${acceptable} of them in a command.`;
    return rejectQuota(['readings'], limit, message, { acceptable });
  };

  return {
    chargeReadings(caller, userId, count) {
      if (!isBoundByQuotas(caller)) return undefined;
      const retryAfterMs = rateLimit.take(userId, count, Date.parse(now()));
      if (retryAfterMs === 0) return undefined;
      const retryAfter = Math.ceil(retryAfterMs / 1_000);
      const message = `A user may send ${quotas.readingsPerMinute} readings per minute. Send these again in ${retryAfter} s.`;
      return rejectQuota(['readings'], quotas.readingsPerMinute, message, { retryAfter });
    },

    async check(caller, userId, byOpening) {
      if (!isBoundByQuotas(caller)) return undefined;
      return (await checkOpenings(userId, [...byOpening.keys()])) ?? (await checkAlarms(userId, byOpening));
    },
  };
}
