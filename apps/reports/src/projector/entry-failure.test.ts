import { expect, test } from 'vitest';
import { ReadModelConflictError } from '../db/projection-store.js';
import { isEntryFailure } from './entry-failure.js';

const withCode = (code: string, message = 'failed') => Object.assign(new Error(message), { code });

test.each([
  ['a mistake of the projection', new TypeError('Cannot read properties of undefined')],
  ['a value that the table refuses', withCode('SQLITE_CONSTRAINT_NOTNULL')],
  ['a text that is too long', withCode('SQLITE_TOOBIG')],
  ['such an error as a cause', new Error('query failed', { cause: withCode('SQLITE_CONSTRAINT_CHECK') })],
])('%s concerns one entry', (_, error) => {
  expect(isEntryFailure(error)).toBe(true);
});

test.each([
  ['a full disk', withCode('SQLITE_FULL')],
  ['an error of the disk', withCode('SQLITE_IOERR_WRITE')],
  ['a damaged file', withCode('SQLITE_CORRUPT')],
  ['a missing table', withCode('SQLITE_ERROR')],
  ['too many open files', withCode('EMFILE')],
  ['a closed database', new TypeError('The database connection is not open')],
  ['another writer', new ReadModelConflictError('The read model is not at position 3')],
  ['a full disk as a cause', new Error('query failed', { cause: withCode('SQLITE_FULL') })],
])('%s concerns all entries', (_, error) => {
  expect(isEntryFailure(error)).toBe(false);
});
