import { randomUUID } from 'node:crypto';
import type { Logger } from '@seguridad-abc/platform';
import type { MonitoringDatabase } from '../db/monitoring-database.js';
import { isPostgresDatabase } from '../db/postgres-database.js';
import { createLease } from './lease.js';
import { createLeasedLeadership, type LeasedLeadership } from './leased-leadership.js';
import { ONLY_INSTANCE } from './leadership.js';

const LEASE_NAME = 'leader';

/** Creates the leadership among the instances that share a database. SQLite has one instance, which always leads. */
export function createLeadership(database: MonitoringDatabase, logger: Logger): LeasedLeadership {
  if (!isPostgresDatabase(database))
    return { ...ONLY_INSTANCE, start: () => Promise.resolve(), stop: () => Promise.resolve() };
  const holder = randomUUID();
  return createLeasedLeadership({
    lease: createLease(database.control, LEASE_NAME, holder),
    fence: createLease(database.db, LEASE_NAME, holder),
    logger,
  });
}
