import { deviceStateSchema, pickFields, type DeviceState } from '@seguridad-abc/contracts';
import { and, count, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { devices } from '../db/schema.js';
import {
  createSqliteAggregateRepository,
  type SqliteRepositoryOptions,
} from '../db/sqlite-aggregate-repository.js';
import { evolveDevice } from '../domain/device-decisions.js';
import { rejectQuota } from '../domain/quotas.js';
import type { DeviceRepository } from './device-commands.js';

/** When a device was seen, and how often it repeated a request. Not part of the event log. */
export interface DeviceActivity {
  /** Null: never. */
  readonly lastSeenAt: string | null;
  /** The signed requests that were received more than once. */
  readonly repeatedRequests: number;
}

export type DeviceTableAccess = ReturnType<typeof createDeviceTableAccess>;

/** The table of devices. Every call is synchronous; writes belong inside a transaction. */
export function createDeviceTableAccess(db: MonitoringDrizzle) {
  const byId = db
    .select()
    .from(devices)
    .where(eq(devices.id, sql.placeholder('id')))
    .prepare();
  const ofUser = db
    .select({ count: count() })
    .from(devices)
    .where(and(eq(devices.userId, sql.placeholder('userId')), isNull(devices.revokedAt)))
    .prepare();
  const addActivity = db
    .update(devices)
    .set({
      lastSeenAt: sql`${sql.placeholder('lastSeenAt')}`,
      repeatedRequests: sql`${devices.repeatedRequests} + ${sql.placeholder('repeats')}`,
    })
    .where(eq(devices.id, sql.placeholder('id')))
    .prepare();
  const findRecords = (ids: readonly string[]) =>
    db
      .select()
      .from(devices)
      .where(inArray(devices.id, [...ids]))
      .all();

  return {
    findById: (id: string): DeviceState | undefined => {
      const record = byId.get({ id });
      return record && pickFields(deviceStateSchema, record);
    },
    findByIds: (ids: readonly string[]): DeviceState[] =>
      findRecords(ids).map((record) => pickFields(deviceStateSchema, record)),
    findActivities: (ids: readonly string[]): ReadonlyMap<string, DeviceActivity> =>
      new Map(
        findRecords(ids).map(({ id, lastSeenAt, repeatedRequests }) => [
          id,
          { lastSeenAt, repeatedRequests },
        ]),
      ),
    /** The number of devices of a user that are not revoked. */
    countOfUser: (userId: string): number => ofUser.get({ userId })?.count ?? 0,
    /** Keeps the activity of a stored device. */
    upsert(device: DeviceState): void {
      db.insert(devices).values(device).onConflictDoUpdate({ target: devices.id, set: device }).run();
    },
    addActivity(id: string, lastSeenAt: string, repeats: number): void {
      addActivity.run({ id, lastSeenAt, repeats });
    },
  };
}

/** @param maxPerUser devices of one user that are not revoked; it bounds operators too, since only they register devices */
export const createSqliteDeviceRepository = (
  table: DeviceTableAccess,
  maxPerUser: number,
  options: SqliteRepositoryOptions,
): DeviceRepository =>
  createSqliteAggregateRepository(
    {
      stateSchema: deviceStateSchema,
      find: table.findById,
      findAll: table.findByIds,
      evolve: evolveDevice,
      checkQuotas: ({ userId }, before) =>
        !before && table.countOfUser(userId) >= maxPerUser
          ? rejectQuota(['userId'], maxPerUser, `A user may have ${maxPerUser} devices. Revoke one first.`)
          : undefined,
      save: (device) => table.upsert(device),
    },
    options,
  );
