import { sql, type SQL } from 'drizzle-orm';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { openings, pendingAlarms, rules } from '../db/schema.js';

/** Lets the scheduler evaluate the present state of openings again. Every call belongs inside a transaction. */
export interface EvaluationRequests {
  /** Evaluates the rules that name a calendar. */
  requestOfCalendar(calendarId: string): void;
  /** Evaluates the rules of some openings of a user. @param names null: all openings */
  requestOfOpenings(userId: string, names: readonly string[] | null): void;
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
  const request = (condition: SQL) => {
    // SQLite needs a condition before `on conflict` after a join. Closing the opening must not remove the row: the new dates may
    // ask for an opening.
    const { changes } = db.run(sql`insert into ${pendingAlarms} (opening_id, rule_id, due, needs_open)
      select ${openings.id}, ${rules.id}, 0, false from ${rules}
      join ${openings} on ${openings.userId} = ${rules.userId} and ${openings.name} = ${rules.opening}
      where ${rules.deletedAt} is null and ${rules.enabled} and ${condition}
      on conflict (opening_id, rule_id) do update set due = 0, needs_open = false`);
    if (changes > 0) onDue(0);
  };
  return {
    requestOfCalendar: (calendarId) =>
      request(sql`${rules.calendarId} = ${calendarId} and ${rules.windows} is not null`),
    requestOfOpenings: (userId, names) =>
      request(
        names === null
          ? sql`${rules.userId} = ${userId}`
          : sql`${rules.userId} = ${userId}
              and ${rules.opening} in (select value from json_each(${JSON.stringify(names)}))`,
      ),
  };
}
