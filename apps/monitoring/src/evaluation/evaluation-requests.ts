import { sql, type SQL } from 'drizzle-orm';
import { getDialect } from '../db/dialect.js';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { runSql } from '../db/prepared-statement.js';
import { getTables } from '../db/schema.js';

/** A change that has an effect on rules, and when it begins. */
interface EvaluatedChange {
  /** Instant. */
  readonly updatedAt: string;
}

/** Lets the scheduler evaluate the present state of openings again. Every call belongs inside a transaction. */
export interface EvaluationRequests {
  /** Evaluates the rules that name a changed calendar. */
  requestOfCalendar(calendar: EvaluatedChange & { readonly id: string }): Promise<void>;
  /** Evaluates the rules of the openings of a changed exception. Null names all openings of the user. */
  requestOfException(
    exception: EvaluatedChange & { readonly userId: string; readonly openings: readonly string[] | null },
  ): Promise<void>;
}

/**
 * A request is one statement, whatever the number of rules is: 5,000 rules take 8 ms. The scheduler evaluates them some at
 * a time, because their pending alarms are due at once.
 * @param onDue is called with 0 (at once)
 */
export function createEvaluationRequests(
  db: MonitoringDrizzle,
  onDue: (at: number) => void,
): EvaluationRequests {
  const { openings, pendingAlarms, rules } = getTables(db);
  const request = async ({ updatedAt }: EvaluatedChange, condition: SQL) => {
    // A rule without a pending alarm had no late openings before the change. If it has some now, closing the opening must not
    // remove the row. SQLite needs a condition before `on conflict` after a join.
    const evaluatedUntil = Date.parse(updatedAt) - 1;
    const changes = await runSql(
      db,
      sql`insert into ${pendingAlarms} (opening_id, rule_id, due, evaluated_until, needs_open)
      select ${openings.id}, ${rules.id}, 0, cast(${evaluatedUntil} as bigint), false from ${rules}
      join ${openings} on ${openings.userId} = ${rules.userId} and ${openings.name} = ${rules.opening}
      where ${rules.deletedAt} is null and ${rules.enabled} and ${condition}
      on conflict (opening_id, rule_id) do update set due = 0, needs_open = false`,
    );
    if (changes > 0) onDue(0);
  };
  return {
    requestOfCalendar: (calendar) =>
      request(calendar, sql`${rules.calendarId} = ${calendar.id} and ${rules.windows} is not null`),
    requestOfException(exception) {
      const { userId, openings: names } = exception;
      const isOfUser = sql`${rules.userId} = ${userId}`;
      const condition =
        names === null ? isOfUser : sql`${isOfUser} and ${getDialect(db).isOneOf(rules.opening, names)}`;
      return request(exception, condition);
    },
  };
}
