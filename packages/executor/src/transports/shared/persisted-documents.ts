import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { CacheUse, type CacheStatistics } from '../../shared/cache-statistics.js';
import { isJsonObject } from '../../shared/json.js';
import type { ClientSession, RequestedDocument, TransportHooks } from './client-request.js';
import { createHttpError } from './error-responses.js';

/** Longer documents are accepted but not registered. In characters. */
const MAX_REGISTERED_DOCUMENT_LENGTH = 32_768;
/** What a registered document takes besides its text. */
const OVERHEAD_BYTES = 300;
/** A SHA-256 hash with its prefix has 71 characters. */
const MAX_DOCUMENT_ID_LENGTH = 256;
/** Prefix of an id that is the SHA-256 hash of the document's text. The extension `persistedQuery` has the hash alone. */
const SHA256_PREFIX = 'sha256:';

/**
 * Reads the id of a document from the parameter `documentId` or the extension `persistedQuery`.
 * @see https://github.com/graphql/graphql-over-http/blob/main/spec/Appendix%20A%20--%20Persisted%20Documents.md
 * @see https://www.apollographql.com/docs/apollo-server/performance/apq
 * @returns the id without the prefix `sha256:`, or undefined if the client sent none
 * @throws GraphQLError BAD_REQUEST
 */
export function readDocumentId(
  documentId: unknown,
  extensions: Readonly<Record<string, unknown>>,
): string | undefined {
  const persistedQuery = extensions['persistedQuery'] ?? undefined;
  const given = documentId ?? undefined;
  if (given === undefined && persistedQuery === undefined) return undefined;
  const hash = persistedQuery === undefined ? undefined : readPersistedQueryHash(persistedQuery);
  if (given === undefined) return hash;
  if (typeof given !== 'string' || given === '' || given.length > MAX_DOCUMENT_ID_LENGTH)
    throw createBadRequestError(
      `"documentId" must be a string of 1 to ${MAX_DOCUMENT_ID_LENGTH} characters.`,
    );
  const id = given.startsWith(SHA256_PREFIX) ? given.slice(SHA256_PREFIX.length) : given;
  if (hash !== undefined && hash !== id)
    throw createBadRequestError('"documentId" and "persistedQuery" differ. Send one of them.');
  return id;
}

function readPersistedQueryHash(persistedQuery: unknown): string {
  const { version, sha256Hash } = isJsonObject(persistedQuery) ? persistedQuery : {};
  if (
    version !== 1 ||
    typeof sha256Hash !== 'string' ||
    sha256Hash === '' ||
    sha256Hash.length > MAX_DOCUMENT_ID_LENGTH
  )
    throw createBadRequestError(
      '"persistedQuery" must have the "version" 1 and a "sha256Hash" of the document.',
    );
  return sha256Hash;
}

const createBadRequestError = (message: string) => createHttpError(400, 'BAD_REQUEST', message);

/** Finds the text of the document that a client requests. All transports of a server share one. */
export interface PersistedDocuments<Session extends ClientSession> {
  /** Of the registered documents. */
  readonly statistics: CacheStatistics;
  /**
   * @returns the text of the document
   * @throws GraphQLError if the id is unknown or is not that of the text; what the hook `resolveDocument` throws
   */
  resolve(document: RequestedDocument, session: Session): string;
  /** Registers the document of a valid request that has both a text and an id, if the session may. */
  register(document: RequestedDocument, session: Session): void;
}

/**
 * Implements automatic persisted queries: after a client has sent a document with its SHA-256 hash, clients may send the
 * hash alone. The hooks can add other documents.
 * @param maxBytes of all registered documents; the least recently used ones are dropped. 0: nothing is registered
 */
export function createPersistedDocuments<Session extends ClientSession>(
  { resolveDocument, mayRegisterDocument }: DocumentHooks<Session>,
  maxBytes: number,
): PersistedDocuments<Session> {
  const registered =
    maxBytes > 0
      ? new LRUCache<string, string>({
          maxSize: maxBytes,
          sizeCalculation: (text) => OVERHEAD_BYTES + 2 * text.length,
        })
      : undefined;

  const use = new CacheUse();

  const resolveRegistered = ({ query, documentId }: RequestedDocument): string => {
    if (documentId === undefined || (query !== '' && !registered)) return query;
    const known = registered?.get(documentId);
    if (known === undefined) use.misses += 1;
    else use.hits += 1;
    if (query !== '') {
      // A known text is not hashed again.
      if (known !== query) requireMatchingHash(query, documentId);
      return query;
    }
    // Apollo's clients match these exact messages and then send the document.
    if (!registered)
      throw createHttpError(200, 'PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported');
    if (known === undefined)
      throw createHttpError(200, 'PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');
    return known;
  };

  return {
    get statistics() {
      return use.describe(registered);
    },
    resolve: (document, session) => resolveDocument?.(document, session) ?? resolveRegistered(document),
    register({ query, documentId }, session) {
      if (documentId === undefined || query === '' || !registered) return;
      if (query.length > MAX_REGISTERED_DOCUMENT_LENGTH || registered.has(documentId)) return;
      if (mayRegisterDocument && !mayRegisterDocument(session)) return;
      // A hook may have accepted a document with another id.
      if (hashText(query) === documentId) registered.set(documentId, query);
    },
  };
}

type DocumentHooks<Session extends ClientSession> = Pick<
  TransportHooks<never, Session>,
  'resolveDocument' | 'mayRegisterDocument'
>;

const hashText = (text: string): string => createHash('sha256').update(text).digest('hex');

function requireMatchingHash(query: string, documentId: string): void {
  if (hashText(query) !== documentId)
    throw createBadRequestError(
      'The id of the document is not the SHA-256 hash of its text. Send the SHA-256 hash of "query", or the "query" alone.',
    );
}
