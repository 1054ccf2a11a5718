import { and, asc, desc, eq, exists, gt, inArray, isNull, lt, sql, type SQL } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import type { Bounds, Lists, RuleFilter, RuleReader } from '../queries/rule-reader.js';
import { inList } from './in-list.js';
import type { Db } from './open.js';
import { promised } from './promised.js';
import { fromRow } from './rule-row.js';
import { rules, users } from './schema.js';

/** The rules of one list, as a subquery that is run for each row of `list`. */
const listed = alias(rules, 'listed');

export function createRuleReader(db: Db): RuleReader {
  return {
    byIds: (ids) =>
      promised(() => {
        const rows = db.select().from(rules).where(inList(rules.id, ids)).all();
        return new Map(rows.map((row) => [row.id, fromRow(row).state]));
      }),

    knownUsers: (ids) =>
      promised(() => {
        const rows = db.select().from(users).where(inList(users.id, ids)).all();
        return new Map(rows.map(({ id }) => [id, id]));
      }),

    stretches: (lists, filter, stretch) =>
      promised(() => {
        const inOrder = stretch.order === 'newest first' ? desc : asc;
        const ids = db
          .select({ id: listed.id })
          .from(listed)
          .where(belongs(lists, filter, stretch))
          .orderBy(inOrder(listed.createdPosition))
          .limit(stretch.limit);
        const rows = db
          .select({ list: sql<number>`list.key`, rule: rules })
          .from(rowPer(lists))
          .innerJoin(rules, inArray(rules.id, ids))
          .orderBy(sql`list.key`, inOrder(rules.createdPosition))
          .all();
        const found = Array.from(lists === 'all' ? [null] : lists, () => [] as ReturnType<typeof fromRow>[]);
        for (const { list, rule } of rows) found[list]?.push(fromRow(rule));
        return found;
      }),

    counts: (lists, filter) =>
      promised(() => {
        const count = db
          .select({ count: sql`count(*)` })
          .from(listed)
          .where(belongs(lists, filter));
        return db
          .select({ count: sql<number>`(${count})` })
          .from(rowPer(lists))
          .orderBy(sql`list.key`)
          .all()
          .map((row) => row.count);
      }),

    any: (lists, filter, bounds) =>
      promised(() => {
        const one = db
          .select()
          .from(listed)
          .where(belongs(lists, filter, bounds));
        return db
          .select({ any: sql<number>`${exists(one)}` })
          .from(rowPer(lists))
          .orderBy(sql`list.key`)
          .all()
          .map((row) => row.any === 1);
      }),
  };
}

/** `list`: a row with the user's id as `value` for each list. */
const rowPer = (lists: Lists): SQL =>
  sql`json_each(${JSON.stringify(lists === 'all' ? [null] : lists)}) as list`;

const belongs = (
  lists: Lists,
  { opening, enabled, search }: RuleFilter,
  { below, above }: Bounds = {},
): SQL | undefined =>
  and(
    isNull(listed.deletedAt),
    lists === 'all' ? undefined : eq(listed.userId, sql`list.value`),
    opening === undefined ? undefined : eq(listed.opening, opening),
    // Literally, for an index over the disabled ones alone.
    enabled === undefined ? undefined : sql`${listed.enabled} = ${sql.raw(enabled ? '1' : '0')}`,
    search === undefined ? undefined : sql`instr(${listed.searchName}, ${search}) > 0`,
    below === undefined ? undefined : lt(listed.createdPosition, below),
    above === undefined ? undefined : gt(listed.createdPosition, above),
  );
