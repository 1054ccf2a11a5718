import { setImmediate } from 'node:timers/promises';
import { getVariableValues, GraphQLError, OperationTypeNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import {
  PlanningError,
  type PlanningCaller,
  type QueryPlanner,
  type VariableValues,
} from '../planning/query-planner.js';
import { renameVariableValues } from '../planning/rename-colliding-names.js';
import { addDefaultErrorCode, createCodedError, createInternalError } from '../shared/errors.js';
import { getRootFieldNames } from '../shared/graphql-ast.js';
import type { AbortSignalLike } from '../shared/light-abort-signal.js';
import type { StructuredLogger } from '../shared/logger.js';
import type { LoadedSupergraph } from '../supergraph/load-supergraph.js';
import { adaptBigIntegers } from './adapt-big-integers.js';
import { createOperationCostCache, type OperationCostCache } from './operation-cost-cache.js';
import { checkVariableValues } from './operation-limits.js';
import {
  createOperationPlanCache,
  type CachedPlan,
  type OperationPlanCache,
} from './operation-plan-cache.js';
import {
  compactLocations,
  parseOperation,
  validateOperation,
  type ParsedOperation,
  type ParseOperationOptions,
} from './parse-operation.js';
import { createRejectedOperations } from './rejected-operations.js';

/** A request as defined by GraphQL over HTTP: https://graphql.github.io/graphql-over-http/draft/#sec-Request-Parameters */
export interface GraphQLRequest {
  /** The GraphQL document. */
  readonly query: string;
  /** Required if the document has several operations. */
  readonly operationName?: string | null | undefined;
  /** Variable values as parsed from JSON, not yet coerced. */
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** An operation that is compiled for the values of its conditions, and its variable values. */
export interface PlannedOperation extends Pick<CachedPlan, 'compiledOperation' | 'subscriptionPlan'> {
  /** Coerced, with defaults, under the names that the plan uses. */
  readonly variables: VariableValues;
}

/** A valid request whose operation is planned and compiled. */
export interface PreparedRequest
  extends Pick<ValidOperation, 'document' | 'operation' | 'estimateCost'>, PlannedOperation {
  /** The supergraph for which the request was prepared. */
  readonly supergraph: LoadedSupergraph;
  /** The request as received; used to prepare it again for another supergraph. */
  readonly originalRequest: GraphQLRequest;
}

/** A request that cannot be executed: its document, operation name or variables are invalid, or it has no plan. */
export interface RejectedRequest {
  /** At least one. Each has an `extensions.code`. */
  readonly errors: readonly GraphQLError[];
}

export interface RequestPreparerOptions extends ParseOperationOptions {
  /** Maximum number of cached operations; at least 1. */
  readonly maxCachedOperations: number;
  /** Maximum size of the cached operations in bytes, as estimated. @default 134_217_728 // 128 MiB */
  readonly maxCachedBytes?: number;
  readonly logger: StructuredLogger;
}

/** An operation in the cache and the condition values that it is planned for. */
export interface CachedOperation {
  readonly request: Pick<GraphQLRequest, 'query' | 'operationName'>;
  readonly conditionValues: readonly VariableValues[];
}

/** A valid operation before it is planned. */
export interface ValidOperation extends Pick<ParsedOperation, 'document' | 'operation'> {
  /** Coerced, with defaults. */
  readonly variables: VariableValues;
  /**
   * Estimates the greatest cost that the operation can have with these variables, see `estimateCost`.
   * @throws GraphQLError BAD_USER_INPUT if a field needs exactly one slicing argument and has none or several
   */
  readonly estimateCost: () => number;
  /** Whether the operation has a plan for these variables in the cache. Planning one takes much longer than most operations. */
  readonly isPlanned: boolean;
}

/**
 * The client of a request, as `prepare` needs it. Its methods throw an error for the client if it may not run the operation;
 * `prepare` then throws the same.
 */
export interface RequestingClient extends PlanningCaller {
  /**
   * Clients with equal keys have one share of the planning workers. @default the share of all clients without a key, which may
   * queue any number of operations within the limit for all clients
   */
  readonly fairnessKey?: string | undefined;
  /**
   * Aborted when the client no longer waits. If no other client waits for the same operation, it is not planned, and `prepare`
   * returns the error REQUEST_CANCELLED.
   */
  readonly signal?: AbortSignalLike | undefined;
  /**
   * Called for a document that is parsed and not yet validated, because validation is expensive. It need not be called for
   * operations that are known: `authorize` decides.
   * @param rootFieldNames the names (not aliases) of the root fields, including those in fragments
   */
  authorizeRootFields?(rootFieldNames: readonly string[]): void;
  /** Called for each valid operation, before it is planned. */
  authorize?(operation: ValidOperation): void;
}

/** Prepares requests for one supergraph: parses, validates, plans and compiles each distinct operation once. */
export interface RequestPreparer {
  /**
   * @returns a promise if the operation must be planned by a worker; it is never rejected
   * @throws what the methods of the client throw, and nothing else
   */
  prepare(
    request: GraphQLRequest,
    client?: RequestingClient,
  ): PreparedRequest | RejectedRequest | Promise<PreparedRequest | RejectedRequest>;
  /**
   * Plans operations before they are requested, until the time limit has passed. The remaining ones are planned on request.
   * Their errors are ignored: `prepare` will return them.
   * @param cachedOperations the most recently used one last; it is planned first
   */
  warm(cachedOperations: readonly CachedOperation[], timeLimitMs: number): Promise<void>;
  /** Lists cached operations, the most recently used one last. */
  listRecentOperations(maxCount: number): readonly CachedOperation[];
}

interface CacheEntry {
  readonly key: string;
  readonly request: CachedOperation['request'];
  readonly parsedOperation: ParsedOperation;
  /** Number of nodes of the document. */
  readonly nodeCount: number;
  readonly costCache: OperationCostCache;
  readonly planCache: OperationPlanCache;
  /** Number of plans when the size of the entry was calculated. */
  measuredPlanCount: number;
}

/** graphql-js stops after this many errors in variable values. */
const MAX_VARIABLE_ERRORS = 50;

/** Creates a request preparer with an LRU cache of operations. */
export function createRequestPreparer(
  supergraph: LoadedSupergraph,
  queryPlanner: QueryPlanner,
  { maxCachedOperations, maxCachedBytes = MAX_CACHE_BYTES, logger, ...parseOptions }: RequestPreparerOptions,
): RequestPreparer {
  const { apiSchema } = supergraph;
  const operations = new LRUCache<string, CacheEntry>({
    max: maxCachedOperations,
    maxSize: maxCachedBytes,
    sizeCalculation: estimateEntryBytes,
  });
  const rejectedOperations = createRejectedOperations();

  const reject = (error: unknown, { query }: GraphQLRequest): RejectedRequest => {
    if (error instanceof GraphQLError) return { errors: [error] };
    logger.error(
      { err: error, query: query.slice(0, MAX_LOGGED_QUERY_LENGTH) },
      'operation cannot be planned',
    );
    const isSubscription =
      error instanceof PlanningError && error.operationType === OperationTypeNode.SUBSCRIPTION;
    return { errors: [isSubscription ? createUnplannableError() : createInternalError(error)] };
  };

  /** @throws what the client throws, and nothing else */
  const getOrParse = (request: GraphQLRequest, client?: RequestingClient): CacheEntry | RejectedRequest => {
    const { query } = request;
    const name = request.operationName ?? undefined;
    // The separator cannot occur in a valid name or document.
    const key = name === undefined ? query : `${name}\0${query}`;
    return operations.get(key) ?? parseAndValidate(key, { query, operationName: name }, client);
  };

  const parseAndValidate = (
    key: string,
    request: CachedOperation['request'],
    client: RequestingClient | undefined,
  ): CacheEntry | RejectedRequest => {
    const hash = rejectedOperations.createKey(key);
    const rejected = rejectedOperations.get(hash);
    if (rejected) {
      if (rejected.rootFieldNames) client?.authorizeRootFields?.(rejected.rootFieldNames);
      return rejected;
    }
    let parsedOperation: ParsedOperation | readonly GraphQLError[];
    try {
      parsedOperation = parseOperation(request.query, request.operationName ?? undefined, parseOptions);
    } catch (error) {
      return reject(error, request);
    }
    if (!('document' in parsedOperation)) return rejectedOperations.add(hash, parsedOperation);
    const { document, operation } = parsedOperation;
    const rootFieldNames = getRootFieldNames(document, operation);
    client?.authorizeRootFields?.(rootFieldNames);
    const nodeCount = compactLocations(document);
    try {
      const errors = validateOperation(apiSchema, parsedOperation, parseOptions);
      if (errors.length > 0) return rejectedOperations.add(hash, errors, rootFieldNames);
    } catch (error) {
      return reject(error, request);
    }
    const entry: CacheEntry = {
      key,
      request,
      parsedOperation,
      nodeCount,
      costCache: createOperationCostCache(supergraph, parsedOperation),
      planCache: createOperationPlanCache(supergraph, queryPlanner, parsedOperation, request.query),
      measuredPlanCount: 0,
    };
    operations.set(key, entry);
    return entry;
  };

  /** Adds the variable values of a request to its operation. @throws only unexpected errors */
  const coerceVariables = (
    entry: CacheEntry,
    { variables }: GraphQLRequest,
  ): ValidEntry | RejectedRequest => {
    const definitions = entry.parsedOperation.operation.variableDefinitions ?? [];
    const coerce = (values: Readonly<Record<string, unknown>>) =>
      getVariableValues(apiSchema, definitions, values, {
        maxErrors: MAX_VARIABLE_ERRORS,
        hideSuggestions: parseOptions.hideSuggestions,
      });
    const sent = variables ?? {};
    let result = coerce(sent);
    const adapted = result.errors && adaptBigIntegers(apiSchema, definitions, sent);
    if (adapted) result = coerce(adapted);
    const { errors, coerced } = result;
    if (errors) return { errors: errors.map((error) => addDefaultErrorCode(error, 'BAD_USER_INPUT')) };
    return { entry, variables: coerced, estimateCost: () => entry.costCache.getCost(coerced) };
  };

  /** The size of an entry grows with its plans. The cache measures entries when they are added. */
  const updateSize = (entry: CacheEntry): void => {
    const { key, planCache } = entry;
    if (planCache.size === entry.measuredPlanCount) return;
    entry.measuredPlanCount = planCache.size;
    if (operations.peek(key) === entry && operations.delete(key)) operations.set(key, entry);
  };

  /** Parses, validates and plans an operation. @returns whether it is in the cache */
  const planOperation = async ({ request, conditionValues }: CachedOperation): Promise<boolean> => {
    try {
      const entry = getOrParse(request);
      if ('errors' in entry) return false;
      for (const values of conditionValues) {
        if (!entry.planCache.get(values)) await entry.planCache.plan(values, {});
        updateSize(entry);
      }
      return true;
    } catch {
      // `prepare` returns the error to the client that sends the operation.
      return false;
    }
  };

  const complete = (
    { entry, variables, estimateCost }: ValidEntry,
    { compiledOperation, subscriptionPlan, renamedVariable }: CachedPlan,
    originalRequest: GraphQLRequest,
  ): PreparedRequest => ({
    compiledOperation,
    ...(subscriptionPlan && { subscriptionPlan }),
    variables: renamedVariable ? renameVariableValues(variables, renamedVariable) : variables,
    document: entry.parsedOperation.document,
    operation: entry.parsedOperation.operation,
    estimateCost,
    supergraph,
    originalRequest,
  });

  const planAndComplete = (valid: ValidEntry, request: GraphQLRequest, caller: PlanningCaller) => {
    const { entry, variables } = valid;
    const finish = (plan: CachedPlan): PreparedRequest => {
      updateSize(entry);
      return complete(valid, plan, request);
    };
    const plan = entry.planCache.plan(variables, caller);
    if (!(plan instanceof Promise)) return finish(plan);
    return plan.then(finish).catch((error: unknown) => reject(error, request));
  };

  return {
    prepare(request, client) {
      const limitError = checkVariableValues(request.variables ?? {}, parseOptions);
      if (limitError) return { errors: [limitError] };
      const entry = getOrParse(request, client);
      if ('errors' in entry) return entry;
      let valid: ValidEntry | RejectedRequest;
      try {
        valid = coerceVariables(entry, request);
      } catch (error) {
        return reject(error, request);
      }
      if ('errors' in valid) return valid;
      const plan = entry.planCache.get(valid.variables);
      if (client?.authorize) {
        const { variables, estimateCost } = valid;
        const { document, operation } = entry.parsedOperation;
        client.authorize({ document, operation, variables, estimateCost, isPlanned: plan !== undefined });
      }
      try {
        if (plan) return complete(valid, plan, request);
        return planAndComplete(valid, request, client ?? {});
      } catch (error) {
        return reject(error, request);
      }
    },
    async warm(cachedOperations, timeLimitMs) {
      const deadline = performance.now() + timeLimitMs;
      const planned: CachedOperation[] = [];
      for (const operation of [...cachedOperations].reverse()) {
        if (performance.now() >= deadline) break;
        if (await planOperation(operation)) planned.push(operation);
        // Validation is synchronous, and so is planning without workers. Requests are served between two operations.
        await setImmediate();
      }
      // Then the most recently used one is the last again. They are all in the cache.
      for (const { request } of planned.reverse()) getOrParse(request);
    },
    listRecentOperations: (maxCount) =>
      [...operations.values()]
        .slice(0, maxCount)
        .reverse()
        .map(({ request, planCache }) => ({ request, conditionValues: planCache.conditionValues })),
  };
}

/** A valid operation with its caches. */
interface ValidEntry extends Pick<ValidOperation, 'variables' | 'estimateCost'> {
  readonly entry: CacheEntry;
}

/** Longer queries are cut in log lines. */
const MAX_LOGGED_QUERY_LENGTH = 2_000;

/** Maximum size of the cache of operations, as estimated. */
const MAX_CACHE_BYTES = 134_217_728; // 128 MiB
/** What an operation, and each of its plans, needs in any case. */
const OVERHEAD_BYTES = 4_096;
/** What a node of the document needs, and again in each plan. Measured on operations of 0.1 to 60 kB, rounded up. */
const BYTES_PER_NODE = 300;

/** What a plan takes, as a multiple of its JSON text: the compiled fetches hold their operations twice. */
const BYTES_PER_PLAN_CHARACTER = 6;

const estimateEntryBytes = ({ nodeCount, planCache }: CacheEntry, text: string): number =>
  2 * text.length +
  (1 + planCache.size) * (OVERHEAD_BYTES + BYTES_PER_NODE * nodeCount) +
  BYTES_PER_PLAN_CHARACTER * planCache.jsonLength;

const createUnplannableError = (): GraphQLError =>
  createCodedError(
    'SUBSCRIPTION_NOT_SUPPORTED',
    'The subscription selects fields that its events do not carry and no subgraph can add. Remove these fields.',
  );
