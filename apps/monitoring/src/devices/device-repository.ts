import { deviceStateSchema, pickFields, type DeviceState } from '@seguridad-abc/contracts';
import { and, count, eq, inArray, isNull, sql } from 'drizzle-orm';
import { getDialect } from '../db/dialect.js';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { prepare } from '../db/prepared-statement.js';
import { getTables } from '../db/schema.js';
import { createAggregateRepository, type RepositoryOptions } from '../db/aggregate-repository.js';
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

/** The table of devices. Writes belong inside a transaction. */
export function createDeviceTableAccess(db: MonitoringDrizzle) {
  const { devices } = getTables(db);
  const byId = prepare(
    db,
    db
      .select()
      .from(devices)
      .where(eq(devices.id, sql.placeholder('id'))),
  );
  const ofUser = prepare(
    db,
    db
      .select({ count: count() })
      .from(devices)
      .where(and(eq(devices.userId, sql.placeholder('userId')), isNull(devices.revokedAt))),
  );
  const lastSeenAt = sql`${sql.placeholder('lastSeenAt')}`;
  const addActivity = prepare(
    db,
    db
      .update(devices)
      .set({
        // Another instance may have written a later one.
        lastSeenAt: getDialect(db).greatest(sql`coalesce(${devices.lastSeenAt}, '')`, lastSeenAt),
        repeatedRequests: sql`${devices.repeatedRequests} + ${sql.placeholder('repeats')}`,
      })
      .where(eq(devices.id, sql.placeholder('id'))),
  );
  const findRecords = async (ids: readonly string[]) =>
    db
      .select()
      .from(devices)
      .where(inArray(devices.id, [...ids]));

  return {
    findById: async (id: string): Promise<DeviceState | undefined> => {
      const record = await byId.get({ id });
      return record && pickFields(deviceStateSchema, record);
    },
    findByIds: async (ids: readonly string[]): Promise<DeviceState[]> =>
      (await findRecords(ids)).map((record) => pickFields(deviceStateSchema, record)),
    async findActivities(ids: readonly string[]): Promise<ReadonlyMap<string, DeviceActivity>> {
      const records = await findRecords(ids);
      return new Map(
        records.map(({ id, lastSeenAt, repeatedRequests }) => [id, { lastSeenAt, repeatedRequests }]),
      );
    },
    /** The number of devices of a user that are not revoked. */
    countOfUser: async (userId: string): Promise<number> => (await ofUser.get({ userId }))?.count ?? 0,
    /** Keeps the activity of a stored device. */
    async upsert(device: DeviceState): Promise<void> {
      await db.insert(devices).values(device).onConflictDoUpdate({ target: devices.id, set: device });
    },
    /** @param lastSeenAt ignored if a later instant is stored */
    addActivity: (id: string, lastSeenAt: string, repeats: number): Promise<void> =>
      addActivity.run({ id, lastSeenAt, repeats }),
  };
}

export interface DeviceRepositoryOptions extends RepositoryOptions {
  readonly table: DeviceTableAccess;
  /** Reads what is committed. */
  readonly reader: Pick<DeviceTableAccess, 'findByIds'>;
  /** Devices of one user that are not revoked. It bounds operators too, since only they register devices. */
  readonly maxPerUser: number;
}

export function createDeviceRepository(options: DeviceRepositoryOptions): DeviceRepository {
  const { table, reader, maxPerUser } = options;
  return createAggregateRepository(
    {
      stateSchema: deviceStateSchema,
      find: table.findById,
      findAll: reader.findByIds,
      evolve: evolveDevice,
      checkQuotas: async ({ userId }, before) =>
        !before && (await table.countOfUser(userId)) >= maxPerUser
          ? rejectQuota(['userId'], maxPerUser, `A user may have ${maxPerUser} devices. Revoke one first.`)
          : undefined,
      save: (device) => table.upsert(device),
    },
    options,
  );
}
