import { GRAPHQL_MAX_INT, GRAPHQL_MIN_INT, GraphQLError, isEnumType, type GraphQLLeafType } from 'graphql';
import { MAX_UNAUTHORIZED_ERRORS } from '../shared/client-access.js';
import type { ErrorCode } from '../shared/errors.js';
import {
  getJsonProperty,
  isJsonObject,
  type JsonContainer,
  type JsonObject,
  type JsonPath,
} from '../shared/json.js';
import type { VariableValues } from '../planning/query-planner.js';
import type { ResolveIntrospection } from './compile-introspection.js';
import type { FieldError, FieldErrorIndex } from './response-tree.js';

/** How an object of one type becomes an object of the client's response. */
export interface ObjectProjection {
  /** It is for objects whose concrete type is unknown. */
  readonly isAbstract: boolean;
  readonly fields: readonly FieldProjection[];
  /** An object with all client keys in response order, each null. */
  readonly emptyObject: Readonly<JsonObject>;
}

export interface FieldProjection {
  /** The key in the response tree. */
  readonly treeKey: string;
  /** The key in the client's response. */
  readonly clientKey: string;
  /** The schema coordinate for messages: `Type.field`. */
  readonly coordinate: string;
  readonly isNonNull: boolean;
  readonly value: ValueProjection | TypenameProjection | IntrospectionProjection | DeniedProjection;
}

/** The field `__schema` or `__type`. No subgraph is asked for it. */
export interface IntrospectionProjection {
  readonly kind: 'introspection';
  readonly resolve: ResolveIntrospection;
}

/** A field that is not fetched, because the client may not access it. */
export interface DeniedProjection {
  readonly kind: 'denied';
}

/** The field `__typename`. */
export interface TypenameProjection {
  readonly kind: 'typename';
  /** `undefined` if the concrete type is unknown. */
  readonly typeName: string | undefined;
}

export type ValueProjection =
  | { readonly kind: 'leaf'; readonly serialize: SerializeLeaf }
  | { readonly kind: 'list'; readonly element: ValueProjection; readonly isElementNonNull: boolean }
  | { readonly kind: 'object'; readonly projection: ObjectProjection }
  | {
      /** An interface or union. */
      readonly kind: 'abstract';
      /** @returns `undefined` if the API schema has no such type, or the field cannot return it */
      readonly getProjection: (typename: unknown) => ObjectProjection | undefined;
      /** One projection per possible object type. */
      readonly listProjections: () => readonly ObjectProjection[];
    };

/** Returns the client's value of an enum or scalar; `undefined` if the value is not one of the type. */
export type SerializeLeaf = (value: unknown) => unknown;

/** Serializes values that need no check. */
export const passUnchanged: SerializeLeaf = (value) => value;

const SCALAR_SERIALIZERS: ReadonlyMap<string, SerializeLeaf> = new Map<string, SerializeLeaf>([
  ['String', (value) => (typeof value === 'string' ? value : undefined)],
  ['Boolean', (value) => (typeof value === 'boolean' ? value : undefined)],
  [
    'Float',
    (value) => {
      if (typeof value === 'number') return value;
      return typeof value === 'bigint' ? Number(value) : undefined;
    },
  ],
  [
    'Int',
    (value) =>
      Number.isInteger(value) && (value as number) <= GRAPHQL_MAX_INT && (value as number) >= GRAPHQL_MIN_INT
        ? value
        : undefined,
  ],
  // Like graphql-js, which serializes integers of type ID as strings.
  [
    'ID',
    (value) => {
      if (typeof value === 'string') return value;
      return typeof value === 'bigint' || Number.isInteger(value) ? String(value) : undefined;
    },
  ],
]);

/** Creates the check of a leaf type. Custom scalars accept any JSON value, because only their subgraphs know them. */
export function createLeafSerializer(type: GraphQLLeafType): SerializeLeaf {
  if (isEnumType(type)) {
    const names = new Set<unknown>(type.getValues().map(({ name }) => name));
    return (value) => (names.has(value) ? value : undefined);
  }
  return SCALAR_SERIALIZERS.get(type.name) ?? passUnchanged;
}

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
interface LostValue {
  readonly error: FieldError;
  /** In client keys. */
  readonly path: JsonPath;
  /** Whether null propagates above it in the client's response because of it, and no error says why yet. */
  readonly isUnexplained?: boolean;
}

/**
 * Projects an object of the response tree: selects the client's fields, checks the values and adds errors.
 * @returns null if a non-null field is null; its error is in `state.errors`
 */
export function projectObject(
  projection: ObjectProjection,
  object: JsonObject,
  state: ProjectionState,
): JsonObject | null {
  if (state.sharedValues.size > 0 && state.fieldErrors === undefined && state.sharedValues.has(object)) {
    return projectSharedObject(projection, object, state);
  }
  return projectFields(projection, object, state);
}

/** Projects a shared object once. The result is not reused if it has errors, because errors have paths. */
function projectSharedObject(
  projection: ObjectProjection,
  object: JsonObject,
  state: ProjectionState,
): JsonObject | null {
  const projectedObjects = (state.projectedObjects ??= new Map<ObjectProjection, Map<object, JsonObject>>());
  const results = projectedObjects.get(projection) ?? new Map<object, JsonObject>();
  projectedObjects.set(projection, results);
  const existing = results.get(object);
  if (existing) return existing;
  const errorCount = countErrors(state);
  const result = projectFields(projection, object, state);
  if (result && countErrors(state) === errorCount) results.set(object, result);
  return result;
}

const countErrors = ({ errors, unauthorizedPaths }: ProjectionState): number =>
  errors.length + (unauthorizedPaths?.length ?? 0);

function projectFields(
  { fields, emptyObject }: ObjectProjection,
  object: JsonObject,
  state: ProjectionState,
): JsonObject | null {
  // A copy with all keys is faster than an object that grows field by field.
  const result: JsonObject = { ...emptyObject };
  const lostCount = state.lostValues?.length;
  for (const field of fields) {
    const value = projectField(field, object, state);
    if (value === null && field.isNonNull) {
      if (state.lostValues) explainNullObject(state, fields, object, field, lostCount);
      return null;
    }
    result[field.clientKey] = value;
  }
  return result;
}

/**
 * Called when an object is null because of a field. The values that it lost need no error then. If the field itself is one of
 * them, its failed sibling is reported.
 * @param lostCount the number of lost values before the object
 */
function explainNullObject(
  state: ProjectionState,
  fields: readonly FieldProjection[],
  object: JsonObject,
  nullField: FieldProjection,
  lostCount = 0,
): void {
  const lost = takeExplainedValues(state, lostCount).at(-1);
  if (lost?.path.length !== state.path.length + 1 || lost.path.at(-1) !== nullField.clientKey) return;
  const { originalError, failedSibling } = lost.error;
  const hasFailed = (error: FieldError) =>
    error.failedSibling === undefined && error.originalError === originalError;
  const failedIndex = fields.findIndex(
    ({ treeKey }) =>
      treeKey === failedSibling?.key && state.fieldErrors?.get(object, treeKey)?.some(hasFailed) === true,
  );
  const failedField = fields[failedIndex];
  if (failedField && failedIndex < fields.indexOf(nullField)) return;
  // What failed is in another element of a list above: the list knows it.
  if (!failedField && Array.isArray(failedSibling?.container)) {
    state.lostValues?.push({ ...lost, isUnexplained: true });
    return;
  }
  const errorCount = state.errors.length;
  if (failedField) projectField(failedField, object, state);
  if (state.errors.length === errorCount) addFieldError(state, lost.error, lost.path);
}

/** Removes the lost values from an index on, except those that are unexplained. @returns the removed ones */
function takeExplainedValues(state: ProjectionState, start: number): readonly LostValue[] {
  const lostValues = state.lostValues?.splice(start) ?? [];
  state.lostValues?.push(...lostValues.filter(({ isUnexplained }) => isUnexplained));
  return lostValues.filter(({ isUnexplained }) => !isUnexplained);
}

/**
 * Called when a list is null because an element is. If another element has failed, and cost this one its value, the error of the
 * failed one is reported.
 * @param lostCount the number of lost values before the list
 */
function explainNullList(
  state: ProjectionState,
  projection: ListProjection,
  values: unknown[],
  coordinate: string,
  lostCount: number,
): void {
  takeExplainedValues(state, lostCount);
  for (const lost of state.lostValues?.splice(lostCount) ?? []) {
    const { failedSibling } = lost.error;
    if (failedSibling?.container !== values || typeof failedSibling.key !== 'number') {
      state.lostValues?.push(lost);
      continue;
    }
    const errorCount = state.errors.length;
    projectElement(projection, values, failedSibling.key, coordinate, state);
    takeExplainedValues(state, lostCount);
    if (state.errors.length === errorCount) addFieldError(state, lost.error, lost.path);
  }
}

function projectField(field: FieldProjection, object: JsonObject, state: ProjectionState): unknown {
  const { value: projection } = field;
  if (projection.kind === 'typename' && projection.typeName !== undefined) return projection.typeName;
  if (projection.kind === 'introspection') return projection.resolve(state.variables) ?? null;
  // The tree can have a value: that of a key, which the plan fetches for itself.
  if (projection.kind === 'denied') {
    addUnauthorizedError(state, field.clientKey);
    return null;
  }
  const value = projection.kind === 'typename' ? null : getJsonProperty(object, field.treeKey);
  const hasError =
    state.fieldErrors !== undefined &&
    reportFieldErrors(state, object, field.treeKey, value, (path) => [
      field.clientKey,
      ...toClientPath(projection, path),
    ]);
  if (projection.kind === 'typename' || value === undefined || value === null) {
    if (field.isNonNull && !hasError) addNullError(state, field.coordinate, field.clientKey);
    return null;
  }
  if (projection.kind === 'leaf') {
    const leaf = projection.serialize(value);
    if (leaf !== undefined) return leaf;
    addTypeError(state, field.coordinate, value, field.clientKey);
    return null;
  }
  state.path.push(field.clientKey);
  const result = projectValue(projection, value, field.coordinate, state);
  state.path.pop();
  return result;
}

/** @param value neither undefined nor null */
function projectValue(
  projection: ValueProjection,
  value: unknown,
  coordinate: string,
  state: ProjectionState,
): unknown {
  if (projection.kind === 'leaf') {
    const leaf = projection.serialize(value);
    if (leaf !== undefined) return leaf;
  } else if (projection.kind === 'list') {
    if (Array.isArray(value)) return projectList(projection, value, coordinate, state);
  } else if (isJsonObject(value)) {
    // The __typename of an object type is ignored: a subgraph can have another name for a root type.
    const objectProjection =
      projection.kind === 'object' ? projection.projection : projection.getProjection(value['__typename']);
    const isTypeUnknown =
      objectProjection?.isAbstract === true && state.fieldErrors?.get(value, '__typename') !== undefined;
    if (objectProjection && !isTypeUnknown) return projectObject(objectProjection, value, state);
    if (reportUnknownType(projection, value, state)) return null;
  }
  addTypeError(state, coordinate, value);
  return null;
}

type ListProjection = Extract<ValueProjection, { kind: 'list' }>;

function projectList(
  projection: ListProjection,
  values: unknown[],
  coordinate: string,
  state: ProjectionState,
): unknown[] | null {
  const results: unknown[] = [];
  const lostCount = state.lostValues?.length ?? 0;
  for (let index = 0; index < values.length; index++) {
    const result = projectElement(projection, values, index, coordinate, state);
    if (result === null && projection.isElementNonNull) {
      if (state.lostValues) explainNullList(state, projection, values, coordinate, lostCount);
      return null;
    }
    results.push(result);
  }
  return results;
}

function projectElement(
  { element, isElementNonNull }: ListProjection,
  values: unknown[],
  index: number,
  coordinate: string,
  state: ProjectionState,
): unknown {
  const value = values[index];
  const hasError =
    state.fieldErrors !== undefined &&
    reportFieldErrors(state, values, index, value, (path) => [index, ...toClientPath(element, path)]);
  if (value === undefined || value === null) {
    if (isElementNonNull && !hasError) addNullError(state, coordinate, index);
    return null;
  }
  state.path.push(index);
  const result = projectValue(element, value, coordinate, state);
  state.path.pop();
  return result;
}

/**
 * Reports the errors because of which the type of an object is unknown.
 * @returns whether there are any
 */
function reportUnknownType(
  projection: CompositeValueProjection,
  object: JsonObject,
  state: ProjectionState,
): boolean {
  for (const { fields } of listProjections(projection)) {
    for (const { treeKey, clientKey, value } of fields) {
      const errors = state.fieldErrors?.get(object, treeKey);
      if (errors?.some(({ isAboutWholeFetch }) => !isAboutWholeFetch) !== true) continue;
      return reportFieldErrors(state, object, treeKey, undefined, (path) => [
        clientKey,
        ...toClientPath(value, path),
      ]);
    }
  }
  return reportFieldErrors(state, object, '__typename', undefined, () => []);
}

type CompositeValueProjection = Extract<ValueProjection, { kind: 'object' | 'abstract' }>;

/** One projection per possible object type. */
const listProjections = (projection: CompositeValueProjection): readonly ObjectProjection[] =>
  projection.kind === 'object' ? [projection.projection] : projection.listProjections();

/** Translates a path in tree keys to client keys, up to the first field that the client does not select. */
function toClientPath(projection: FieldProjection['value'], path: JsonPath): JsonPath {
  const [step, ...rest] = path;
  if (step === undefined) return [];
  if (projection.kind === 'list') {
    return typeof step === 'number' ? [step, ...toClientPath(projection.element, rest)] : [];
  }
  if (projection.kind !== 'object' && projection.kind !== 'abstract') return [];
  for (const { fields } of listProjections(projection)) {
    const field = fields.find(({ treeKey }) => treeKey === step);
    if (field) return [field.clientKey, ...toClientPath(field.value, rest)];
  }
  return [];
}

/**
 * Adds the errors of a position in the response tree to the response.
 * @param value the value at the position
 * @param toClientPathBelow translates the remaining path of an error to client keys, beginning with the key of the position
 * @returns whether the position has any errors
 */
function reportFieldErrors(
  state: ProjectionState,
  container: JsonContainer,
  key: string | number,
  value: unknown,
  toClientPathBelow: (remainingPath: JsonPath) => JsonPath,
): boolean {
  const errors = state.fieldErrors?.get(container, key);
  if (!errors) return false;
  const hasNoValue = value === undefined || value === null;
  let lostValue: LostValue | undefined;
  let hasOwnError = false;
  for (const error of errors) {
    const { reportedPathLength, fallbackPathLength } = error;
    if (error.isAboutWholeFetch && !hasNoValue) {
      if (fallbackPathLength !== undefined) {
        state.fallbackPaths ??= new Map<FieldError, JsonPath>();
        if (!state.fallbackPaths.has(error)) {
          state.fallbackPaths.set(error, state.path.slice(0, fallbackPathLength));
        }
      }
      continue;
    }
    if (error.failedSibling !== undefined) {
      lostValue ??= { error, path: [...state.path, ...toClientPathBelow([])] };
      continue;
    }
    hasOwnError = true;
    const isReportedOnce = reportedPathLength !== undefined || fallbackPathLength !== undefined;
    if (!isReportedOnce || !state.reportedErrors?.has(error)) {
      const path =
        reportedPathLength === undefined
          ? [...state.path, ...toClientPathBelow(error.remainingPath)]
          : state.path.slice(0, reportedPathLength);
      addFieldError(state, error, path);
    }
    (state.reportedErrors ??= new Set()).add(error);
  }
  if (lostValue && !hasOwnError) (state.lostValues ??= []).push(lostValue);
  return true;
}

/** Adds the errors of the nulls that a subgraph's null propagation caused, and that the client's response has. */
export function reportLostValues(state: ProjectionState): void {
  for (const { error, path } of state.lostValues ?? []) addFieldError(state, error, path);
}

/**
 * Adds the errors that lead to no field and are not in the response yet. The error of a response that several fetches share
 * is added once.
 */
export function reportErrorsWithoutPosition(state: ProjectionState): void {
  const hasNoField = ({ fallbackPathLength }: FieldError) => fallbackPathLength !== undefined;
  const reported = (state.reportedErrors ??= new Set());
  const originalErrors = new Set([...reported].filter(hasNoField).map(({ originalError }) => originalError));
  for (const error of state.fieldErrors?.all ?? []) {
    if (!hasNoField(error) || reported.has(error)) continue;
    reported.add(error);
    if (originalErrors.has(error.originalError)) continue;
    originalErrors.add(error.originalError);
    const path = state.fallbackPaths?.get(error) ?? [];
    addFieldError(state, error, path.length > 0 ? path : undefined);
  }
}

function addFieldError(
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

function addUnauthorizedError(state: ProjectionState, clientKey: string): void {
  const paths = (state.unauthorizedPaths ??= []);
  if (paths.length < MAX_UNAUTHORIZED_ERRORS) paths.push([...state.path, clientKey]);
}

/** With the message of graphql-js. */
const addNullError = (state: ProjectionState, coordinate: string, ...pathBelow: JsonPath): void =>
  addResponseError(state, `Cannot return null for non-nullable field ${coordinate}.`, pathBelow);

/** @param value the value of the wrong type */
function addTypeError(
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
