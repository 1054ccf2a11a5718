import type { $Type, NotNull } from 'drizzle-orm';
import {
  integer,
  text,
  type SQLiteBooleanBuilderInitial,
  type SQLiteIntegerBuilderInitial,
  type SQLiteTextBuilderInitial,
  type SQLiteTextJsonBuilderInitial,
} from 'drizzle-orm/sqlite-core';
import { z } from 'zod';

/** How a column stores a value, independent of the SQL dialect. */
type ColumnKind = 'text' | 'integer' | 'boolean' | 'json';

/** A column as a field of a schema describes it, independent of the SQL dialect. */
export interface ColumnDescription {
  readonly field: string;
  /** The field's name in snake case. */
  readonly name: string;
  readonly kind: ColumnKind;
  readonly isNullable: boolean;
  /** The value that existing rows get when the column is added; undefined: none. */
  readonly defaultValue: unknown;
}

/**
 * Creates the SQLite columns for the fields of an object schema, so that a row of the table has the schema's type.
 *
 * Column names are the field names in snake case. Strings (instants too) are `text`, whole numbers `integer`, booleans
 * `integer`, and arrays and objects JSON `text`. Only nullable fields allow NULL. A default value of the schema other
 * than null becomes the column's default.
 *
 * A new field is written as `.nullable().default(null)` (or with another default), so that stored events without it stay
 * valid. An optional field is refused, because SQL has no `undefined`.
 * @throws Error if no column type fits a field
 */
export function createSqliteColumns<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
): SqliteColumns<Shape> {
  const columns = describeColumns(schema).map((description) => [
    description.field,
    createSqliteColumn(description),
  ]);
  return Object.fromEntries(columns) as SqliteColumns<Shape>;
}

/** Describes the columns of an object schema, independent of the SQL dialect. @throws Error if no column type fits a field */
export const describeColumns = ({ shape }: z.ZodObject): readonly ColumnDescription[] =>
  Object.entries<z.core.$ZodType>(shape).map(([field, type]) => describeColumn(field, type));

/** The column builders of `createSqliteColumns`, with the exact type of each field. */
export type SqliteColumns<Shape extends z.ZodRawShape> = {
  [Field in keyof Shape]: SqliteColumn<z.output<Shape[Field]>>;
};

type SqliteColumn<Value> = null extends Value
  ? $Type<SqliteColumnOf<NonNullable<Value>>, NonNullable<Value>>
  : NotNull<$Type<SqliteColumnOf<Value>, Value>>;

type SqliteColumnOf<Value> = [Value] extends [string]
  ? SQLiteTextBuilderInitial<'', [string, ...string[]], undefined>
  : [Value] extends [number]
    ? SQLiteIntegerBuilderInitial<''>
    : [Value] extends [boolean]
      ? SQLiteBooleanBuilderInitial<''>
      : SQLiteTextJsonBuilderInitial<''>;

function createSqliteColumn({ name, kind, isNullable, defaultValue }: ColumnDescription) {
  const column = {
    text: () => text(name),
    integer: () => integer(name),
    boolean: () => integer(name, { mode: 'boolean' }),
    json: () => text(name, { mode: 'json' }),
  }[kind]();
  if (!isNullable) column.notNull();
  if (defaultValue !== undefined && defaultValue !== null) column.default(defaultValue as never);
  return column;
}

function describeColumn(field: string, type: z.core.$ZodType): ColumnDescription {
  let isNullable = false;
  let defaultValue: unknown;
  let inner = type;
  while (inner instanceof z.ZodNullable || inner instanceof z.ZodDefault) {
    if (inner instanceof z.ZodNullable) isNullable = true;
    else defaultValue = inner.def.defaultValue;
    inner = inner.def.innerType;
  }
  return { field, name: toSnakeCase(field), kind: findColumnKind(field, inner), isNullable, defaultValue };
}

function findColumnKind(field: string, type: z.core.$ZodType): ColumnKind {
  switch (type._zod.def.type) {
    case 'string':
    case 'enum':
      return 'text';
    case 'number':
      return 'integer';
    case 'boolean':
      return 'boolean';
    case 'array':
    case 'object':
    case 'record':
      return 'json';
    default:
      throw new Error(
        `The field ${field} has the schema type ${type._zod.def.type}, for which there is no column. ` +
          'Use a string, whole number, boolean, enum, array or object, with nullable() and default() as needed.',
      );
  }
}

const toSnakeCase = (field: string): string =>
  field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
