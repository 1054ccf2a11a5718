import { setImmediate } from 'node:timers/promises';
import { GraphQLError } from 'graphql';
import type { PlanningCaller, QueryPlanner, VariableValues } from '../planning/query-planner.js';
import { evaluateDeferConditions } from '../planning/defer-conditions.js';
import { evaluateOverrideLabels } from '../planning/override-conditions.js';
import { renameVariableValues } from '../planning/rename-colliding-names.js';
import type { AuthorizationOptions, ClientAccess } from '../shared/client-access.js';
import { createInternalError } from '../shared/errors.js';
import type { AbortSignalLike } from '../shared/light-abort-signal.js';
import type { StructuredLogger } from '../shared/logger.js';
import type { LoadedSupergraph } from '../supergraph/load-supergraph.js';
import { createAccessDecider } from './access-decider.js';
import { createVariableCoercion } from './coerce-variables.js';
import type { AccessDecision } from './operation-access.js';
import {
  createOperationCache,
  type CachedOperation,
  type OperationCacheStatistics,
  type OperationEntry,
} from './operation-cache.js';
import { checkVariableValues } from './operation-limits.js';
import type { CachedPlan } from './operation-plan-cache.js';
import type { ParsedOperation, ParseOperationOptions } from './parse-operation.js';

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
export interface PlannedOperation extends Pick<
  CachedPlan,
  'compiledOperation' | 'queryPlan' | 'subscriptionPlan'
> {
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
  /** What the client may access; used to prepare the request again. */
  readonly access: ClientAccess | undefined;
  /**
   * Equal for clients to which the operation gives the same data, as far as authorization directives decide it. `undefined` if
   * they do not apply to the operation.
   */
  readonly accessKey: string | undefined;
  /** Whether the operation was planned for this request. No subgraph knows its documents yet. */
  readonly isNew: boolean;
}

/** A request that cannot be executed: its document, operation name or variables are invalid, or it has no plan. */
export interface RejectedRequest {
  /** At least one. Each has an `extensions.code`. */
  readonly errors: readonly GraphQLError[];
}

export interface RequestPreparerOptions extends ParseOperationOptions, OverrideOptions {
  /** Maximum number of cached operations; at least 1. */
  readonly maxCachedOperations: number;
  /** Maximum size of the cached operations in bytes, as estimated. @default 134_217_728 // 128 MiB */
  readonly maxCachedBytes?: number;
  readonly authorization?: AuthorizationOptions | undefined;
  readonly logger: StructuredLogger;
}

/** How progressive overrides of fields are decided: `@override(from:, label:)`. */
export interface OverrideOptions {
  /**
   * Whether the new subgraph resolves the fields with a label for a request; `undefined` for the default. Called for each request
   * whose operation can use such a field.
   * @default `percent(5)` is active for 5 % of the requests; other labels are inactive
   */
  readonly isOverrideActive?:
    ((label: string, client: RequestingClient | undefined) => boolean | undefined) | undefined;
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
  /** What the client may access, for authorization directives. @default nothing that has one of them */
  readonly access?: ClientAccess | undefined;
  /** Whether the client accepts a response in parts. Otherwise fields behind `@defer` are in the response with all others. @default false */
  readonly acceptsParts?: boolean | undefined;
  /**
   * Called for a document that is parsed and not yet validated, because validation is expensive. It need not be called for
   * operations that are known: `authorize` decides.
   * @param rootFieldNames the names (not aliases) of the root fields, including those in fragments
   */
  authorizeRootFields?(rootFieldNames: readonly string[]): void;
  /** Called for each valid operation, before it is planned. */
  authorize?(operation: ValidOperation): void;
  /** Called if the operation has no plan yet. @returns a function that is called when it is planned, or rejected */
  startPlanning?(): (() => void) | undefined;
}

/** Prepares requests for one supergraph: parses, validates, plans and compiles each distinct operation once. */
export interface RequestPreparer {
  /** Whether the operation of a request is known. One that is not is parsed and validated first, which takes a millisecond or more. */
  isKnown(request: GraphQLRequest): boolean;
  /**
   * @returns a promise if the operation must be planned by a worker, or its policies are evaluated asynchronously
   * @throws what the methods of the client throw, and nothing else; as a rejection if policies are evaluated asynchronously
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
  readonly cacheStatistics: OperationCacheStatistics;
}

const NO_UNMET_REQUIREMENTS: readonly string[] = [];

/** Creates a request preparer with an LRU cache of operations. */
export function createRequestPreparer(
  supergraph: LoadedSupergraph,
  queryPlanner: QueryPlanner,
  {
    maxCachedOperations,
    maxCachedBytes,
    isOverrideActive,
    authorization = {},
    logger,
    ...parseOptions
  }: RequestPreparerOptions,
): RequestPreparer {
  const coerce = createVariableCoercion(supergraph.apiSchema, parseOptions.hideSuggestions);
  const accessDecider = createAccessDecider(authorization, logger);

  const reject = (error: unknown, { query }: GraphQLRequest): RejectedRequest => {
    if (error instanceof GraphQLError) return { errors: [error] };
    logger.error(
      { err: error, query: query.slice(0, MAX_LOGGED_QUERY_LENGTH) },
      'operation cannot be planned',
    );
    return { errors: [createInternalError(error)] };
  };

  const operations = createOperationCache(supergraph, queryPlanner, {
    ...parseOptions,
    maxCachedOperations,
    maxCachedBytes,
    isDryRun: authorization.dryRun ?? false,
    reject: (error, query) => reject(error, { query }),
  });

  /** Adds the variable values of a request to its operation. @throws only unexpected errors */
  const coerceVariables = (
    entry: OperationEntry,
    { variables }: GraphQLRequest,
  ): ValidEntry | RejectedRequest => {
    const result = coerce(entry.parsedOperation.operation, variables ?? {});
    if ('errors' in result) return result;
    const { coerced } = result;
    return { entry, variables: coerced, estimateCost: () => entry.costCache.getCost(coerced) };
  };

  /** Parses, validates and plans an operation. @returns whether it is in the cache */
  const planOperation = async ({ request, variants }: CachedOperation): Promise<boolean> => {
    try {
      const entry = operations.getOrParse(request);
      if ('errors' in entry) return false;
      const { planCache, access } = entry;
      for (const { conditionValues, unmetRequirements } of variants) {
        // Another supergraph can have other requirements.
        const unmet = unmetRequirements.filter((key) => access?.hasRequirement(key));
        if (!planCache.get(conditionValues, unmet)) await planCache.plan(conditionValues, unmet, {});
        operations.updateSize(entry);
      }
      return true;
    } catch {
      // `prepare` returns the error to the client that sends the operation.
      return false;
    }
  };

  const complete = (
    { entry, variables, estimateCost }: ValidEntry,
    { compiledOperation, queryPlan, subscriptionPlan, renamedVariable }: CachedPlan,
    request: Pick<PreparedRequest, 'originalRequest' | 'access' | 'accessKey' | 'isNew'>,
  ): PreparedRequest => ({
    compiledOperation,
    queryPlan,
    ...(subscriptionPlan && { subscriptionPlan }),
    variables: renamedVariable ? renameVariableValues(variables, renamedVariable) : variables,
    document: entry.parsedOperation.document,
    operation: entry.parsedOperation.operation,
    estimateCost,
    supergraph,
    originalRequest: request.originalRequest,
    access: request.access,
    accessKey: request.accessKey,
    isNew: request.isNew,
  });

  /** The variables of a request, with which labels of `@override` and which `@defer` are active for it. */
  const addConditions = (
    { entry: { planCache }, variables }: ValidEntry,
    client: RequestingClient | undefined,
  ): VariableValues => {
    const { overrideLabels, deferConditions } = planCache;
    const isDeferred = deferConditions.length > 0 && client?.acceptsParts === true;
    if (overrideLabels.length === 0 && !isDeferred) return variables;
    const isActive = isOverrideActive && ((label: string) => isOverrideActive(label, client));
    return {
      ...variables,
      ...(overrideLabels.length > 0 && evaluateOverrideLabels(overrideLabels, isActive)),
      ...(isDeferred && evaluateDeferConditions(deferConditions, variables)),
    };
  };

  const planAndComplete = (
    valid: ValidEntry,
    conditions: VariableValues,
    request: GraphQLRequest,
    caller: RequestingClient,
    decision: AccessDecision | undefined,
  ) => {
    const { entry } = valid;
    const { unmetRequirements = NO_UNMET_REQUIREMENTS, key: accessKey } = decision ?? {};
    const finish = (plan: CachedPlan): PreparedRequest => {
      operations.updateSize(entry);
      const { access } = caller;
      return complete(valid, plan, { originalRequest: request, access, accessKey, isNew: true });
    };
    const endPlanning = caller.startPlanning?.();
    let plan: CachedPlan | Promise<CachedPlan>;
    try {
      plan = entry.planCache.plan(conditions, unmetRequirements, caller);
    } catch (error) {
      endPlanning?.();
      throw error;
    }
    if (!(plan instanceof Promise)) {
      endPlanning?.();
      return finish(plan);
    }
    const prepared = plan.then(finish).catch((error: unknown) => reject(error, request));
    return endPlanning ? prepared.finally(endPlanning) : prepared;
  };

  /** @returns the errors of an operation that is not executed, because of what its client may not access */
  const rejectUnauthorized = (
    { entry, variables }: ValidEntry,
    { unmetRequirements }: AccessDecision,
  ): RejectedRequest | undefined => {
    const { access, parsedOperation } = entry;
    if (!access) return undefined;
    const errors = accessDecider.findErrors(access, parsedOperation.operation, unmetRequirements, variables);
    operations.updateSize(entry);
    return errors && { errors };
  };

  /** @throws what `authorize` of the client throws, and nothing else */
  const authorizeAndPlan = (
    valid: ValidEntry,
    request: GraphQLRequest,
    client: RequestingClient | undefined,
    decision: AccessDecision | undefined,
  ): PreparedRequest | RejectedRequest | Promise<PreparedRequest | RejectedRequest> => {
    const { entry, variables, estimateCost } = valid;
    const { unmetRequirements = NO_UNMET_REQUIREMENTS, key: accessKey } = decision ?? {};
    const rejected =
      decision && unmetRequirements.length > 0 ? rejectUnauthorized(valid, decision) : undefined;
    let conditions: VariableValues;
    try {
      conditions = addConditions(valid, client);
    } catch (error) {
      return reject(error, request);
    }
    const plan = entry.planCache.get(conditions, unmetRequirements);
    if (client?.authorize) {
      const { document, operation } = entry.parsedOperation;
      const isPlanned = plan !== undefined || rejected !== undefined;
      client.authorize({ document, operation, variables, estimateCost, isPlanned });
    }
    if (rejected) return rejected;
    try {
      if (plan) {
        const access = client?.access;
        return complete(valid, plan, { originalRequest: request, access, accessKey, isNew: false });
      }
      return planAndComplete(valid, conditions, request, client ?? {}, decision);
    } catch (error) {
      return reject(error, request);
    }
  };

  return {
    get cacheStatistics() {
      return operations.statistics;
    },
    isKnown: (request) => operations.has(request),
    prepare(request, client) {
      const limitError = checkVariableValues(request.variables ?? {}, parseOptions);
      if (limitError) return { errors: [limitError] };
      const entry = operations.getOrParse(request, client);
      if ('errors' in entry) return entry;
      let valid: ValidEntry | RejectedRequest;
      try {
        valid = coerceVariables(entry, request);
      } catch (error) {
        return reject(error, request);
      }
      if ('errors' in valid) return valid;
      if (!entry.access) return authorizeAndPlan(valid, request, client, undefined);
      let decision: AccessDecision | Promise<AccessDecision>;
      try {
        decision = accessDecider.decide(entry.access, client?.access);
      } catch (error) {
        return { errors: [accessDecider.explainFailure(error)] };
      }
      if (!(decision instanceof Promise)) return authorizeAndPlan(valid, request, client, decision);
      const validEntry = valid;
      return decision.then(
        (evaluated) => authorizeAndPlan(validEntry, request, client, evaluated),
        (error: unknown) => ({ errors: [accessDecider.explainFailure(error)] }),
      );
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
      for (const { request } of planned.reverse()) operations.getOrParse(request);
    },
    listRecentOperations: (maxCount) => operations.listRecent(maxCount),
  };
}

/** A valid operation with its caches. */
interface ValidEntry extends Pick<ValidOperation, 'variables' | 'estimateCost'> {
  readonly entry: OperationEntry;
}

/** Longer queries are cut in log lines. */
const MAX_LOGGED_QUERY_LENGTH = 2_000;
