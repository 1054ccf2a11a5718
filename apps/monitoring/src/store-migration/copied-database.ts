import {
  assertCopyComplete,
  assertNotMigrated,
  createStoreCopyRecords,
  listCopiedTables,
  nameCopiedFile,
} from '@seguridad-abc/platform';
import * as sqliteTables from '../db/sqlite-schema.js';

/** The SQLite file of monitoring, and its name once it was moved to PostgreSQL. */
export const MONITORING_FILE = nameCopiedFile('monitoring');

/** The record of a copy of the monitoring database. */
export const MONITORING_COPY_RECORDS = createStoreCopyRecords('store_migration');

/** Lists all tables of the monitoring database. */
export const listMonitoringTables = () => listCopiedTables(sqliteTables);

/** @throws StartError if `npm run migrate-store` has begun to fill the database, and not finished */
export const assertMonitoringCopied = (db: object): Promise<void> =>
  assertCopyComplete(db, MONITORING_COPY_RECORDS);

/** @throws StartError if the SQLite database of a data folder was moved to PostgreSQL */
export const assertMonitoringNotMoved = (folder: string): void => assertNotMigrated(folder, MONITORING_FILE);
