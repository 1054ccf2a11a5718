import type { z } from 'zod';

/**
 * Copies the fields of a schema from a wider object, without validation.
 * @returns an object with exactly the fields of the schema
 */
export function pickFields<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  value: Readonly<z.output<z.ZodObject<Shape>>>,
): z.output<z.ZodObject<Shape>> {
  const wide = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.keys(schema.shape).map((field) => [field, wide[field]])) as z.output<
    z.ZodObject<Shape>
  >;
}
