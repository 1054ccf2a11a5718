import { and, eq, sql } from 'drizzle-orm';
import type { ProjectedInterval, ProjectedOpening, Things } from '../domain/things.js';
import { toAlarmRow } from './alarm-row.js';
import type { Db } from './open.js';
import { toRuleRow } from './rule-row.js';
import { alarms, intervals, openings, rules, users } from './schema.js';
import { prepareUpsert } from './upsert.js';

/** Writes things whole; to be used inside a transaction. */
export function preparePutThings(db: Db): (things: Things) => void {
  const putRule = prepareUpsert(db, rules, [rules.id]);
  const putOpening = prepareUpsert(db, openings, [openings.userId, openings.name]);
  const putInterval = prepareUpsert(db, intervals, [intervals.openingId, intervals.startId]);
  const putAlarm = prepareUpsert(db, alarms, [alarms.id]);
  const putUser = db
    .insert(users)
    .values({ id: sql.placeholder('id') })
    .onConflictDoNothing()
    .prepare();
  const findOpening = db
    .select({ id: openings.id })
    .from(openings)
    .where(and(eq(openings.userId, sql.placeholder('userId')), eq(openings.name, sql.placeholder('name'))))
    .prepare();

  /** With their users: a rule, as a reading, is always about an opening. */
  const putOpenings = (changed: readonly ProjectedOpening[]) => {
    for (const opening of changed) putOpening(opening);
    for (const id of new Set(changed.map(({ userId }) => userId))) putUser.run({ id });
  };

  const putIntervals = (changed: readonly ProjectedInterval[]) => {
    let last: { readonly userId: string; readonly name: string; readonly id: number } | undefined;
    for (const interval of changed) {
      const { userId, opening: name } = interval;
      // Those of one event come one after another.
      if (last?.userId !== userId || last.name !== name) {
        const found = findOpening.get({ userId, name });
        if (!found) throw new Error(`there is no opening ${name} of user ${userId}`);
        last = { userId, name, id: found.id };
      }
      putInterval({ ...interval, openingId: last.id });
    }
  };

  return (things) => {
    for (const rule of things.rules) putRule(toRuleRow(rule));
    putOpenings(things.openings);
    putIntervals(things.intervals);
    for (const alarm of things.alarms) putAlarm(toAlarmRow(alarm));
  };
}
