import { hash } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import { CacheUse, type CacheStatistics } from '../shared/cache-statistics.js';

/** Why an operation was rejected. */
export interface RejectedOperation {
  readonly errors: readonly GraphQLError[];
  /** The names of its root fields; `undefined` if it could not be parsed. */
  readonly rootFieldNames: readonly string[] | undefined;
}

/** Operations that were rejected, so that they are not parsed and validated again. */
export interface RejectedOperations {
  readonly statistics: CacheStatistics;
  /** @param text the document and what else identifies the operation */
  get(text: string): RejectedOperation | undefined;
  add(text: string, errors: readonly GraphQLError[], rootFieldNames?: readonly string[]): RejectedOperation;
}

/** Maximum size of the list. The least recently requested operations are forgotten. */
const MAX_BYTES = 4_194_304; // 4 MiB
/** What an operation, an error or a location takes, without its texts. */
const ENTRY_BYTES = 300;
/** Longer messages are cut. They repeat names of the document, which can be long. */
const MAX_MESSAGE_LENGTH = 1_000;

export function createRejectedOperations(): RejectedOperations {
  const rejected = new LRUCache<string, RejectedOperation>({
    maxSize: MAX_BYTES,
    sizeCalculation: estimateBytes,
  });
  const createKey = (text: string) => hash('sha256', text, 'base64url');
  const use = new CacheUse();
  return {
    get statistics() {
      return use.describe(rejected);
    },
    get(text) {
      // Usually no operation is rejected, and no hash is needed.
      const found = rejected.size === 0 ? undefined : rejected.get(createKey(text));
      if (found) use.hits += 1;
      else use.misses += 1;
      return found;
    },
    add(text, errors, rootFieldNames) {
      const operation = { errors: errors.map(withoutDocument), rootFieldNames };
      rejected.set(createKey(text), operation);
      return operation;
    },
  };
}

/** Returns the error without the nodes and the text of the document. */
function withoutDocument({ message, extensions, locations }: GraphQLError): GraphQLError {
  const isLong = message.length > MAX_MESSAGE_LENGTH;
  const error = new GraphQLError(isLong ? `${message.slice(0, MAX_MESSAGE_LENGTH)}…` : message, {
    extensions,
  });
  return Object.assign(error, { locations });
}

const estimateBytes = ({ errors, rootFieldNames = [] }: RejectedOperation): number =>
  errors.reduce(
    (sum, { message, locations = [] }) => sum + ENTRY_BYTES * (1 + locations.length) + 2 * message.length,
    ENTRY_BYTES + rootFieldNames.reduce((sum, name) => sum + 2 * name.length + 16, 0),
  );
