import { sql } from 'drizzle-orm';
import { queryRows, runSql } from './prepared-statement.js';
import type { CopiedRow } from './store-copy-tables.js';

/** What the target of a copy knows about it. */
export interface StoreCopyRecord {
  /** Identifies what is copied. */
  readonly sourceId: string;
  /** The last key that is copied, by table. A table that is copied to its end has null. */
  readonly places: Readonly<Record<string, CopiedRow | null>>;
  readonly completedAt: string | null;
}

/** The record of a copy, in a table that only a database has to which another one was copied. */
export interface StoreCopyRecords {
  /** @returns undefined if nothing was ever copied to this database */
  find(db: object): Promise<StoreCopyRecord | undefined>;
  /** To be called inside a transaction. */
  create(db: object, sourceId: string): Promise<StoreCopyRecord>;
  savePlaces(db: object, places: StoreCopyRecord['places']): Promise<void>;
  complete(db: object, now: string): Promise<void>;
}

/** @param name the table, if it is not in the first schema of the search path with its schema */
export function createStoreCopyRecords(name: string): StoreCopyRecords {
  const table = sql.raw(name);
  return {
    async find(db) {
      const [found] = await queryRows<{ name: string | null }>(
        db,
        sql`select to_regclass(${name})::text as name`,
      );
      if ((found?.name ?? null) === null) return undefined;
      const [row] = await queryRows<{ sourceId: string; places: string; completedAt: string | null }>(
        db,
        sql`select source_id as "sourceId", places, completed_at as "completedAt" from ${table}`,
      );
      return row && { ...row, places: JSON.parse(row.places) as StoreCopyRecord['places'] };
    },
    async create(db, sourceId) {
      await runSql(
        db,
        sql`create table ${table} (source_id text primary key, places text not null, completed_at text)`,
      );
      await runSql(db, sql`insert into ${table} values (${sourceId}, '{}', null)`);
      return { sourceId, places: {}, completedAt: null };
    },
    async savePlaces(db, places) {
      await runSql(db, sql`update ${table} set places = ${JSON.stringify(places)}`);
    },
    async complete(db, now) {
      await runSql(db, sql`update ${table} set completed_at = ${now}`);
    },
  };
}
