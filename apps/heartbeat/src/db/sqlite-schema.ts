import { SQLITE_TABLE_BUILDERS } from '@seguridad-abc/platform';
import { defineTables } from './schema.js';

/** The tables of SQLite by their names, for drizzle-kit. */
export const { transitions, savedHealth, maintenancePeriods } = defineTables(SQLITE_TABLE_BUILDERS);
