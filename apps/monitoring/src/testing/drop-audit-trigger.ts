import { sql } from 'drizzle-orm';
import { runSql } from '../db/prepared-statement.js';
import { usesPostgres, type TestStorage } from './test-storage.js';

/** Removes a trigger that protects the audit trail, as somebody with access to the database could. */
export async function dropAuditTrigger({ db }: TestStorage, name: string): Promise<void> {
  await runSql(db, sql.raw(`drop trigger ${name}${usesPostgres ? ' on audit_entries' : ''}`));
}
