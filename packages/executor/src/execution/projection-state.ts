import { GraphQLError } from 'graphql';
import { MAX_UNAUTHORIZED_ERRORS } from '../shared/client-access.js';
import type { ErrorCode } from '../shared/errors.js';
import type { JsonObject, JsonPath } from '../shared/json.js';
import type { VariableValues } from '../planning/query-planner.js';
import type { ObjectProjection } from './object-projection.js';
import type { FieldError, FieldErrorIndex } from './response-tree.js';

/** The state of the projection of one response. */
export interface ProjectionState {
  /** As in the execution: coerced, with defaults. */
  readonly variables: VariableValues;
  /** The path of the present value, in client keys. */
  readonly path: (string | number)[];
  /** The errors of the response so far. */
  readonly errors: GraphQLError[];
  /** The paths of the fields that the client may not access. Created for the first one; it has a maximum length. */
  unauthorizedPaths: JsonPath[] | undefined;
  readonly fieldErrors: FieldErrorIndex | undefined;
  /** The field errors that are in `errors`. Created for the first one. */
  reportedErrors: Set<FieldError> | undefined;
  /**
   * The nulls so far that have no error of their own, because the subgraph propagated the null of a failed sibling. They are
   * reported unless null propagates above them in the client's response too. Created for the first one.
   */
  lostValues: LostValue[] | undefined;
  /** The paths of errors that lead to no field and explain no null so far. Created for the first one. */
  fallbackPaths: Map<FieldError, JsonPath> | undefined;
  /** The values of the wrong type, by the schema coordinates of their fields. Created for the first one. */
  mistypedValues: Map<string, unknown> | undefined;
  readonly toClientServiceName: (serviceName: string) => string;
  /** Objects and lists that occur at several positions of the response tree. */
  readonly sharedValues: ReadonlySet<object>;
  /** The projected shared objects. Created for the first one. */
  projectedObjects: Map<ObjectProjection, Map<object, JsonObject>> | undefined;
}

/** A null that a subgraph's null propagation caused. */
export interface LostValue {
  readonly error: FieldError;
  /** In client keys. */
  readonly path: JsonPath;
}

export function addFieldError(
  { errors, toClientServiceName }: ProjectionState,
  { message, extensions, serviceName, originalError }: FieldError,
  path: JsonPath | undefined,
): void {
  const service = serviceName !== undefined && { serviceName: toClientServiceName(serviceName) };
  // As @apollo/gateway says it.
  const defaultMessage = `Error while fetching subquery from service "${service ? service.serviceName : ''}"`;
  errors.push(
    new GraphQLError(message || defaultMessage, {
      path,
      extensions: { ...extensions, ...service },
      // Typed as an Error, but graphql-js takes any object.
      originalError: originalError as Error | undefined,
    }),
  );
}

export function addUnauthorizedError(state: ProjectionState, clientKey: string): void {
  const paths = (state.unauthorizedPaths ??= []);
  if (paths.length < MAX_UNAUTHORIZED_ERRORS) paths.push([...state.path, clientKey]);
}

/** With the message of graphql-js. */
export const addNullError = (state: ProjectionState, coordinate: string, ...pathBelow: JsonPath): void =>
  addResponseError(state, `Cannot return null for non-nullable field ${coordinate}.`, pathBelow);

/** @param value the value of the wrong type */
export function addTypeError(
  state: ProjectionState,
  coordinate: string,
  value: unknown,
  ...pathBelow: JsonPath
): void {
  (state.mistypedValues ??= new Map<string, unknown>()).set(coordinate, value);
  addResponseError(state, `A subgraph returned a value of the wrong type for ${coordinate}.`, pathBelow);
}

function addResponseError({ path, errors }: ProjectionState, message: string, pathBelow: JsonPath): void {
  const code: ErrorCode = 'SUBGRAPH_BAD_RESPONSE';
  errors.push(new GraphQLError(message, { path: [...path, ...pathBelow], extensions: { code } }));
}
