import type { FormattedExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql';
import { createUnauthorizedError } from '../shared/errors.js';
import type { JsonPath } from '../shared/json.js';
import { selectLogger, type StructuredLogger } from '../shared/logger.js';
import type { CompiledOperation } from './compile-operation.js';
import type { ExecutionEnvironment, ExecutionRequest, ExecutionState } from './execution-state.js';
import { reportLostValues } from './lost-values.js';
import type { ProjectionState } from './projection-state.js';
import { reportErrorsWithoutPosition } from './report-field-errors.js';
import { projectObject } from './response-projection.js';
import { rebuildFieldErrorIndex, type FieldErrorIndex } from './response-tree.js';

/** Projects the data of an execution to the client's response. */
export function projectResponse(
  { responseProjection, reportedPaths }: Pick<CompiledOperation, 'responseProjection' | 'reportedPaths'>,
  state: ExecutionState,
  request: ExecutionRequest,
  environment: ExecutionEnvironment,
): FormattedExecutionResult {
  const projectionState = createProjectionState(state, rebuildFieldErrorIndex(state), [], state.sharedValues);
  const data = projectObject(responseProjection, state.data, projectionState);
  if (projectionState.fieldErrors) {
    reportLostValues(projectionState);
    reportErrorsWithoutPosition(projectionState);
    logUnreportedErrors(projectionState, selectLogger(request.context, environment.logger));
  }
  const { errors, extensions } = completeErrors(projectionState, reportedPaths, request, environment);
  if (errors.length === 0) return extensions ? { data, extensions } : { data };
  return {
    errors: errors.map((error) => request.formatError(error)),
    data,
    ...(extensions && { extensions }),
  };
}

/**
 * @param path of the object to project, in client keys
 * @param sharedValues the objects and lists that may be projected once for all positions
 */
export const createProjectionState = (
  { variables, toClientServiceName }: ExecutionState,
  fieldErrors: FieldErrorIndex | undefined,
  path: (string | number)[],
  sharedValues: ReadonlySet<object>,
): ProjectionState => ({
  variables,
  path,
  errors: [],
  unauthorizedPaths: undefined,
  fieldErrors,
  reportedErrors: undefined,
  lostValues: undefined,
  fallbackPaths: undefined,
  mistypedValues: undefined,
  toClientServiceName,
  sharedValues,
  projectedObjects: undefined,
});

/** The errors of a response, and the extensions with those of fields that the client may not access, if they belong there. */
export interface CompletedErrors {
  readonly errors: readonly GraphQLError[];
  readonly extensions: { readonly authorizationErrors: readonly GraphQLFormattedError[] } | undefined;
}

/**
 * Adds the errors of fields that the client may not access, and logs values of the wrong type.
 * @param reportedPaths the paths that it may not access, if the operation is executed unchanged
 */
export function completeErrors(
  { errors, unauthorizedPaths, mistypedValues }: ProjectionState,
  reportedPaths: readonly JsonPath[],
  { context, formatError }: ExecutionRequest,
  { logger, loggedMistypedFields, unauthorizedErrorLocation = 'errors' }: ExecutionEnvironment,
): CompletedErrors {
  if (mistypedValues) logMistypedValues(mistypedValues, selectLogger(context, logger), loggedMistypedFields);
  const paths = unauthorizedPaths ?? reportedPaths;
  const extensions =
    paths.length > 0 && unauthorizedErrorLocation !== 'disabled'
      ? addUnauthorizedErrors(paths, unauthorizedErrorLocation, errors, formatError)
      : undefined;
  return { errors, extensions };
}

/**
 * Reports the fields that the client may not access.
 * @param errors receives the errors, if they belong there
 * @returns the extensions of the response, if the errors belong there
 */
function addUnauthorizedErrors(
  paths: readonly JsonPath[],
  location: 'errors' | 'extensions',
  errors: GraphQLError[],
  formatError: ExecutionRequest['formatError'],
): { readonly authorizationErrors: readonly GraphQLFormattedError[] } | undefined {
  const unauthorizedErrors = paths.map((path) => createUnauthorizedError(path));
  if (location === 'extensions')
    return { authorizationErrors: unauthorizedErrors.map((error) => formatError(error)) };
  errors.push(...unauthorizedErrors);
  return undefined;
}

/**
 * Logs the errors that are not in the response. They can be why selected fields are null. For the errors below one propagated
 * null, GraphQL asks for a single error.
 */
export function logUnreportedErrors(
  { fieldErrors, reportedErrors }: ProjectionState,
  logger: StructuredLogger,
): void {
  for (const error of fieldErrors?.all ?? []) {
    if (reportedErrors?.has(error) === true || error.failedSibling !== undefined) continue;
    logger.debug(
      { error },
      'error that is not in the response: the client did not select its field, or another error explains the null above it',
    );
  }
}

/** Logs values of the wrong type, once for each field: their subgraph or its schema has to be corrected. */
function logMistypedValues(
  values: ReadonlyMap<string, unknown>,
  logger: StructuredLogger,
  loggedFields = new Set<string>(),
): void {
  for (const [field, value] of values) {
    if (loggedFields.has(field)) continue;
    loggedFields.add(field);
    // A text or an object may be confidential. A number shows that it is too large for an Int.
    const received = typeof value === 'number' ? value : typeof value;
    logger.warn(
      { field, received },
      'a subgraph returned a value of the wrong type; clients receive null and an error',
    );
  }
}
