import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { RequestParameters } from './request-parameters.js';
import { createPersistedQueryResolver } from './automatic-persisted-queries.js';

const hashOf = (query: string) => createHash('sha256').update(query).digest('hex');
const asked = (query: string | undefined, persistedQuery?: unknown): RequestParameters => ({
  query,
  operationName: undefined,
  variables: undefined,
  extensions: persistedQuery === undefined ? {} : { persistedQuery },
});
const refusal = (work: () => unknown) => {
  try {
    return work();
  } catch (error) {
    return (error as { extensions: { code: string } }).extensions.code;
  }
};

test('a document that was sent with its hash is known by it', () => {
  const documentOf = createPersistedQueryResolver();
  const named = { version: 1, sha256Hash: hashOf('{ a }') };
  expect(refusal(() => documentOf(asked(undefined, named)))).toBe('PERSISTED_QUERY_NOT_FOUND');
  expect(documentOf(asked('{ a }', named))).toBe('{ a }');
  expect(documentOf(asked(undefined, named))).toBe('{ a }');
});

test.each([
  ['no document and no hash', asked(undefined)],
  ['an empty document', asked('')],
  ["another document's hash", asked('{ b }', { version: 1, sha256Hash: hashOf('{ a }') })],
  ['another version', asked('{ a }', { version: 2, sha256Hash: hashOf('{ a }') })],
  ['no hash', asked('{ a }', { version: 1 })],
])('%s is refused', (_, parameters) => {
  expect(refusal(() => createPersistedQueryResolver()(parameters))).toBe('BAD_REQUEST');
});

test('a document that was refused under a hash is not known by it', () => {
  const documentOf = createPersistedQueryResolver();
  const named = { version: 1, sha256Hash: hashOf('{ a }') };
  refusal(() => documentOf(asked('{ evil }', named)));
  expect(refusal(() => documentOf(asked(undefined, named)))).toBe('PERSISTED_QUERY_NOT_FOUND');
});

test('a long document is answered, and not kept', () => {
  const documentOf = createPersistedQueryResolver();
  const long = `{ ${'a '.repeat(20_000)} }`;
  const named = { version: 1, sha256Hash: hashOf(long) };
  expect(documentOf(asked(long, named))).toBe(long);
  expect(refusal(() => documentOf(asked(undefined, named)))).toBe('PERSISTED_QUERY_NOT_FOUND');
});
