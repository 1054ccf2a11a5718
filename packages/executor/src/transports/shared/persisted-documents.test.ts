import { createHash } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { createPersistedDocuments, readDocumentId } from './persisted-documents.js';

const MAX_BYTES = 100_000;
const SESSION = {};
const sha256 = (query: string) => createHash('sha256').update(query).digest('hex');
const createDocument = (query: string, documentId: string | undefined = sha256(query)) => ({
  query,
  documentId,
});
const byId = (query: string) => createDocument('', sha256(query));
const catchCode = (work: () => unknown) => {
  try {
    return work();
  } catch (error) {
    return (error as { extensions: { code: string } }).extensions.code;
  }
};

test('a registered document can be named by its hash', () => {
  const documents = createPersistedDocuments({}, MAX_BYTES);
  expect(catchCode(() => documents.resolve(byId('{ a }'), SESSION))).toBe('PERSISTED_QUERY_NOT_FOUND');
  expect(documents.resolve(createDocument('{ a }'), SESSION)).toBe('{ a }');
  expect(catchCode(() => documents.resolve(byId('{ a }'), SESSION))).toBe('PERSISTED_QUERY_NOT_FOUND');
  documents.register(createDocument('{ a }'), SESSION);
  expect(documents.resolve(byId('{ a }'), SESSION)).toBe('{ a }');
});

test('a session that may not register documents may use registered ones', () => {
  const mayRegisterDocument = ({ expiresAt }: { expiresAt?: number }) => expiresAt !== undefined;
  const documents = createPersistedDocuments({ mayRegisterDocument }, MAX_BYTES);
  documents.register(createDocument('{ a }'), SESSION);
  expect(catchCode(() => documents.resolve(byId('{ a }'), SESSION))).toBe('PERSISTED_QUERY_NOT_FOUND');
  documents.register(createDocument('{ a }'), { expiresAt: 1 });
  expect(documents.resolve(byId('{ a }'), SESSION)).toBe('{ a }');
});

test("a document with another document's hash is rejected", () => {
  const documents = createPersistedDocuments({}, MAX_BYTES);
  const document = createDocument('{ b }', sha256('{ a }'));
  expect(catchCode(() => documents.resolve(document, SESSION))).toBe('BAD_REQUEST');
});

test('the registered documents are bounded in bytes, and the least recently used one is dropped', () => {
  const documents = createPersistedDocuments({}, 50_000);
  const names = ['a', 'b', 'c', 'd'].map((name) => `{ ${name.repeat(7_000)} }`);
  const [a = '', b = '', c = '', d = ''] = names;
  for (const query of [a, b, c]) documents.register(createDocument(query), SESSION);
  documents.resolve(byId(a), SESSION);
  documents.register(createDocument(d), SESSION);
  const found = names.map((query) => catchCode(() => documents.resolve(byId(query), SESSION)) === query);
  expect(found).toEqual([true, false, true, true]);
});

test('a long document is accepted but not registered', () => {
  const documents = createPersistedDocuments({}, MAX_BYTES);
  const long = `{ ${'a '.repeat(20_000)} }`;
  expect(documents.resolve(createDocument(long), SESSION)).toBe(long);
  documents.register(createDocument(long), SESSION);
  expect(catchCode(() => documents.resolve(byId(long), SESSION))).toBe('PERSISTED_QUERY_NOT_FOUND');
});

test('without space for documents, a hash alone is not supported, and a document with its hash is accepted', () => {
  const documents = createPersistedDocuments({}, 0);
  expect(catchCode(() => documents.resolve(byId('{ a }'), SESSION))).toBe('PERSISTED_QUERY_NOT_SUPPORTED');
  documents.register(createDocument('{ a }'), SESSION);
  expect(documents.resolve(createDocument('{ a }'), SESSION)).toBe('{ a }');
});

test('a hook decides first, and leaves the documents that it does not know', () => {
  const resolveDocument = vi.fn(({ documentId }: { documentId: string | undefined }) =>
    documentId === 'listed' ? '{ listed }' : undefined,
  );
  const documents = createPersistedDocuments({ resolveDocument }, MAX_BYTES);
  expect(documents.resolve(createDocument('', 'listed'), SESSION)).toBe('{ listed }');
  expect(documents.resolve(createDocument('{ a }'), SESSION)).toBe('{ a }');
  expect(catchCode(() => documents.resolve(createDocument('', 'other'), SESSION))).toBe(
    'PERSISTED_QUERY_NOT_FOUND',
  );
});

test.each([
  ['no id', undefined, {}, undefined],
  ['null', null, { persistedQuery: null }, undefined],
  ['a custom id', 'rules-1', {}, 'rules-1'],
  ['a prefixed id', 'sha256:abc', {}, 'abc'],
  ['the extension', undefined, { persistedQuery: { version: 1, sha256Hash: 'abc' } }, 'abc'],
  ['both, equal', 'sha256:abc', { persistedQuery: { version: 1, sha256Hash: 'abc' } }, 'abc'],
])('reads %s', (_, documentId, extensions, expected) => {
  expect(readDocumentId(documentId, extensions)).toBe(expected);
});

test.each([
  ['another type', 1, {}],
  ['an empty id', '', {}],
  ['a long id', 'x'.repeat(300), {}],
  ['different ids', 'b', { persistedQuery: { version: 1, sha256Hash: 'a' } }],
  ['another version', undefined, { persistedQuery: { version: 2, sha256Hash: 'a' } }],
  ['no hash', undefined, { persistedQuery: { version: 1 } }],
  ['no object', undefined, { persistedQuery: 'a' }],
])('rejects %s', (_, documentId, extensions) => {
  expect(catchCode(() => readDocumentId(documentId, extensions))).toBe('BAD_REQUEST');
});
