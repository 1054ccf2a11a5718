import type { OpeningExceptionState } from '@seguridad-abc/contracts';
import { runAsPromise } from '@seguridad-abc/platform';
import { and, eq, gt, isNull, lt, lte, or, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import { buildScopeValueSql, createSqliteListRepository } from '../connections/sqlite-list-repository.js';
import type { ReportsDrizzle } from '../db/reports-database.js';
import { exceptions, projectedExceptionColumns } from '../db/schema.js';
import type { ProjectedExceptionRepository } from './exception-repository.js';

const listed = alias(exceptions, 'listed');

/** Creates the {@link ProjectedExceptionRepository} over the `exceptions` table. */
export const createSqliteProjectedExceptionRepository = (
  db: ReportsDrizzle,
): ProjectedExceptionRepository => ({
  findByOpening: ({ userId, opening, from, to, limit }) =>
    runAsPromise(() =>
      db
        .select(projectedExceptionColumns)
        .from(exceptions)
        .where(
          and(
            eq(exceptions.userId, userId),
            gt(exceptions.endsAt, from),
            lt(exceptions.from, to),
            or(
              isNull(exceptions.openings),
              sql`${opening} in (select value from json_each(${exceptions.openings}))`,
            ),
          ),
        )
        .limit(limit)
        .all()
        .map(({ state }) => state),
    ),

  ...createSqliteListRepository(db, {
    table: exceptions,
    listed,
    columns: { ...projectedExceptionColumns, endsAt: exceptions.endsAt },
    sortColumns: ['endsAt', 'id'],
    buildConditions: (scopeColumns, { ends, begins }) => [
      ends && (ends.isAfter ? gt : lte)(listed.endsAt, ends.at),
      begins && (begins.isAfter ? gt : lte)(listed.from, begins.at),
      ...scopeColumns.map((column) => eq(listed[column], buildScopeValueSql(column))),
    ],
    toItem: ({ state, endsAt }: { state: OpeningExceptionState; endsAt: string }) => ({
      node: state,
      sortKey: [endsAt, state.id],
    }),
  }),
});
