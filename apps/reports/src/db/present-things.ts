import { and, eq, sql } from 'drizzle-orm';
import type { Things } from '../domain/things.js';
import { fromAlarmRow } from './alarm-row.js';
import type { Db } from './open.js';
import { fromIntervalRow, fromOpeningRow } from './opening-row.js';
import { fromRuleRow } from './rule-row.js';
import { alarms, intervals, openings, rules } from './schema.js';
import { asList, TOLD } from './told-list.js';

/** Reads things as they are on record, given what is told of them: one statement for each kind that is told of. */
export function preparePresentThings(db: Db): (told: Things) => Things {
  const ofTold = and(eq(openings.userId, sql`told.value ->> 0`), eq(openings.name, sql`told.value ->> 1`));
  const readRules = db
    .select({ rule: rules })
    .from(TOLD)
    .innerJoin(rules, eq(rules.id, sql`told.value`))
    .prepare();
  const readOpenings = db.select({ opening: openings }).from(TOLD).innerJoin(openings, ofTold).prepare();
  const readIntervals = db
    .select({ opening: openings, interval: intervals })
    .from(TOLD)
    .innerJoin(openings, ofTold)
    .innerJoin(
      intervals,
      and(eq(intervals.openingId, openings.id), eq(intervals.startId, sql`told.value ->> 2`)),
    )
    .prepare();
  const readAlarms = db
    .select({ alarm: alarms })
    .from(TOLD)
    .innerJoin(alarms, eq(alarms.id, sql`told.value`))
    .prepare();

  return (told) => ({
    rules: read(
      told.rules,
      ({ state }) => state.id,
      (list) => readRules.all(list).map(({ rule }) => fromRuleRow(rule)),
    ),
    openings: read(
      told.openings,
      ({ userId, name }) => [userId, name],
      (list) => readOpenings.all(list).map(({ opening }) => fromOpeningRow(opening)),
    ),
    intervals: read(
      told.intervals,
      ({ userId, opening, startId }) => [userId, opening, startId],
      (list) => readIntervals.all(list).map(({ opening, interval }) => fromIntervalRow(opening, interval)),
    ),
    alarms: read(
      told.alarms,
      ({ state }) => state.id,
      (list) => readAlarms.all(list).map(({ alarm }) => fromAlarmRow(alarm)),
    ),
  });
}

const read = <Thing>(
  told: readonly Thing[],
  keyOf: (thing: Thing) => unknown,
  all: (list: { list: string }) => Thing[],
): Thing[] => (told.length === 0 ? [] : all(asList(told.map(keyOf))));
