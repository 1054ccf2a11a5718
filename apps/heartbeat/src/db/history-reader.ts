import { and, asc, desc, eq, gte, inArray, lte, sql, type SQL } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import type { Transition } from '../domain/transition.js';
import type { HistoryReader } from '../history/history-store.js';
import type { Db } from './open.js';
import { promised } from './promised.js';
import { transitions } from './schema.js';

/** The transitions of one service, as a subquery that is run for each row of `list`. */
const listed = alias(transitions, 'listed');
const ofList = eq(listed.service, sql`list.value`);

const { service, from, to, at, reason } = transitions;
const columns = { service, from, to, at, reason };

/** However many services are asked for: one statement. */
export function createHistoryReader(db: Db): HistoryReader {
  return {
    newest: (services, count) =>
      promised(() => {
        const ids = db
          .select({ id: listed.id })
          .from(listed)
          .where(ofList)
          .orderBy(desc(listed.id))
          .limit(count);
        const rows = db
          .select(columns)
          .from(rowPer(services))
          .innerJoin(transitions, inArray(transitions.id, ids))
          .orderBy(desc(transitions.id))
          .all();
        return byService(services, rows);
      }),

    since: (services, from) =>
      promised(() => {
        const holding = db
          .select({ id: listed.id })
          .from(listed)
          .where(and(ofList, lte(listed.at, from)))
          .orderBy(desc(listed.id))
          .limit(1);
        const rows = db
          .select(columns)
          .from(rowPer(services))
          .innerJoin(
            transitions,
            and(
              eq(transitions.service, sql`list.value`),
              gte(transitions.id, sql`coalesce((${holding}), 0)`),
            ),
          )
          .orderBy(asc(transitions.id))
          .all();
        return byService(services, rows);
      }),
  };
}

/** `list`: a row with the service's name as `value` for each. */
const rowPer = (services: readonly string[]): SQL => sql`json_each(${JSON.stringify(services)}) as list`;

function byService(services: readonly string[], rows: readonly Transition[]) {
  const found = new Map(services.map((name) => [name, [] as Transition[]]));
  for (const row of rows) found.get(row.service)?.push(row);
  return found;
}
