import type { GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { QueryPlanner } from '../planning/query-planner.js';
import { getRootFieldNames } from '../shared/graphql-ast.js';
import type { LoadedSupergraph } from '../supergraph/load-supergraph.js';
import { createOperationAccess, type OperationAccess } from './operation-access.js';
import { createOperationCostCache, type OperationCostCache } from './operation-cost-cache.js';
import {
  createOperationPlanCache,
  type OperationPlanCache,
  type PlanVariant,
} from './operation-plan-cache.js';
import {
  compactLocations,
  parseOperation,
  validateOperation,
  type ParsedOperation,
  type ParseOperationOptions,
} from './parse-operation.js';
import { createRejectedOperations } from './rejected-operations.js';

/** The part of a request that names its operation. */
export interface OperationRequest {
  readonly query: string;
  readonly operationName?: string | null | undefined;
}

/** An operation in the cache and what it is planned for. */
export interface CachedOperation {
  readonly request: OperationRequest;
  readonly variants: readonly PlanVariant[];
}

/** A valid operation with all that is kept of it. */
export interface OperationEntry {
  readonly key: string;
  readonly request: OperationRequest;
  readonly parsedOperation: ParsedOperation;
  /** Number of nodes of the document. */
  readonly nodeCount: number;
  /** `undefined` if everyone may access everything that the operation selects. */
  readonly access: OperationAccess | undefined;
  readonly costCache: OperationCostCache;
  readonly planCache: OperationPlanCache;
  /** See `countResults`, when the size of the entry was calculated. */
  measuredResultCount: number;
}

/** The errors of an operation that is not valid. */
export interface InvalidOperation {
  readonly errors: readonly GraphQLError[];
}

/** The part of a client that is asked before an operation is validated, see `RequestingClient`. */
export interface RootFieldAuthorizer {
  authorizeRootFields?(rootFieldNames: readonly string[]): void;
}

/** Parses and validates each distinct operation once. */
export interface OperationCache {
  /** Whether a valid operation is in the cache, so that it need not be parsed and validated. */
  has(request: OperationRequest): boolean;
  /** @throws what the client throws, and nothing else */
  getOrParse(request: OperationRequest, client?: RootFieldAuthorizer): OperationEntry | InvalidOperation;
  /** The size of an entry grows with its plans. Call it after an entry has another one. */
  updateSize(entry: OperationEntry): void;
  /** Lists operations, the most recently used one last. */
  listRecent(maxCount: number): readonly CachedOperation[];
}

export interface OperationCacheOptions extends ParseOperationOptions {
  /** At least 1. */
  readonly maxCachedOperations: number;
  /** Maximum size of the operations in bytes, as estimated. @default 134_217_728 // 128 MiB */
  readonly maxCachedBytes: number | undefined;
  /** Whether operations are executed unchanged, with errors for what their clients may not access. */
  readonly isDryRun: boolean;
  /** Turns an unexpected error into those of the client. */
  readonly reject: (error: unknown, query: string) => InvalidOperation;
}

const MAX_CACHE_BYTES = 134_217_728; // 128 MiB
/** What an operation, and each of its plans, needs in any case. */
const OVERHEAD_BYTES = 4_096;
/** What a node of the document needs, and again in each plan. Measured on operations of 0.1 to 60 kB, rounded up. */
const BYTES_PER_NODE = 300;
/** What a plan takes, as a multiple of its JSON text: the compiled fetches hold their operations twice. */
const BYTES_PER_PLAN_CHARACTER = 6;

/** Number of results that the entry keeps, each about as large as the document. */
const countResults = ({ planCache, access }: OperationEntry): number =>
  planCache.size + (access?.keptCount ?? 0);

const estimateEntryBytes = (entry: OperationEntry, text: string): number =>
  2 * text.length +
  (1 + countResults(entry)) * (OVERHEAD_BYTES + BYTES_PER_NODE * entry.nodeCount) +
  BYTES_PER_PLAN_CHARACTER * entry.planCache.jsonLength;

/** The separator cannot occur in a valid name or document. */
const createKey = ({ query, operationName }: OperationRequest): string =>
  typeof operationName === 'string' ? `${operationName}\0${query}` : query;

/** Creates an LRU cache of operations. */
export function createOperationCache(
  supergraph: LoadedSupergraph,
  queryPlanner: QueryPlanner,
  {
    maxCachedOperations,
    maxCachedBytes = MAX_CACHE_BYTES,
    isDryRun,
    reject,
    ...parseOptions
  }: OperationCacheOptions,
): OperationCache {
  const operations = new LRUCache<string, OperationEntry>({
    max: maxCachedOperations,
    maxSize: maxCachedBytes,
    sizeCalculation: estimateEntryBytes,
  });
  const rejectedOperations = createRejectedOperations();

  const parseAndValidate = (
    key: string,
    request: OperationRequest,
    client: RootFieldAuthorizer | undefined,
  ): OperationEntry | InvalidOperation => {
    const { query } = request;
    const rejected = rejectedOperations.get(key);
    if (rejected) {
      if (rejected.rootFieldNames) client?.authorizeRootFields?.(rejected.rootFieldNames);
      return rejected;
    }
    let parsedOperation: ParsedOperation | readonly GraphQLError[];
    try {
      parsedOperation = parseOperation(query, request.operationName ?? undefined, parseOptions);
    } catch (error) {
      return reject(error, query);
    }
    if (!('document' in parsedOperation)) return rejectedOperations.add(key, parsedOperation);
    const { document, operation } = parsedOperation;
    const rootFieldNames = getRootFieldNames(document, operation);
    client?.authorizeRootFields?.(rootFieldNames);
    const nodeCount = compactLocations(document);
    try {
      const errors = validateOperation(supergraph.apiSchema, parsedOperation, parseOptions);
      if (errors.length > 0) return rejectedOperations.add(key, errors, rootFieldNames);
    } catch (error) {
      return reject(error, query);
    }
    const access = createOperationAccess(supergraph, parsedOperation);
    const entry: OperationEntry = {
      key,
      request,
      parsedOperation,
      nodeCount,
      access,
      costCache: createOperationCostCache(supergraph, parsedOperation),
      planCache: createOperationPlanCache(supergraph, queryPlanner, {
        parsedOperation,
        query,
        access,
        isDryRun,
      }),
      measuredResultCount: 0,
    };
    operations.set(key, entry);
    return entry;
  };

  return {
    has: (request) => operations.has(createKey(request)),
    getOrParse(request, client) {
      const key = createKey(request);
      const { query, operationName } = request;
      return (
        operations.get(key) ??
        parseAndValidate(key, { query, operationName: operationName ?? undefined }, client)
      );
    },
    updateSize(entry) {
      const { key } = entry;
      const resultCount = countResults(entry);
      if (resultCount === entry.measuredResultCount) return;
      entry.measuredResultCount = resultCount;
      // The cache measures entries when they are added.
      if (operations.peek(key) === entry && operations.delete(key)) operations.set(key, entry);
    },
    listRecent: (maxCount) =>
      [...operations.values()]
        .slice(0, maxCount)
        .reverse()
        .map(({ request, planCache }) => ({ request, variants: planCache.variants })),
  };
}
