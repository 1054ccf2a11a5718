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
import { countReadings, estimateMaxAlarms } from './reading-chunks.js';
import { createReadingRateLimit } from './reading-rate-limit.js';

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
  const reserved = new Map<string, number>();
  const getReservedOpenings = (userId: string) => reserved.get(userId) ?? 0;

  const reserve = (userId: string, count: number): AdmittedReadings => {
    if (count === 0) return { kind: 'admitted', release: () => undefined };
    reserved.set(userId, getReservedOpenings(userId) + count);
    return {
      kind: 'admitted',
      release() {
        const left = getReservedOpenings(userId) - count;
        if (left > 0) reserved.set(userId, left);
        else reserved.delete(userId);
      },
    };
  };

  const countMaxAlarms = (
    userId: string,
    entries: readonly (readonly [name: string, readings: readonly SensorReading[]])[],
  ): number =>
    entries.reduce((sum, [name, readings]) => {
      const rules = openings.countRules(userId, name, Math.min(...readings.map(({ at }) => at)));
      return sum + estimateMaxAlarms(readings.length, rules);
    }, 0);

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
      const entries = [...byOpening];
      const added = entries.filter(([name]) => !openings.has(userId, name)).length;
      if (
        added > 0 &&
        openings.countOfUser(userId) + getReservedOpenings(userId) + added > quotas.openingsPerUser
      )
        return rejectOpeningQuota(['readings'], quotas.openingsPerUser);

      const count = countReadings(byOpening);
      // A few readings stay within the quota, whatever rules customers may have. The rules need not be counted.
      const maxRules = MAX_RULES_IN_FORCE_FACTOR * quotas.rulesPerOpening;
      const alarms =
        estimateMaxAlarms(count, maxRules) <= quotas.alarmsPerCommand ? 0 : countMaxAlarms(userId, entries);
      if (alarms > quotas.alarmsPerCommand) {
        const message = `These readings can raise ${alarms} alarms, and a command at most ${quotas.alarmsPerCommand}. Send them in several commands.`;
        return rejectQuota(['readings'], quotas.alarmsPerCommand, message);
      }
      return reserve(userId, added);
    },
  };
}
