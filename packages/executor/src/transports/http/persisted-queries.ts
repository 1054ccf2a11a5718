import { createHash } from 'node:crypto';
import { createLruCache } from '../../shared/lru-cache.js';
import { requestFault } from '../faults.js';
import type { Parameters } from './parameters.js';

const CAPACITY = 1_000;
/** Longer documents are taken and not kept, in characters. */
const LONGEST_KEPT = 32_768;

/**
 * Automatic persisted queries, as Apollo's clients speak them: a document that was sent once with its hash is then named by
 * the hash alone.
 * @returns the document of a request; it throws a GraphQLError where there is none
 */
export function createPersistedQueries(): (parameters: Parameters) => string {
  const known = createLruCache<string>(CAPACITY);
  return ({ query, extensions }) => {
    const hash = hashIn(extensions);
    if (hash === undefined) {
      if (query === undefined || query === '') throw requestFault(400, 'BAD_REQUEST', 'There is no "query".');
      return query;
    }
    if (query === undefined) {
      const kept = known.get(hash);
      // Apollo's clients read this very message, and send the document then.
      if (kept === undefined) throw requestFault(200, 'PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');
      return kept;
    }
    if (createHash('sha256').update(query).digest('hex') !== hash)
      throw requestFault(400, 'BAD_REQUEST', 'The hash of the persisted query is not that of its document.');
    if (query.length <= LONGEST_KEPT) known.set(hash, query);
    return query;
  };
}

function hashIn(extensions: Readonly<Record<string, unknown>>): string | undefined {
  const persisted = extensions['persistedQuery'];
  if (persisted === undefined || persisted === null) return undefined;
  const { version, sha256Hash } = persisted as { version?: unknown; sha256Hash?: unknown };
  if (version !== 1 || typeof sha256Hash !== 'string')
    throw requestFault(
      400,
      'BAD_REQUEST',
      '"persistedQuery" must be of version 1, with a "sha256Hash" of the document.',
    );
  return sha256Hash;
}
