import type { FormattedExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql';
import type { OperationContext } from '../shared/operation-context.js';
import type { VariableValues } from '../planning/query-planner.js';
import type { Logger } from '../shared/logger.js';
import type { CompiledOperation } from './compile-operation.js';
import type { ExecutionEnvironment, ExecutionState } from './execution-state.js';
import { rebuildFieldErrorIndex } from './field-errors.js';
import { projectObject, reportErrorsWithoutPosition, type ProjectionState } from './response-projection.js';

/** The part of a client's request that differs between executions of a compiled operation. */
export interface ExecutionRequest {
  /** Coerced, with defaults, under the names that the plan uses. */
  readonly variables: VariableValues;
  readonly context: OperationContext;
  readonly formatError: (error: GraphQLError) => GraphQLFormattedError;
}

/**
 * Executes the plan of an operation and projects the fetched data to the client's response. Never rejects: failures are in
 * the errors of the response.
 */
export async function executeOperation(
  { typeConditions, executePlan, introspect, responseProjection }: CompiledOperation,
  { variables, context, formatError }: ExecutionRequest,
  {
    dataSources,
    inFlightRequests,
    maxEntitiesPerFetch = 1_000,
    toClientServiceName = (serviceName) => serviceName,
    logger,
  }: ExecutionEnvironment,
): Promise<FormattedExecutionResult> {
  const state: ExecutionState = {
    typeConditions,
    data: {},
    sharedValues: new Set(),
    fieldErrors: undefined,
    addedErrors: [],
    entityCache: undefined,
    entityFetchProgress: undefined,
    requestedEntityCount: 0,
    isRepeatedStage: false,
    variables,
    context,
    dataSources,
    inFlightRequests,
    maxEntitiesPerFetch,
    toClientServiceName,
    logger,
  };
  await executePlan?.(state);
  if (introspect) Object.assign(state.data, introspect(variables));

  const projectionState: ProjectionState = {
    path: [],
    errors: [],
    fieldErrors: rebuildFieldErrorIndex(state),
    reportedErrors: undefined,
    toClientServiceName,
    sharedValues: state.sharedValues,
    projectedObjects: undefined,
  };
  const data = projectObject(responseProjection, state.data, projectionState);
  if (projectionState.fieldErrors) {
    reportErrorsWithoutPosition(projectionState);
    logUnreportedErrors(projectionState, context.logger?.() ?? logger);
  }
  const { errors } = projectionState;
  if (errors.length === 0) return { data };
  return { errors: errors.map((error) => formatError(error)), data };
}

/** Logs the errors of fields that the client did not select. They can be why selected fields are null. */
function logUnreportedErrors({ fieldErrors, reportedErrors }: ProjectionState, logger: Logger): void {
  for (const error of fieldErrors?.all ?? []) {
    if (!reportedErrors?.has(error))
      logger.debug({ error }, 'error in a field that the client did not select');
  }
}
