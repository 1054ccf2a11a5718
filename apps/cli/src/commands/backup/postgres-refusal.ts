import { UserFacingError } from '../../shared/errors.js';
import type { InstallationSettings } from '../../shared/installation-settings.js';

/**
 * Backups and restores of these commands are copies of SQLite files.
 * @throws UserFacingError if monitoring uses PostgreSQL
 */
export function assertSqlite({ databaseUrl }: Pick<InstallationSettings, 'databaseUrl'>): void {
  if (databaseUrl === undefined) return;
  throw new UserFacingError(
    'The database of monitoring is in PostgreSQL (DATABASE_URL). Back it up with pg_basebackup and the archive of its write-ahead log, or with pg_dump, and restore it with the tools of PostgreSQL: see docs/operations.md.',
  );
}
