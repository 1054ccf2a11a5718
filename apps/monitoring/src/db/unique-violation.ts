/**
 * Whether a statement has failed because a unique index has its values already. Drizzle may wrap the error of the driver.
 * @param column the table and the last column of the index, such as `rules.name`. PostgreSQL names the index instead: `rules_name`
 */
export function isUniqueViolation(error: unknown, column: string): boolean {
  if (!(error instanceof Error)) return false;
  const { code, constraint } = error as { code?: string; constraint?: string };
  return (
    (code === 'SQLITE_CONSTRAINT_UNIQUE' && error.message.includes(column)) ||
    (code === '23505' && constraint === column.replace('.', '_')) ||
    isUniqueViolation(error.cause, column)
  );
}
