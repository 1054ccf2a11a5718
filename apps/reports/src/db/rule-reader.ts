import { eq, isNull, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import type { RuleReader } from '../queries/rule-reader.js';
import { inList } from './in-list.js';
import { createListReader, listValue } from './list-reader.js';
import type { Db } from './open.js';
import { promised } from './promised.js';
import { fromRuleRow } from './rule-row.js';
import { rules } from './schema.js';

const listed = alias(rules, 'listed');

export const createRuleReader = (db: Db): RuleReader => ({
  byIds: (ids) =>
    promised(() => {
      const rows = db.select().from(rules).where(inList(rules.id, ids)).all();
      return new Map(rows.map((row) => [row.id, fromRuleRow(row).state]));
    }),

  ...createListReader(db, {
    table: rules,
    listed,
    order: ['createdPosition'],
    conditions: (of, { enabled, search }) => [
      isNull(listed.deletedAt),
      ...of.map((column) => eq(listed[column], listValue(column))),
      // Literally, for an index over the disabled ones alone.
      enabled === undefined ? undefined : sql`${listed.enabled} = ${sql.raw(enabled ? '1' : '0')}`,
      search === undefined ? undefined : sql`instr(${listed.searchName}, ${search}) > 0`,
    ],
    read(row) {
      const { state, createdPosition } = fromRuleRow(row);
      return { node: state, place: [createdPosition] };
    },
  }),
});
