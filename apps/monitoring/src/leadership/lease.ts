import { sql } from 'drizzle-orm';
import { getDialect } from '../db/dialect.js';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { leases } from '../db/postgres-schema.js';
import { queryRows, runSql } from '../db/prepared-statement.js';

/** A right that one of several processes has for a time. Only PostgreSQL has leases; all times are those of its clock. */
export interface Lease {
  /**
   * Takes the lease, if nobody has it or its time is over, or extends it.
   * @returns the fencing token, which is new for each holder; undefined if another process has the lease
   */
  acquire(ttlMs: number): Promise<number | undefined>;
  /**
   * Whether the process still has the lease, although its time may be over. To be called inside a transaction: until its end nobody
   * else takes the lease.
   */
  isHeld(token: number): Promise<boolean>;
  /** Gives the lease back. */
  release(token: number): Promise<void>;
}

/** @param holder identifies the process, not only its machine */
export function createLease(db: MonitoringDrizzle, name: string, holder: string): Lease {
  const nowMs = sql`(extract(epoch from clock_timestamp()) * 1000)::bigint`;
  const isOwn = (token: number) => sql`name = ${name} and holder = ${holder} and token = ${token}`;
  return {
    async acquire(ttlMs) {
      const [row] = await queryRows<{ token: number }>(
        db,
        sql`insert into ${leases} as present (name, holder, token, expires_at)
          values (${name}, ${holder}, 1, ${nowMs} + cast(${ttlMs} as bigint))
          on conflict (name) do update set
            token = present.token + case when present.holder = excluded.holder then 0 else 1 end,
            holder = excluded.holder,
            expires_at = ${nowMs} + cast(${ttlMs} as bigint)
          where present.holder = excluded.holder or present.expires_at < ${nowMs}
          returning token`,
      );
      return row?.token;
    },
    async isHeld(token) {
      const rows = await queryRows(
        db,
        sql`select 1 from ${leases} where ${isOwn(token)} ${getDialect(db).forShare}`,
      );
      return rows.length > 0;
    },
    async release(token) {
      await runSql(db, sql`update ${leases} set expires_at = 0 where ${isOwn(token)}`);
    },
  };
}
