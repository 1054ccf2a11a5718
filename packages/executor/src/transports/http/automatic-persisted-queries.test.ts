import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { RequestParameters } from './http-request.js';
import { createPersistedQueryResolver } from './automatic-persisted-queries.js';

const sha256 = (query: string) => createHash('sha256').update(query).digest('hex');
const createParameters = (query: string | undefined, persistedQuery?: unknown): RequestParameters => ({
  query,
  operationName: undefined,
  variables: undefined,
  extensions: persistedQuery === undefined ? {} : { persistedQuery },
});
const catchCode = (work: () => unknown) => {
  try {
    return work();
  } catch (error) {
    return (error as { extensions: { code: string } }).extensions.code;
  }
};

test('a document that was sent with its hash can be named by the hash', () => {
  const resolveDocument = createPersistedQueryResolver();
  const persistedQuery = { version: 1, sha256Hash: sha256('{ a }') };
  expect(catchCode(() => resolveDocument(createParameters(undefined, persistedQuery)))).toBe(
    'PERSISTED_QUERY_NOT_FOUND',
  );
  expect(resolveDocument(createParameters('{ a }', persistedQuery))).toBe('{ a }');
  expect(resolveDocument(createParameters(undefined, persistedQuery))).toBe('{ a }');
});

test.each([
  ['no document and no hash', createParameters(undefined)],
  ['an empty document', createParameters('')],
  ["another document's hash", createParameters('{ b }', { version: 1, sha256Hash: sha256('{ a }') })],
  ['another version', createParameters('{ a }', { version: 2, sha256Hash: sha256('{ a }') })],
  ['no hash', createParameters('{ a }', { version: 1 })],
])('%s is rejected', (_, parameters) => {
  expect(catchCode(() => createPersistedQueryResolver()(parameters))).toBe('BAD_REQUEST');
});

test('a document with a wrong hash is not cached', () => {
  const resolveDocument = createPersistedQueryResolver();
  const persistedQuery = { version: 1, sha256Hash: sha256('{ a }') };
  catchCode(() => resolveDocument(createParameters('{ evil }', persistedQuery)));
  expect(catchCode(() => resolveDocument(createParameters(undefined, persistedQuery)))).toBe(
    'PERSISTED_QUERY_NOT_FOUND',
  );
});

test('a long document is accepted but not cached', () => {
  const resolveDocument = createPersistedQueryResolver();
  const long = `{ ${'a '.repeat(20_000)} }`;
  const persistedQuery = { version: 1, sha256Hash: sha256(long) };
  expect(resolveDocument(createParameters(long, persistedQuery))).toBe(long);
  expect(catchCode(() => resolveDocument(createParameters(undefined, persistedQuery)))).toBe(
    'PERSISTED_QUERY_NOT_FOUND',
  );
});
