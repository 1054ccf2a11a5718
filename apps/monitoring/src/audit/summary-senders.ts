import type { AuditBatch } from '@seguridad-abc/contracts';
import { lt, sql } from 'drizzle-orm';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { getTables } from '../db/schema.js';

/** The processes that send summaries; to be used inside a transaction. */
export interface SummarySenders {
  /** Notes a batch. @returns false if it is stored already, by any instance: then nothing may be appended */
  noteBatch(batch: AuditBatch, at: string): Promise<boolean>;
  /** Forgets processes that have sent nothing since an instant. */
  deleteBefore(instant: string): Promise<void>;
}

/** @param db the write connection */
export function createSummarySenders(db: MonitoringDrizzle): SummarySenders {
  const { summarySenders } = getTables(db);
  return {
    async noteBatch({ sender, batch }, at) {
      const noted = await db
        .insert(summarySenders)
        .values({ id: sender, lastBatch: batch, at })
        .onConflictDoUpdate({
          target: summarySenders.id,
          set: { lastBatch: batch, at },
          // A batch that was on its way for long can arrive after later ones.
          setWhere: lt(summarySenders.lastBatch, sql`excluded.last_batch`),
        })
        .returning({ id: summarySenders.id });
      return noted.length > 0;
    },
    async deleteBefore(instant) {
      await db.delete(summarySenders).where(lt(summarySenders.at, instant));
    },
  };
}
