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

/** Readings of a command that may be recorded. */
export interface AdmittedReadings {
  readonly kind: 'admitted';
  /** To be called when the readings are stored, or have failed to be. */
  readonly release: () => void;
}

/** Judges the readings of a command before any of them is stored, so that a rejected command changes nothing. */
export interface ReadingQuotas {
  /**
   * Takes the readings of a command from the user's allowance per minute. To be called before the readings are checked, so
   * that refused readings count too.
   * @returns a rejection if they exceed it
   */
  chargeReadings(caller: Actor, userId: string, count: number): Rejection | undefined;
  admit(
    caller: Actor,
    userId: string,
    byOpening: ReadonlyMap<string, readonly SensorReading[]>,
  ): AdmittedReadings | Rejection;
  /** The openings that commands in progress are about to add to those of a user. */
  getReservedOpenings(userId: string): number;
}

/** What the quotas need to know of the stored openings. */
export interface OpeningCounts {
  countOfUser(userId: string): number;
  has(userId: string, name: string): boolean;
  /** The rules that hold at some time after an instant, also if they are deleted now. */
  countRules(userId: string, name: string, from: number): number;
}

/** @param now the server's instant */
export function createReadingQuotas(
  quotas: Quotas,
  openings: OpeningCounts,
  now: () => string,
): ReadingQuotas {
  const rateLimit = createReadingRateLimit(quotas.readingsPerMinute);
  /** By user: the names of openings that commands in progress add, and the number of those commands. */
  const reservations = new Map<string, Map<string, number>>();

  /** A command stores its openings in several transactions. Those that it has stored already are not counted twice. */
  const getReservedOpenings = (userId: string) =>
    [...(reservations.get(userId)?.keys() ?? [])].filter((name) => !openings.has(userId, name)).length;

  const reserve = (userId: string, names: readonly string[]): AdmittedReadings => {
    if (names.length === 0) return { kind: 'admitted', release: () => undefined };
    const reserved = reservations.get(userId) ?? new Map<string, number>();
    reservations.set(userId, reserved);
    for (const name of names) reserved.set(name, (reserved.get(name) ?? 0) + 1);
    return {
      kind: 'admitted',
      release() {
        for (const name of names) {
          const left = (reserved.get(name) ?? 0) - 1;
          if (left > 0) reserved.set(name, left);
          else reserved.delete(name);
        }
        if (reserved.size === 0) reservations.delete(userId);
      },
    };
  };

  /** @returns undefined if the readings can raise no more alarms than a command may */
  const checkAlarms = (
    userId: string,
    byOpening: ReadonlyMap<string, readonly SensorReading[]>,
  ): Rejection | undefined => {
    const limit = quotas.alarmsPerCommand;
    // A few readings stay within the quota, whatever rules customers may have. The rules need not be counted.
    const possibleRules = MAX_RULES_IN_FORCE_FACTOR * quotas.rulesPerOpening;
    if (estimateMaxAlarms(countReadings(byOpening), possibleRules) <= limit) return undefined;
    let alarms = 0;
    let maxRules = 0;
    for (const [name, readings] of byOpening) {
      const rules = openings.countRules(userId, name, Math.min(...readings.map(({ at }) => at)));
      alarms += estimateMaxAlarms(readings.length, rules);
      maxRules = Math.max(maxRules, rules);
    }
    if (alarms <= limit) return undefined;
    const acceptable = Math.floor(limit / estimateMaxAlarms(1, maxRules));
    const message = `These readings can raise ${alarms} alarms, and a command at most ${limit}. Send at most ${acceptable} of them in a command.`;
    return rejectQuota(['readings'], limit, message, { acceptable });
  };

  return {
    getReservedOpenings,

    chargeReadings(caller, userId, count) {
      if (!isBoundByQuotas(caller)) return undefined;
      const retryAfterMs = rateLimit.take(userId, count, Date.parse(now()));
      if (retryAfterMs === 0) return undefined;
      const retryAfter = Math.ceil(retryAfterMs / 1_000);
      const message = `A user may send ${quotas.readingsPerMinute} readings per minute. Send these again in ${retryAfter} s.`;
      return rejectQuota(['readings'], quotas.readingsPerMinute, message, { retryAfter });
    },

    admit(caller, userId, byOpening) {
      if (!isBoundByQuotas(caller)) return { kind: 'admitted', release: () => undefined };
      const added = [...byOpening.keys()].filter((name) => !openings.has(userId, name));
      if (added.length > 0) {
        const reserved = reservations.get(userId);
        const count = added.filter((name) => !reserved?.has(name)).length;
        if (openings.countOfUser(userId) + getReservedOpenings(userId) + count > quotas.openingsPerUser)
          return rejectOpeningQuota(['readings'], quotas.openingsPerUser);
      }
      return checkAlarms(userId, byOpening) ?? reserve(userId, added);
    },
  };
}
