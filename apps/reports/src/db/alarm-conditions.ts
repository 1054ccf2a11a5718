import { inArray, sql, type Column, type SQL } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import type { AlarmColumn, AlarmFilter } from '../queries/alarm-reader.js';
import type { AlarmPlace } from '../queries/cursor.js';
import type { Bounds } from '../queries/list-reader.js';
import { listValue } from './list-reader.js';
import { alarms } from './schema.js';

export const listed = alias(alarms, 'listed');

/** How a condition comes to its column: by way of an index that begins with it, */
const searched = (column: Column): SQL => sql`${column}`;
/** or by a look at each row that is found otherwise: the `+` keeps SQLite from such an index. */
const tested = (column: Column): SQL => sql`+${column}`;
type Way = typeof searched;

/**
 * SQLite cannot know which condition leaves the fewest rows, so it is told which index to take: that of what the list is
 * of; where it is of nothing, that of the first condition of the filter.
 */
export function alarmConditions(of: readonly AlarmColumn[], filter: AlarmFilter): SQL[] {
  const isOf = of.map((column) => {
    const way = of.includes('ruleId') && column !== 'ruleId' ? tested : searched;
    return sql`${way(listed[column])} = ${listValue(column)}`;
  });
  const [first, ...others] = filterConditions(filter);
  const way = of.length === 0 ? searched : tested;
  return [...isOf, ...(first ? [first(way)] : []), ...others.map((condition) => condition(tested))];
}

/** Those first that leave the fewest rows. */
function filterConditions({ kind, severity, status, acknowledged }: AlarmFilter): ((way: Way) => SQL)[] {
  const found: ((way: Way) => SQL)[] = [];
  const only = status?.length === 1 ? status[0] : undefined;
  // Literally, for an index over the active or the retracted ones alone; there is one of each user's too.
  if (only) found.push(() => sql`${listed.status} = ${sql.raw(`'${only}'`)}`);
  if (acknowledged !== undefined) {
    found.push((way) => sql`${way(listed.acknowledgedAt)} is ${sql.raw(acknowledged ? 'not null' : 'null')}`);
  }
  if (severity) {
    found.push((way) =>
      severity.length === 1
        ? sql`${way(listed.severity)} = ${severity[0]}`
        : inArray(tested(listed.severity), [...severity]),
    );
  }
  if (kind) found.push((way) => sql`${way(listed.kind)} = ${kind}`);
  if (status && !only) found.push(() => inArray(listed.status, [...status]));
  return found;
}

/** Before every id at the same instant. */
const FIRST_ID = '';

/** An alarm's place begins with `raisedAt`: that filter makes a list shorter at its ends. */
export function alarmBounds(
  { raisedFrom, raisedBefore }: AlarmFilter,
  { below, above, inclusive }: Bounds<AlarmPlace>,
): Bounds<AlarmPlace> {
  const ends = (instant: string | undefined, given: AlarmPlace | undefined): AlarmPlace[] => [
    ...(instant === undefined ? [] : [[instant, FIRST_ID] as const]),
    ...(given ? [given] : []),
  ];
  return {
    below: ends(raisedBefore, below).sort(compare)[0],
    above: ends(raisedFrom, above).sort(compare).at(-1),
    inclusive,
  };
}

const compare = ([raisedAt, id]: AlarmPlace, other: AlarmPlace): number => {
  if (raisedAt !== other[0]) return raisedAt < other[0] ? -1 : 1;
  return id < other[1] ? -1 : 1;
};
