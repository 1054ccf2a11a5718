import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { createHttpError } from '../shared/error-responses.js';
import type { RequestParameters } from './http-request.js';

const MAX_CACHED_DOCUMENTS = 1_000;
/** Longer documents are accepted but not cached. In characters. */
const MAX_CACHED_DOCUMENT_LENGTH = 32_768;

/**
 * Implements automatic persisted queries: after a client has sent a document with its SHA-256 hash, it may send the hash
 * alone.
 * @see https://www.apollographql.com/docs/apollo-server/performance/apq
 * @returns a function that returns the document of a request; it throws a GraphQLError if the request names none
 */
export function createPersistedQueryResolver(): (parameters: RequestParameters) => string {
  const cache = new LRUCache<string, string>({ max: MAX_CACHED_DOCUMENTS });
  return ({ query, extensions }) => {
    const hash = getPersistedQueryHash(extensions);
    if (hash === undefined) {
      if (query === undefined || query === '')
        throw createHttpError(
          400,
          'BAD_REQUEST',
          'The request has no "query". Send a GraphQL document in it.',
        );
      return query;
    }
    if (query === undefined) {
      const cached = cache.get(hash);
      // Apollo's clients match this exact message and then send the document.
      if (cached === undefined)
        throw createHttpError(200, 'PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');
      return cached;
    }
    if (createHash('sha256').update(query).digest('hex') !== hash)
      throw createHttpError(
        400,
        'BAD_REQUEST',
        'The "sha256Hash" of the persisted query does not match its document. Send the SHA-256 hash of "query".',
      );
    if (query.length <= MAX_CACHED_DOCUMENT_LENGTH) cache.set(hash, query);
    return query;
  };
}

function getPersistedQueryHash(extensions: Readonly<Record<string, unknown>>): string | undefined {
  const persistedQuery = extensions['persistedQuery'];
  if (persistedQuery === undefined || persistedQuery === null) return undefined;
  const { version, sha256Hash } = persistedQuery as { version?: unknown; sha256Hash?: unknown };
  if (version !== 1 || typeof sha256Hash !== 'string')
    throw createHttpError(
      400,
      'BAD_REQUEST',
      '"persistedQuery" must have the "version" 1 and a "sha256Hash" of the document.',
    );
  return sha256Hash;
}
