import { ExpectedError } from './errors.js';

/** The codes of errors of the disk, and of the files on it. `docs/errors.md` describes them. */
export type StorageErrorCode = 'STORAGE_FULL' | 'STORAGE_UNAVAILABLE';

const MESSAGES: Readonly<Record<StorageErrorCode, string>> = {
  STORAGE_FULL: 'The storage of the service is full. Send the request again later.',
  STORAGE_UNAVAILABLE:
    'The storage of the service cannot be read or written at the moment. Send the request again later.',
};

/** The storage of this process failed. The caller learns that it can retry, and the log has the cause. */
export class StorageError extends ExpectedError {
  override name = 'StorageError';

  /**
   * @param causeCode the code of SQLite or of the system, such as `SQLITE_IOERR_FSYNC`
   * @param cause the error that SQLite or the system reported
   */
  constructor(
    readonly code: StorageErrorCode,
    readonly causeCode: string,
    cause: unknown,
  ) {
    super(code, MESSAGES[code]);
    this.cause = cause;
  }

  /** The server has ended one statement that took too long. Others may succeed. */
  get isSlowStatement(): boolean {
    return this.causeCode === STATEMENT_TIMEOUT_CODE;
  }

  /** What is wrong, as one clause for operators. It contains no path and no data. */
  get reason(): string {
    if (this.code === 'STORAGE_FULL') return `the disk is full (${this.causeCode})`;
    if (this.causeCode === POSTGRES_CONNECTION_LOST) return 'the database server cannot be reached';
    if (this.causeCode === POSTGRES_LOGIN_REFUSED)
      return 'the database server refuses the login: check the user and the password of DATABASE_URL';
    if (this.causeCode === POSTGRES_LOGIN_REFUSED_BY_ONE)
      return 'one database server refuses the login, and no other one can be used: check them, and the user and the password of DATABASE_URL';
    if (this.isSlowStatement) return `a statement took too long (${STATEMENT_TIMEOUT_CODE})`;
    if (this.causeCode === '25006') return 'the database server is read-only (25006)';
    return NO_DESCRIPTOR_CODES.has(this.causeCode)
      ? `no file can be opened: too many are open (${this.causeCode})`
      : `the disk cannot be read or written (${this.causeCode})`;
  }
}

/** The process, or the system, has as many open files as it may have. */
const NO_DESCRIPTOR_CODES: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE']);

/** The code of PostgreSQL for a statement that exceeds `statement_timeout`. */
const STATEMENT_TIMEOUT_CODE = '57014';

/** The codes of `PostgresConnectionError`. */
export const POSTGRES_CONNECTION_LOST = 'POSTGRES_CONNECTION_LOST';
export const POSTGRES_LOGIN_REFUSED = 'POSTGRES_LOGIN_REFUSED';
export const POSTGRES_LOGIN_REFUSED_BY_ONE = 'POSTGRES_LOGIN_REFUSED_BY_ONE';

/** A drizzle error has the error of SQLite as its cause. No chain of causes is longer. */
const MAX_CAUSES = 5;

/**
 * Recognizes a failure of the storage: a full disk, an input/output error, a read-only file system, no more file descriptors, a locked or
 * damaged file. It looks at the causes of the error, too.
 * @returns undefined for any other error
 */
export function toStorageError(error: unknown): StorageError | undefined {
  let current = error;
  for (let depth = 0; depth < MAX_CAUSES && current instanceof Error; depth++) {
    if (current instanceof StorageError) return current;
    const { code, syscall } = current as { code?: unknown; syscall?: unknown };
    const isFromPostgres = 'severity' in current;
    const storageCode =
      typeof code === 'string'
        ? isFromPostgres
          ? classifyPostgresCode(code)
          : classifyErrorCode(code, syscall !== undefined)
        : undefined;
    if (storageCode) return new StorageError(storageCode, String(code), error);
    current = current.cause;
  }
  return undefined;
}

/** Result codes of SQLite, with the extended codes that begin like them: https://www.sqlite.org/rescode.html */
const SQLITE_STORAGE_CODES =
  /^SQLITE_(IOERR|READONLY|CANTOPEN|BUSY|LOCKED|PROTOCOL|CORRUPT|NOTADB|NOLFS|PERM)(_|$)/;
const FULL_SYSTEM_CODES: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);
const UNAVAILABLE_SYSTEM_CODES: ReadonlySet<string> = new Set([
  ...['EIO', 'EROFS', 'ENODEV', 'ESTALE'],
  ...NO_DESCRIPTOR_CODES,
]);

/**
 * Codes of PostgreSQL: connections, resources, statements that the server has ended, a server that is read-only, and damage.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const POSTGRES_STORAGE_CODES = /^(08...|53...|57...|58...|25006|25P03|XX00[12])$/;

function classifyPostgresCode(code: string): StorageErrorCode | undefined {
  if (code === '53100') return 'STORAGE_FULL';
  return POSTGRES_STORAGE_CODES.test(code) ? 'STORAGE_UNAVAILABLE' : undefined;
}

/** @param isSystemError whether a system call failed: other libraries have codes of the same form */
function classifyErrorCode(code: string, isSystemError: boolean): StorageErrorCode | undefined {
  if (code === 'SQLITE_FULL' || (isSystemError && FULL_SYSTEM_CODES.has(code))) return 'STORAGE_FULL';
  const isUnavailable =
    code === POSTGRES_CONNECTION_LOST ||
    code === POSTGRES_LOGIN_REFUSED ||
    code === POSTGRES_LOGIN_REFUSED_BY_ONE ||
    SQLITE_STORAGE_CODES.test(code) ||
    (isSystemError && UNAVAILABLE_SYSTEM_CODES.has(code));
  return isUnavailable ? 'STORAGE_UNAVAILABLE' : undefined;
}

/** The codes of PostgreSQL for transactions that can be repeated: serialization failures and deadlocks. */
const CONFLICT_CODES: ReadonlySet<string> = new Set(['40001', '40P01']);

/** Whether a transaction failed only because another one ran at the same time: it can run again. */
export function isTransactionConflict(error: unknown): boolean {
  let current = error;
  for (let depth = 0; depth < MAX_CAUSES && current instanceof Error; depth++) {
    const { code } = current as { code?: unknown };
    if (typeof code === 'string' && CONFLICT_CODES.has(code)) return true;
    current = current.cause;
  }
  return false;
}
