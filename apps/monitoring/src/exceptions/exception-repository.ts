import {
  openingExceptionStateSchema,
  pickFields,
  type OpeningExceptionState,
} from '@seguridad-abc/contracts';
import { and, asc, count, eq, getTableColumns, gt, inArray, isNull, or, sql } from 'drizzle-orm';
import { getDialect } from '../db/dialect.js';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { prepare } from '../db/prepared-statement.js';
import { getTables, type MonitoringTables } from '../db/schema.js';
import { createAggregateRepository, type RepositoryOptions } from '../db/aggregate-repository.js';
import type { EventCause, Rejection } from '../domain/decision.js';
import { evolveException } from '../domain/exception-decisions.js';
import { isBoundByQuotas, rejectQuota } from '../domain/quotas.js';
import type { EvaluationRequests } from '../evaluation/evaluation-requests.js';
import type { ExceptionRepository } from './exception-commands.js';

export type ExceptionTable = ReturnType<typeof createExceptionTable>;

/** The table of exceptions. Writes belong inside a transaction. */
export function createExceptionTable(db: MonitoringDrizzle) {
  const { openingExceptions } = getTables(db);
  const { id, userId, openings, endsAt } = getTableColumns(openingExceptions);
  const byId = prepare(
    db,
    db
      .select()
      .from(openingExceptions)
      .where(eq(id, sql.placeholder('id'))),
  );
  const endsLater = and(eq(userId, sql.placeholder('userId')), gt(endsAt, sql.placeholder('from')));
  const mayNameOpening = getDialect(db).contains(openings, sql`${sql.placeholder('openingText')}`);
  const ofOpening = prepare(
    db,
    db
      .select()
      .from(openingExceptions)
      .where(and(endsLater, or(isNull(openings), mayNameOpening)))
      .orderBy(asc(endsAt)),
  );
  const ofUser = prepare(db, db.select({ count: count() }).from(openingExceptions).where(endsLater));

  return {
    findById: async (key: string): Promise<OpeningExceptionState | undefined> => {
      const found = await byId.get({ id: key });
      return found && toState(found);
    },
    findByIds: async (ids: readonly string[]): Promise<OpeningExceptionState[]> => {
      const found = await db
        .select()
        .from(openingExceptions)
        .where(inArray(id, [...ids]));
      return found.map(toState);
    },

    /** The exceptions of an opening that end after an instant, also cancelled ones, in the order of their ends. */
    findOfOpening: async (user: string, opening: string, from: number): Promise<OpeningExceptionState[]> => {
      const found = await ofOpening.all({ userId: user, openingText: JSON.stringify(opening), from });
      return found.filter((row) => row.openings?.includes(opening) ?? true).map(toState);
    },

    /** The number of exceptions of a user that end after an instant. */
    countSince: async (user: string, from: number): Promise<number> =>
      (await ofUser.get({ userId: user, from }))?.count ?? 0,

    async upsert(exception: OpeningExceptionState): Promise<void> {
      const row = { ...exception, endsAt: Date.parse(exception.cancelledAt ?? exception.until) };
      await db.insert(openingExceptions).values(row).onConflictDoUpdate({ target: id, set: row });
    },
  };
}

const toState = (row: MonitoringTables['openingExceptions']['$inferSelect']): OpeningExceptionState =>
  pickFields(openingExceptionStateSchema, row);

export interface ExceptionRepositoryOptions extends RepositoryOptions {
  readonly table: ExceptionTable;
  /** Reads what is committed. */
  readonly reader: Pick<ExceptionTable, 'findByIds'>;
  readonly evaluationRequests: Pick<EvaluationRequests, 'requestOfException'>;
  /** Exceptions of one user that have not ended. */
  readonly maxPerUser: number;
}

export const createExceptionRepository = (options: ExceptionRepositoryOptions): ExceptionRepository =>
  createAggregateRepository(
    {
      stateSchema: openingExceptionStateSchema,
      find: options.table.findById,
      findAll: options.reader.findByIds,
      evolve: evolveException,
      checkQuotas: async (exception, before, cause) =>
        before ? undefined : checkExceptionQuota(exception, cause, options),
      async save(exception, before) {
        await options.table.upsert(exception);
        // A new exception begins now or later, and only postpones what is due. The pending alarms find it then.
        if (before) await options.evaluationRequests.requestOfException(exception);
      },
    },
    options,
  );

async function checkExceptionQuota(
  { userId }: OpeningExceptionState,
  { actor, now }: EventCause,
  { table, maxPerUser }: Pick<ExceptionRepositoryOptions, 'table' | 'maxPerUser'>,
): Promise<Rejection | undefined> {
  if (!actor || !isBoundByQuotas(actor)) return undefined;
  if ((await table.countSince(userId, Date.parse(now))) < maxPerUser) return undefined;
  const message = `A user may have ${maxPerUser} exceptions that have not ended. Cancel one first.`;
  return rejectQuota(['userId'], maxPerUser, message);
}
