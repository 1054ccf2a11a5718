import { getErrorMessage } from '@seguridad-abc/platform';
import { ReadModelConflictError } from '../db/projection-store.js';

/** SQLite refuses the values of a statement: another statement would succeed. */
const REFUSED_VALUES = /^SQLITE_(CONSTRAINT|MISMATCH|RANGE|TOOBIG)/;
/** better-sqlite3 reports it as a TypeError. */
const CLOSED_DATABASE = 'database connection is not open';

/**
 * Whether a projection failed because of the entry, so that it would fail again while others succeed. Errors of the disk, the
 * database file or the operating system concern all entries: they are not set aside, and the projector waits.
 */
export function isEntryFailure(error: unknown): boolean {
  if (error instanceof ReadModelConflictError) return false;
  const { code, cause } = (error ?? {}) as { readonly code?: unknown; readonly cause?: unknown };
  if (typeof code === 'string') return REFUSED_VALUES.test(code) || code.startsWith('ERR_');
  if (cause instanceof Error) return isEntryFailure(cause);
  return !getErrorMessage(error).includes(CLOSED_DATABASE);
}
