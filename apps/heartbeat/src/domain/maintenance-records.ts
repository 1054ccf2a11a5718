import { formatInstant, type MaintenanceRecord } from '@seguridad-abc/contracts';
import type { MaintenancePeriod } from './maintenance.js';

/** A record of ended maintenance is kept for this long after its end. By then, every monitor has heard of the end. */
const KEEP_ENDED_MS = 30 * 24 * 60 * 60 * 1_000;

/** The last command about each service, by its name. */
export type MaintenanceRecords = ReadonlyMap<string, MaintenanceRecord>;

/** The result of {@link mergeMaintenanceRecords}. */
export interface MergedMaintenance {
  readonly records: MaintenanceRecords;
  /** Records that are new, or replace others. */
  readonly changed: readonly MaintenanceRecord[];
}

/**
 * Merges records of other monitors: of two about a service, the one with the higher revision counts. Two monitors may have received
 * commands with the same revision; both then choose the same one, by its text. The order of merges does not matter.
 */
export function mergeMaintenanceRecords(
  known: MaintenanceRecords,
  received: readonly MaintenanceRecord[],
): MergedMaintenance {
  const records = new Map(known);
  const changed = new Map<string, MaintenanceRecord>();
  for (const record of received) {
    const current = records.get(record.service);
    if (current && !isLaterRecord(record, current)) continue;
    records.set(record.service, record);
    changed.set(record.service, record);
  }
  return { records, changed: [...changed.values()] };
}

/** Finds the records that another monitor lacks, or knows in an older revision. */
export const findUnknownRecords = (
  known: MaintenanceRecords,
  others: readonly MaintenanceRecord[],
): readonly MaintenanceRecord[] => {
  const theirs = new Map(others.map((record) => [record.service, record]));
  return [...known.values()].filter((record) => {
    const current = theirs.get(record.service);
    return !current || isLaterRecord(record, current);
  });
};

function isLaterRecord(a: MaintenanceRecord, b: MaintenanceRecord): boolean {
  if (a.revision !== b.revision) return a.revision > b.revision;
  return toComparableText(a) > toComparableText(b);
}

/**
 * Whether a record need not be kept or sent: its maintenance ended 30 days ago. Monitors decide this by their own clocks: a monitor
 * also ignores such a record if another one, whose clock is behind, still sends it.
 */
export function isObsoleteRecord({ isEnded, since, until }: MaintenanceRecord, wallMs: number): boolean {
  // Earlier software has not stored when an operator ended it.
  const endedAt = until ?? (isEnded ? since : undefined);
  return endedAt !== undefined && Date.parse(endedAt) + KEEP_ENDED_MS <= wallMs;
}

const toComparableText = ({ isEnded, since, until, reason }: MaintenanceRecord): string =>
  JSON.stringify([isEnded, since, until, reason]);

/** @returns undefined if an operator has ended it */
export const toMaintenancePeriod = ({
  service,
  reason,
  since,
  until,
  isEnded,
}: MaintenanceRecord): MaintenancePeriod | undefined =>
  isEnded
    ? undefined
    : {
        service,
        reason,
        since: Date.parse(since),
        until: until === null ? undefined : Date.parse(until),
      };

/**
 * Creates the record of a command that starts maintenance, or replaces its reason and end.
 * @param wallMs the time of the command
 */
export const createStartRecord = (
  { service, reason, since, until }: MaintenancePeriod,
  known: MaintenanceRecords,
  wallMs: number,
): MaintenanceRecord => ({
  service,
  revision: getNextRevision(known, service, wallMs),
  reason,
  since: formatInstant(since),
  until: until === undefined ? null : formatInstant(until),
  isEnded: false,
});

/**
 * Creates the record of a command that ends maintenance.
 * @param wallMs the time of the command
 */
export const createEndRecord = (
  period: MaintenancePeriod,
  known: MaintenanceRecords,
  wallMs: number,
): MaintenanceRecord => ({
  ...createStartRecord({ ...period, until: wallMs }, known, wallMs),
  // Reports contain all records: those of ended maintenance are short.
  reason: '',
  isEnded: true,
});

/**
 * At least the seconds since 1970: obsolete records are forgotten, but another monitor or the database may still have one. Without a known
 * record, a revision that counts from 1 would be below it.
 */
const getNextRevision = (known: MaintenanceRecords, service: string, wallMs: number): number =>
  Math.max((known.get(service)?.revision ?? 0) + 1, Math.floor(wallMs / 1_000));
