import {
  createRequestPreparer,
  type GraphQLRequest,
  type RejectedRequest,
} from './operations/request-preparer.js';
import { DEFAULT_OPERATION_LIMITS } from './operations/operation-limits.js';
import { createApolloQueryPlanner } from './planning/apollo-query-planner.js';
import { resolvePlanningOptions } from './planning/planning-options.js';
import { toStructuredLogger, type Logger } from './shared/logger.js';
import { loadSupergraph } from './supergraph/load-supergraph.js';
import { parseSupergraph } from './supergraph/supergraph-document.js';
import type { QueryPlan } from './planning/query-plan.js';

/** Options of {@link explainOperation}. */
export interface ExplainOperationOptions extends GraphQLRequest {
  /** The composed supergraph, as for `createExecutor`. */
  readonly supergraphSdl: string;
  /** Receives the reasons of internal errors. */
  readonly logger: Logger;
}

/** What an executor would do with an operation. */
export interface OperationExplanation {
  readonly queryPlan: QueryPlan;
  /** The estimated cost with the given variables (https://ibm.github.io/graphql-specs/cost-spec.html). */
  readonly cost: number;
}

/**
 * Plans an operation without executing it, in the calling thread.
 * @returns the errors of an operation that cannot be executed
 * @throws Error if the supergraph is invalid; GraphQLError BAD_USER_INPUT if the cost cannot be estimated
 */
export async function explainOperation({
  supergraphSdl,
  ...options
}: ExplainOperationOptions): Promise<OperationExplanation | RejectedRequest> {
  const logger = toStructuredLogger(options.logger);
  const document = parseSupergraph(supergraphSdl);
  const queryPlanner = createApolloQueryPlanner(
    {
      ...resolvePlanningOptions({ planWorkers: 0 }),
      supergraphSdl,
      eventSources: {},
      canSubscribe: () => true,
      logger,
    },
    document,
  );
  const preparer = createRequestPreparer(loadSupergraph(document, queryPlanner), queryPlanner, {
    ...DEFAULT_OPERATION_LIMITS,
    hideSuggestions: false,
    introspection: true,
    maxCachedOperations: 1,
    // There is no client. The plan is that of one who may access everything.
    authorization: { dryRun: true, logErrors: false },
    logger,
  });
  const prepared = await preparer.prepare(options);
  if ('errors' in prepared) return prepared;
  return { queryPlan: prepared.queryPlan, cost: prepared.estimateCost() };
}
