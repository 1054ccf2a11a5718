import { getVariableValues, GraphQLError, OperationTypeNode } from 'graphql';
import { LRUCache } from 'lru-cache';
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
export interface PreparedRequest extends ParsedOperation, PlannedOperation {
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

/** Prepares requests for one supergraph: parses, validates, plans and compiles each distinct operation once. */
export interface RequestPreparer {
  /** Never throws. */
  prepare(request: GraphQLRequest): PreparedRequest | RejectedRequest;
  /** Plans an operation before it is requested. Its errors are ignored: `prepare` will return them. */
  warm(cachedOperation: CachedOperation): void;
  /** Lists cached operations, the most recently used one last. */
  listRecentOperations(maxCount: number): readonly CachedOperation[];
}

interface CacheEntry {
  readonly request: CachedOperation['request'];
  readonly parsedOperation: ParsedOperation;
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
  const operations = new LRUCache<string, CacheEntry>({ max: maxCachedOperations });

  const getOrParse = ({ query, operationName }: GraphQLRequest): CacheEntry | RejectedRequest => {
    const name = operationName ?? undefined;
    // The separator cannot occur in a valid name or document.
    const key = name === undefined ? query : `${name}\0${query}`;
    const cached = operations.get(key);
    if (cached) return cached;
    const parsedOperation = parseOperation(supergraph.apiSchema, query, name, parseOptions);
    if (!('document' in parsedOperation)) return { errors: parsedOperation };
    const entry: CacheEntry = {
      request: { query, operationName: name },
      parsedOperation,
      planCache: createOperationPlanCache(supergraph, queryPlanner, parsedOperation),
    };
    operations.set(key, entry);
    return entry;
  };

  return {
    prepare(request) {
      try {
        const entry = getOrParse(request);
        if ('errors' in entry) return entry;
        const { document, operation } = entry.parsedOperation;
        const { errors, coerced } = getVariableValues(
          supergraph.apiSchema,
          operation.variableDefinitions ?? [],
          request.variables ?? {},
          { maxErrors: MAX_VARIABLE_ERRORS, hideSuggestions: parseOptions.hideSuggestions },
        );
        if (errors) return { errors: errors.map((error) => addDefaultErrorCode(error, 'BAD_USER_INPUT')) };
        return {
          ...entry.planCache.getPlannedOperation(coerced),
          document,
          operation,
          supergraph,
          originalRequest: request,
        };
      } catch (error) {
        if (error instanceof GraphQLError) return { errors: [error] };
        logger.error({ err: error, query: request.query }, 'operation cannot be planned');
        const isSubscription =
          error instanceof PlanningError && error.operationType === OperationTypeNode.SUBSCRIPTION;
        return { errors: [isSubscription ? createUnplannableError() : createInternalError(error)] };
      }
    },
    warm({ request, conditionValues }) {
      try {
        const entry = getOrParse(request);
        if ('errors' in entry) return;
        for (const values of conditionValues) entry.planCache.getPlannedOperation(values);
      } catch {
        // `prepare` returns the error to the client that sends the operation.
      }
    },
    listRecentOperations: (maxCount) =>
      [...operations.values()]
        .slice(0, maxCount)
        .reverse()
        .map(({ request, planCache }) => ({ request, conditionValues: planCache.conditionValues })),
  };
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

  return {
    getPlannedOperation(variables) {
      const key = conditionVariables.map((name) => (variables[name] === true ? '1' : '0')).join('');
      const { compiled, renameVariables } = plans.get(key) ?? plan(key, variables);
      return { ...compiled, variables: renameVariables ? renameVariables(variables) : variables };
    },
    get conditionValues() {
      return [...plans.values()].reverse().map(({ conditionValues }) => conditionValues);
    },
  };
}
