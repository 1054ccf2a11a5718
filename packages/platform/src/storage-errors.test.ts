import { describe, expect, test } from 'vitest';
import { ExpectedError, StartError } from './errors.js';
import { toStorageError } from './storage-errors.js';

/** An error as better-sqlite3 throws it. */
const sqliteError = (code: string) => Object.assign(new Error('it failed'), { name: 'SqliteError', code });
const systemError = (code: string) =>
  Object.assign(new Error(`${code}: it failed`), { code, syscall: 'write' });

describe('toStorageError', () => {
  test.each([
    ['STORAGE_FULL', sqliteError('SQLITE_FULL')],
    ['STORAGE_FULL', systemError('ENOSPC')],
    ['STORAGE_FULL', systemError('EDQUOT')],
    ['STORAGE_UNAVAILABLE', sqliteError('SQLITE_IOERR')],
    ['STORAGE_UNAVAILABLE', sqliteError('SQLITE_IOERR_FSYNC')],
    ['STORAGE_UNAVAILABLE', sqliteError('SQLITE_READONLY')],
    ['STORAGE_UNAVAILABLE', sqliteError('SQLITE_CANTOPEN_FULLPATH')],
    ['STORAGE_UNAVAILABLE', sqliteError('SQLITE_BUSY')],
    ['STORAGE_UNAVAILABLE', sqliteError('SQLITE_CORRUPT')],
    ['STORAGE_UNAVAILABLE', systemError('EIO')],
    ['STORAGE_UNAVAILABLE', systemError('EROFS')],
    ['STORAGE_UNAVAILABLE', systemError('EMFILE')],
  ])('gives the code %s to %s', (code, error) => {
    expect(toStorageError(error)).toMatchObject({ code, extensions: { code }, cause: error });
  });

  test('finds the cause of another error', () => {
    const error = new Error('Failed to run the query', { cause: sqliteError('SQLITE_FULL') });
    expect(toStorageError(error)?.reason).toBe('the disk is full (SQLITE_FULL)');
    const secret = new StartError('The file cannot be used.', { cause: systemError('EMFILE') });
    expect(toStorageError(secret)?.reason).toBe('no file can be opened: too many are open (EMFILE)');
  });

  test('names a statement of PostgreSQL that took too long', () => {
    const error = Object.assign(new Error('canceled'), { code: '57014', severity: 'ERROR' });
    expect(toStorageError(error)).toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      isSlowStatement: true,
      reason: 'a statement took too long (57014)',
    });
  });

  test.each([
    sqliteError('SQLITE_CONSTRAINT_UNIQUE'),
    sqliteError('SQLITE_ERROR'),
    systemError('ENOENT'),
    new ExpectedError('CONFLICT', 'No.'),
    // A library that uses the code of a system call for something else.
    Object.assign(new Error('no'), { code: 'EIO' }),
    'SQLITE_FULL',
    undefined,
  ])('leaves %s to others', (error) => {
    expect(toStorageError(error)).toBeUndefined();
  });

  test('tells clients nothing about files and data', () => {
    const error = new Error("insert into users values ('ana')", { cause: sqliteError('SQLITE_IOERR_WRITE') });
    expect(toStorageError(error)?.message).toBe(
      'The storage of the service cannot be read or written at the moment. Send the request again later.',
    );
  });
});
