import { setImmediate } from 'node:timers/promises';
import {
  getNamedType,
  getVariableValues,
  GraphQLError,
  isInputObjectType,
  OperationTypeNode,
  typeFromAST,
  type GraphQLSchema,
  type VariableDefinitionNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { estimateCost } from './estimate-cost.js';
import { compileOperation, type CompiledOperation } from '../execution/compile-operation.js';
import { listConditionVariables } from '../planning/evaluate-skip-include.js';
import {
  PlanningError,
  type QueryPlanner,
  type RenameVariables,
  type SubscriptionPlan,
  type VariableValues,
} from '../planning/query-planner.js';
import { addDefaultErrorCode, createCodedError, createInternalError } from '../shared/errors.js';
import type { StructuredLogger } from '../shared/logger.js';
import type { LoadedSupergraph } from '../supergraph/load-supergraph.js';
import { checkVariableValues } from './operation-limits.js';
import { parseOperation, type ParsedOperation, type ParseOperationOptions } from './parse-operation.js';

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
export interface PlannedOperation {
  readonly compiledOperation: CompiledOperation;
  /** Present for subscriptions. */
  readonly subscriptionPlan?: SubscriptionPlan;
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

/** Decides whether a client may run an operation. It throws an error for the client if not. */
export type AuthorizeOperation = (operation: ValidOperation) => void;

/** Prepares requests for one supergraph: parses, validates, plans and compiles each distinct operation once. */
export interface RequestPreparer {
  /**
   * @param authorize called for a valid operation, before it is planned
   * @throws what `authorize` throws, and nothing else
   */
  prepare(request: GraphQLRequest, authorize?: AuthorizeOperation): PreparedRequest | RejectedRequest;
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
  readonly costCache: OperationCostCache;
  readonly planCache: OperationPlanCache;
}

/** graphql-js stops after this many errors in variable values. */
const MAX_VARIABLE_ERRORS = 50;

/** Creates a request preparer with an LRU cache of operations. */
export function createRequestPreparer(
  supergraph: LoadedSupergraph,
  queryPlanner: QueryPlanner,
  { maxCachedOperations, logger, ...parseOptions }: RequestPreparerOptions,
): RequestPreparer {
  const operations = new LRUCache<string, CacheEntry>({
    max: maxCachedOperations,
    maxSize: MAX_CACHE_BYTES,
    sizeCalculation: estimateEntryBytes,
  });

  const getOrParse = ({ query, operationName }: GraphQLRequest): CacheEntry | RejectedRequest => {
    const name = operationName ?? undefined;
    // The separator cannot occur in a valid name or document.
    const key = name === undefined ? query : `${name}\0${query}`;
    const cached = operations.get(key);
    if (cached) return cached;
    const parsedOperation = parseOperation(supergraph.apiSchema, query, name, parseOptions);
    if (!('document' in parsedOperation)) return { errors: parsedOperation };
    const entry: CacheEntry = {
      key,
      request: { query, operationName: name },
      parsedOperation,
      costCache: createOperationCostCache(supergraph, parsedOperation),
      planCache: createOperationPlanCache(supergraph, queryPlanner, parsedOperation),
    };
    operations.set(key, entry);
    return entry;
  };

  /** @throws only unexpected errors */
  const validate = (request: GraphQLRequest): ValidEntry | RejectedRequest => {
    const { variables: values = {} } = request;
    const limitError = checkVariableValues(values, parseOptions);
    if (limitError) return { errors: [limitError] };
    const entry = getOrParse(request);
    if ('errors' in entry) return entry;
    const { errors, coerced } = getVariableValues(
      supergraph.apiSchema,
      entry.parsedOperation.operation.variableDefinitions ?? [],
      values ?? {},
      { maxErrors: MAX_VARIABLE_ERRORS, hideSuggestions: parseOptions.hideSuggestions },
    );
    if (errors) return { errors: errors.map((error) => addDefaultErrorCode(error, 'BAD_USER_INPUT')) };
    return { entry, variables: coerced, estimateCost: () => entry.costCache.getCost(coerced) };
  };

  const getPlannedOperation = (entry: CacheEntry, variables: VariableValues): PlannedOperation => {
    const { key, planCache } = entry;
    const { size } = planCache;
    const planned = planCache.getPlannedOperation(variables);
    if (planCache.size !== size && operations.delete(key)) operations.set(key, entry);
    return planned;
  };

  /** Parses, validates and plans an operation. @returns whether it is in the cache */
  const planOperation = ({ request, conditionValues }: CachedOperation): boolean => {
    try {
      const entry = getOrParse(request);
      if ('errors' in entry) return false;
      for (const values of conditionValues) getPlannedOperation(entry, values);
      return true;
    } catch {
      // `prepare` returns the error to the client that sends the operation.
      return false;
    }
  };

  const plan = (
    { entry, variables, estimateCost }: ValidEntry,
    request: GraphQLRequest,
  ): PreparedRequest => ({
    ...getPlannedOperation(entry, variables),
    document: entry.parsedOperation.document,
    operation: entry.parsedOperation.operation,
    estimateCost,
    supergraph,
    originalRequest: request,
  });

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

  return {
    prepare(request, authorize) {
      let valid: ValidEntry | RejectedRequest;
      try {
        valid = validate(request);
      } catch (error) {
        return reject(error, request);
      }
      if ('errors' in valid) return valid;
      if (authorize) {
        const { entry, variables, estimateCost } = valid;
        const { document, operation } = entry.parsedOperation;
        const isPlanned = entry.planCache.has(variables);
        authorize({ document, operation, variables, estimateCost, isPlanned });
      }
      try {
        return plan(valid, request);
      } catch (error) {
        return reject(error, request);
      }
    },
    async warm(cachedOperations, timeLimitMs) {
      const deadline = performance.now() + timeLimitMs;
      const planned: CachedOperation[] = [];
      for (const operation of [...cachedOperations].reverse()) {
        if (performance.now() >= deadline) break;
        if (planOperation(operation)) planned.push(operation);
        // Planning is synchronous. Requests are served between two operations.
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

const estimateEntryBytes = ({ parsedOperation, planCache }: CacheEntry, text: string): number =>
  2 * text.length + (1 + planCache.size) * (OVERHEAD_BYTES + BYTES_PER_NODE * parsedOperation.nodeCount);

/** The costs of one operation by the values of the variables that can change it. */
interface OperationCostCache {
  /** @throws GraphQLError BAD_USER_INPUT if a field needs exactly one slicing argument and has none or several */
  getCost(variables: VariableValues): number;
}

/** Maximum number of combinations of values per operation. */
const MAX_COSTS_PER_OPERATION = 64;
/** Costs of longer values are estimated for each request. */
const MAX_COST_KEY_LENGTH = 200;

function createOperationCostCache(
  { apiSchema, costModel }: LoadedSupergraph,
  { document, operation }: ParsedOperation,
): OperationCostCache {
  const names = (operation.variableDefinitions ?? [])
    .filter((definition) => canChangeCost(apiSchema, definition))
    .map(({ variable }) => variable.name.value);
  const costs = new LRUCache<string, number>({ max: MAX_COSTS_PER_OPERATION });
  return {
    getCost(variables) {
      const key = names.length === 0 ? '' : JSON.stringify(names.map((name) => toKeyPart(variables[name])));
      const known = costs.get(key);
      if (known !== undefined) return known;
      const cost = estimateCost(apiSchema, costModel, document, operation, variables);
      if (key.length <= MAX_COST_KEY_LENGTH) costs.set(key, cost);
      return cost;
    },
  };
}

/** JSON writes an absent value like null, but an argument without a value has its default. */
const toKeyPart = (value: unknown) => (value === undefined ? 0 : [value]);

/** Numbers are sizes of lists, booleans are conditions, and input objects can hold both. Other scalars have no part in a cost. */
function canChangeCost(schema: GraphQLSchema, { type }: VariableDefinitionNode): boolean {
  const inputType = typeFromAST(schema, type);
  const namedType = inputType && getNamedType(inputType);
  return isInputObjectType(namedType) || namedType?.name === 'Int' || namedType?.name === 'Boolean';
}

const createUnplannableError = (): GraphQLError =>
  createCodedError(
    'SUBSCRIPTION_NOT_SUPPORTED',
    'The subscription selects fields that its events do not carry and no subgraph can add. Remove these fields.',
  );

/**
 * The compiled plans of one operation by the values of its conditions (`@skip` and `@include`). Apollo's planner cannot
 * plan an operation for all values at once, see `evaluateSkipInclude`.
 */
interface OperationPlanCache {
  /**
   * Returns the compiled operation for variable values; plans and compiles it on first use.
   * @throws PlanningError if there is no plan
   * @throws GraphQLError with the code SUBSCRIPTION_NOT_SUPPORTED if a subscription field has no source of events
   */
  getPlannedOperation(variables: VariableValues): PlannedOperation;
  /** Whether the compiled operation for variable values is cached. */
  has(variables: VariableValues): boolean;
  /** Number of cached plans. */
  readonly size: number;
  /** The cached combinations of condition values, the most recently used one last. */
  readonly conditionValues: readonly VariableValues[];
}

/** Maximum number of combinations of condition values per operation. */
const MAX_PLANS_PER_OPERATION = 32;

interface CachedPlan {
  readonly compiled: Omit<PlannedOperation, 'variables'>;
  readonly renameVariables: RenameVariables | undefined;
  readonly conditionValues: VariableValues;
}

function createOperationPlanCache(
  supergraph: LoadedSupergraph,
  queryPlanner: QueryPlanner,
  { document, operation }: ParsedOperation,
): OperationPlanCache {
  const conditionVariables = listConditionVariables(document);
  const plans = new LRUCache<string, CachedPlan>({ max: MAX_PLANS_PER_OPERATION });

  const plan = (key: string, variables: VariableValues): CachedPlan => {
    const conditionValues = Object.fromEntries(
      conditionVariables.map((name) => [name, variables[name] === true]),
    );
    const operationPlan = queryPlanner.planOperation({
      document,
      operationName: operation.name?.value,
      conditionValues,
    });
    const { subscription, renameVariables } = operationPlan;
    const cachedPlan: CachedPlan = {
      compiled: {
        compiledOperation: compileOperation(supergraph, operationPlan),
        ...(subscription && { subscriptionPlan: subscription }),
      },
      renameVariables,
      conditionValues,
    };
    plans.set(key, cachedPlan);
    return cachedPlan;
  };

  const createKey = (variables: VariableValues): string =>
    conditionVariables.map((name) => (variables[name] === true ? '1' : '0')).join('');

  return {
    has: (variables) => plans.has(createKey(variables)),
    getPlannedOperation(variables) {
      const key = createKey(variables);
      const { compiled, renameVariables } = plans.get(key) ?? plan(key, variables);
      return { ...compiled, variables: renameVariables ? renameVariables(variables) : variables };
    },
    get size() {
      return plans.size;
    },
    get conditionValues() {
      return [...plans.values()].reverse().map(({ conditionValues }) => conditionValues);
    },
  };
}
