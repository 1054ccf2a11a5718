/**
 * Whether a statement has failed because a unique index has its values already. Drizzle may wrap the error of better-sqlite3.
 * @param column a column of the index, such as `rules.name`
 */
export function isUniqueViolation(error: unknown, column: string): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: string };
  return (
    (code === 'SQLITE_CONSTRAINT_UNIQUE' && error.message.includes(column)) ||
    isUniqueViolation(error.cause, column)
  );
}
