import type { Actor } from '@seguridad-abc/contracts';
import { reject, type Rejection } from './decision.js';

/**
 * What one user may store, and how much work one command may cause. Operators are not bound, except by `devicesPerUser`: they
 * import and restore data.
 * docs/security.md lists the defaults and the settings.
 */
export interface Quotas {
  /** Rules of one opening that are not deleted. Together with deleted ones that can still raise alarms: twice as many. */
  readonly rulesPerOpening: number;
  /** Rules of one user that are not deleted. */
  readonly rulesPerUser: number;
  readonly openingsPerUser: number;
  /** Calendars of one user that are not deleted. */
  readonly calendarsPerUser: number;
  /** Exceptions of one user that have not ended. */
  readonly exceptionsPerUser: number;
  /** Devices of one user that are not revoked. It binds operators too: only they register devices. */
  readonly devicesPerUser: number;
  /** Readings that one user sends per minute, also duplicates and refused ones. */
  readonly readingsPerMinute: number;
  /** Alarms that the readings of one command can raise at most, whatever the stored intervals are. */
  readonly alarmsPerCommand: number;
  /** How far a reading may be behind the server's clock, in milliseconds. */
  readonly latenessMs: number;
}

/** An opening may have as many deleted rules that can still raise alarms as other rules. */
export const MAX_RULES_IN_FORCE_FACTOR = 2;

export const isBoundByQuotas = ({ role }: Actor): boolean => role !== 'operator';

/**
 * Rejects a command because of a quota.
 * @param path the path of the field that exceeds it, below the argument `input`
 * @param limit the value of the quota
 */
export const rejectQuota = (
  path: readonly string[],
  limit: number,
  message: string,
  details: Rejection['details'] = {},
): Rejection =>
  reject({
    code: 'QUOTA_EXCEEDED',
    faults: [{ path: ['input', ...path], code: 'QUOTA_EXCEEDED', message }],
    details: { limit, ...details },
  });

/** Rejects a command that would register one opening too many. */
export const rejectOpeningQuota = (path: readonly string[], limit: number): Rejection =>
  rejectQuota(path, limit, `A user may have ${limit} openings. Use the name of an existing opening.`);
