import {
  assertCopyComplete,
  assertNotMigrated,
  createStoreCopyRecords,
  listCopiedTables,
  nameCopiedFile,
} from '@seguridad-abc/platform';
import { HEARTBEAT_DATABASE_NAME } from '../db/heartbeat-database.js';
import { postgresSchema } from '../db/schema.js';
import * as sqliteTables from '../db/sqlite-schema.js';

/** The SQLite file of heartbeat, and its name once it was moved to PostgreSQL. */
export const HISTORY_FILE = nameCopiedFile(HEARTBEAT_DATABASE_NAME);

/** The record of a copy of the health history. */
export const HISTORY_COPY_RECORDS = createStoreCopyRecords(`${postgresSchema.schemaName}.store_migration`);

/** Lists all tables of the health history. */
export const listHistoryTables = () => listCopiedTables(sqliteTables, postgresSchema.schemaName);

/** @throws StartError if `npm run migrate-store` has begun to fill the database, and not finished */
export const assertHistoryCopied = (db: object): Promise<void> =>
  assertCopyComplete(db, HISTORY_COPY_RECORDS);

/** @throws StartError if the SQLite database of a data folder was moved to PostgreSQL */
export const assertHistoryNotMoved = (folder: string): void => assertNotMigrated(folder, HISTORY_FILE);
