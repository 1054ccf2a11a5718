import type { OpeningState } from '@seguridad-abc/contracts';
import { and, eq, sql } from 'drizzle-orm';
import type { Db } from './open.js';
import { openings } from './schema.js';

export interface OpeningRecord {
  readonly id: number;
  readonly userId: string;
  readonly name: string;
  readonly state: OpeningState | null;
  readonly since: number | null;
}

/** Openings; to be used inside a transaction. */
export function createOpeningRecords(db: Db) {
  const byName = db
    .select()
    .from(openings)
    .where(and(eq(openings.userId, sql.placeholder('userId')), eq(openings.name, sql.placeholder('name'))))
    .prepare();
  const byId = db
    .select()
    .from(openings)
    .where(eq(openings.id, sql.placeholder('id')))
    .prepare();
  const insert = db
    .insert(openings)
    .values({ userId: sql.placeholder('userId'), name: sql.placeholder('name') })
    .returning()
    .prepare();
  const update = db
    .update(openings)
    .set({ state: sql`${sql.placeholder('state')}`, since: sql`${sql.placeholder('since')}` })
    .where(eq(openings.id, sql.placeholder('id')))
    .prepare();

  return {
    /** Registers it where it is new. */
    named: (userId: string, name: string): OpeningRecord =>
      byName.get({ userId, name }) ?? insert.get({ userId, name }),
    byId: (id: number): OpeningRecord | undefined => byId.get({ id }),
    setState(id: number, { state, since }: Pick<OpeningRecord, 'state' | 'since'>): void {
      update.run({ id, state, since });
    },
  };
}
