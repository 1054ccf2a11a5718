import { sql } from 'drizzle-orm';
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
      const expiresAt = sql`${nowMs} + cast(${ttlMs} as bigint)`;
      const tries = [
        // It changes no key, so it does not wait for the transactions of this process that call `isHeld`.
        sql`update ${leases} set expires_at = ${expiresAt} where name = ${name} and holder = ${holder} returning token`,
        sql`insert into ${leases} (name, holder, token, expires_at) values (${name}, ${holder}, 1, ${expiresAt})
          on conflict (name) do nothing returning token`,
        sql`with expired as (select name from ${leases} where name = ${name} and expires_at < ${nowMs} for update)
          update ${leases} as present set token = present.token + 1, holder = ${holder}, expires_at = ${expiresAt}
          from expired where present.name = expired.name and present.expires_at < ${nowMs} returning present.token`,
      ];
      for (const statement of tries) {
        const [row] = await queryRows<{ token: number }>(db, statement);
        if (row) return row.token;
      }
      return undefined;
    },
    async isHeld(token) {
      const rows = await queryRows(db, sql`select 1 from ${leases} where ${isOwn(token)} for key share`);
      return rows.length > 0;
    },
    async release(token) {
      await runSql(db, sql`update ${leases} set expires_at = 0 where ${isOwn(token)}`);
    },
  };
}
