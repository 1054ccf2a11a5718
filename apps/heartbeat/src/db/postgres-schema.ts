import { defineTables, HEARTBEAT_POSTGRES_BUILDERS } from './schema.js';

export { postgresSchema } from './schema.js';

/** The tables of PostgreSQL by their names, for drizzle-kit. */
export const { transitions, savedHealth, maintenancePeriods } = defineTables(HEARTBEAT_POSTGRES_BUILDERS);
