import { eq, isNotNull, isNull } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import { buildScopeValueSql, createSqliteListRepository } from '../connections/sqlite-list-repository.js';
import type { ReportsDrizzle } from '../db/reports-database.js';
import { devices, projectedDeviceColumns } from '../db/schema.js';
import type { ProjectedDevice } from '../domain/read-model.js';
import type { DeviceListRepository } from './device-queries.js';

const listed = alias(devices, 'listed');

/** Creates the {@link DeviceListRepository} over the `devices` table. */
export const createSqliteDeviceListRepository = (db: ReportsDrizzle): DeviceListRepository =>
  createSqliteListRepository(db, {
    table: devices,
    listed,
    columns: projectedDeviceColumns,
    sortColumns: ['createdPosition'],
    buildConditions: (scopeColumns, { isRevoked }) => [
      isRevoked ? isNotNull(listed.revokedAt) : isNull(listed.revokedAt),
      ...scopeColumns.map((column) => eq(listed[column], buildScopeValueSql(column))),
    ],
    toItem: ({ state, createdPosition }: ProjectedDevice) => ({ node: state, sortKey: [createdPosition] }),
  });
