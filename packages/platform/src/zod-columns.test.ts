import { getTableColumns } from 'drizzle-orm';
import { sqliteTable } from 'drizzle-orm/sqlite-core';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { createSqliteColumns } from './zod-columns.js';

const shelfSchema = z.object({
  id: z.string(),
  maxBooks: z.int().positive().nullable(),
  labels: z.array(z.enum(['NEW', 'OLD'])),
  size: z.object({ widthMm: z.int() }).nullable(),
  isLocked: z.boolean(),
  kind: z.enum(['WOOD', 'STEEL']),
  builtAt: z.iso.datetime({ precision: 3 }),
  note: z.string().nullable().default(null),
  rows: z.int().default(4),
});
const shelves = sqliteTable('shelves', createSqliteColumns(shelfSchema));

describe('createSqliteColumns', () => {
  it('gives a row the type of the schema', () => {
    expectTypeOf<typeof shelves.$inferSelect>().toEqualTypeOf<z.infer<typeof shelfSchema>>();
  });

  it('derives name, SQL type, nullability and default of each column', () => {
    const columns = Object.values(getTableColumns(shelves)).map((column) => [
      column.name,
      column.getSQLType(),
      column.columnType,
      column.notNull,
      column.default,
    ]);
    expect(columns).toEqual([
      ['id', 'text', 'SQLiteText', true, undefined],
      ['max_books', 'integer', 'SQLiteInteger', false, undefined],
      ['labels', 'text', 'SQLiteTextJson', true, undefined],
      ['size', 'text', 'SQLiteTextJson', false, undefined],
      ['is_locked', 'integer', 'SQLiteBoolean', true, undefined],
      ['kind', 'text', 'SQLiteText', true, undefined],
      ['built_at', 'text', 'SQLiteText', true, undefined],
      ['note', 'text', 'SQLiteText', false, undefined],
      ['rows', 'integer', 'SQLiteInteger', true, 4],
    ]);
  });

  it('refuses a field that has no column type', () => {
    expect(() => createSqliteColumns(z.object({ when: z.date() }))).toThrow('The field when');
    expect(() => createSqliteColumns(z.object({ note: z.string().optional() }))).toThrow('The field note');
  });
});
