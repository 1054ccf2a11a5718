import { sql } from 'drizzle-orm';
import { runSql } from '../db/prepared-statement.js';
import { usesPostgres, type TestStorage } from './test-storage.js';

/**
 * Makes the database refuse a reading of an id.
 * @returns a function that lets it store the reading again
 */
export async function refuseReading(
  { db }: Pick<TestStorage, 'db'>,
  id: string,
): Promise<() => Promise<void>> {
  const run = async (statement: string) => {
    await runSql(db, sql.raw(statement));
  };
  if (usesPostgres) {
    await run(`alter table readings add constraint refuse check (id <> '${id}')`);
    return () => run('alter table readings drop constraint refuse');
  }
  await run(`create temp trigger refuse before insert on readings when new.id = '${id}'
    begin select raise(abort, 'refused by the test'); end`);
  return () => run('drop trigger refuse');
}
