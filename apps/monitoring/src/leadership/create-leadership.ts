import { randomUUID } from 'node:crypto';
import type { Logger } from '@seguridad-abc/platform';
import type { PostgresMonitoringDatabase } from '../db/postgres-database.js';
import { createLease } from './lease.js';
import { createLeasedLeadership, type LeasedLeadership } from './leased-leadership.js';

const LEASE_NAME = 'leader';

/** Creates the leadership among the instances that share a database. */
export function createLeadership(
  { db, control }: Pick<PostgresMonitoringDatabase, 'db' | 'control'>,
  logger: Logger,
): LeasedLeadership {
  const holder = randomUUID();
  return createLeasedLeadership({
    lease: createLease(control, LEASE_NAME, holder),
    fence: createLease(db, LEASE_NAME, holder),
    logger,
  });
}
