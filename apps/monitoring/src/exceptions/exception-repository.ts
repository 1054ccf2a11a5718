import {
  openingExceptionStateSchema,
  pickFields,
  type OpeningExceptionState,
} from '@seguridad-abc/contracts';
import { and, asc, count, eq, getTableColumns, gt, inArray, sql } from 'drizzle-orm';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { openingExceptions } from '../db/schema.js';
import {
  createSqliteAggregateRepository,
  type SqliteRepositoryOptions,
} from '../db/sqlite-aggregate-repository.js';
import type { EventCause, Rejection } from '../domain/decision.js';
import { evolveException } from '../domain/exception-decisions.js';
import { isBoundByQuotas, rejectQuota } from '../domain/quotas.js';
import type { EvaluationRequests } from '../evaluation/evaluation-requests.js';
import type { ExceptionRepository } from './exception-commands.js';

export type ExceptionTable = ReturnType<typeof createExceptionTable>;

/** The table of exceptions. Every call is synchronous; writes belong inside a transaction. */
export function createExceptionTable(db: MonitoringDrizzle) {
  const { id, userId, openings, endsAt } = getTableColumns(openingExceptions);
  const byId = db
    .select()
    .from(openingExceptions)
    .where(eq(id, sql.placeholder('id')))
    .prepare();
  const endsLater = and(eq(userId, sql.placeholder('userId')), gt(endsAt, sql.placeholder('from')));
  const ofOpening = db
    .select()
    .from(openingExceptions)
    .where(
      and(
        endsLater,
        sql`(${openings} is null or exists (select 1 from json_each(${openings}) where value = ${sql.placeholder('opening')}))`,
      ),
    )
    .orderBy(asc(endsAt))
    .prepare();
  const ofUser = db.select({ count: count() }).from(openingExceptions).where(endsLater).prepare();

  return {
    findById: (key: string): OpeningExceptionState | undefined => {
      const found = byId.get({ id: key });
      return found && toState(found);
    },
    findByIds: (ids: readonly string[]): OpeningExceptionState[] =>
      db
        .select()
        .from(openingExceptions)
        .where(inArray(id, [...ids]))
        .all()
        .map(toState),

    /** The exceptions of an opening that end after an instant, also cancelled ones, in the order of their ends. */
    findOfOpening: (user: string, opening: string, from: number): OpeningExceptionState[] =>
      ofOpening.all({ userId: user, opening, from }).map(toState),

    /** The number of exceptions of a user that end after an instant. */
    countSince: (user: string, from: number): number => ofUser.get({ userId: user, from })?.count ?? 0,

    upsert(exception: OpeningExceptionState): void {
      const row = { ...exception, endsAt: Date.parse(exception.cancelledAt ?? exception.until) };
      db.insert(openingExceptions).values(row).onConflictDoUpdate({ target: id, set: row }).run();
    },
  };
}

const toState = (row: typeof openingExceptions.$inferSelect): OpeningExceptionState =>
  pickFields(openingExceptionStateSchema, row);

export interface SqliteExceptionRepositoryOptions extends SqliteRepositoryOptions {
  readonly table: ExceptionTable;
  readonly evaluationRequests: Pick<EvaluationRequests, 'requestOfException'>;
  /** Exceptions of one user that have not ended. */
  readonly maxPerUser: number;
}

export const createSqliteExceptionRepository = (
  options: SqliteExceptionRepositoryOptions,
): ExceptionRepository =>
  createSqliteAggregateRepository(
    {
      stateSchema: openingExceptionStateSchema,
      find: options.table.findById,
      findAll: options.table.findByIds,
      evolve: evolveException,
      checkQuotas: (exception, before, cause) =>
        before ? undefined : checkExceptionQuota(exception, cause, options),
      save(exception, before) {
        options.table.upsert(exception);
        // A new exception begins now or later, and only postpones what is due. The pending alarms find it then.
        if (before) options.evaluationRequests.requestOfException(exception);
      },
    },
    options,
  );

function checkExceptionQuota(
  { userId }: OpeningExceptionState,
  { actor, now }: EventCause,
  { table, maxPerUser }: Pick<SqliteExceptionRepositoryOptions, 'table' | 'maxPerUser'>,
): Rejection | undefined {
  if (!actor || !isBoundByQuotas(actor) || table.countSince(userId, Date.parse(now)) < maxPerUser)
    return undefined;
  const message = `A user may have ${maxPerUser} exceptions that have not ended. Cancel one first.`;
  return rejectQuota(['userId'], maxPerUser, message);
}
