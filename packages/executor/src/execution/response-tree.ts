import type { SubgraphError } from '../data-sources/data-source.js';
import type { FetchSelection } from '../planning/fetch-selection.js';
import { EVERY_ELEMENT, type PlanPath, type TypeConditionStep } from '../planning/query-planner.js';
import {
  cloneJson,
  getJsonProperty,
  getOwnValue,
  isJsonObject,
  type JsonContainer,
  type JsonObject,
  type JsonPath,
} from '../shared/json.js';
import type { TypeConditionEvaluator } from '../supergraph/load-supergraph.js';

/**
 * The response tree holds the data of all fetches of one execution. An entity that occurs at several positions is one
 * object that these positions share. It is copied before the data at one position changes.
 */
export interface ResponseTree extends FieldErrorRecords {
  readonly typeConditions: TypeConditionEvaluator;
  readonly data: JsonObject;
  /** The objects and lists that occur at more than one position. */
  readonly sharedValues: Set<object>;
}

/**
 * Finds the objects at a path of the tree.
 * @returns each shared object once
 */
export function findObjectsAt({ data, sharedValues }: ResponseTree, path: PlanPath): JsonObject[] {
  const objects: JsonObject[] = [];
  // Only shared values can be reached more than once.
  const visited = sharedValues.size > 0 ? new Set<object>() : undefined;
  const collect = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null) return;
    if (visited) {
      if (visited.has(value)) return;
      if (sharedValues.has(value)) visited.add(value);
    }
    const step = path[depth];
    if (Array.isArray(value)) {
      const elementDepth = step === EVERY_ELEMENT ? depth + 1 : depth;
      for (const element of value) collect(element, elementDepth);
    } else if (step === undefined) objects.push(value as JsonObject);
    else if (typeof step === 'string') collect(getJsonProperty(value as JsonObject, step), depth + 1);
    else if (hasType(value as JsonObject, step)) collect(value, depth + 1);
  };
  collect(data, 0);
  return objects;
}

/** Without `__typename` an object has the expected type: its subgraph knows only one type there. */
const hasType = ({ __typename: typename }: JsonObject, { types }: TypeConditionStep): boolean =>
  typename === undefined || types.includes(typename as string);

/**
 * Merges the data of a response into each of its target objects. The tree takes ownership of `data`.
 * @param isShared whether the targets may share the contents of the data, because all later fetches treat them alike
 */
export function mergeIntoTargets(
  tree: ResponseTree,
  data: JsonObject,
  targets: readonly JsonObject[],
  isShared = true,
): void {
  if (targets.length > 1 && !isShared) {
    for (const target of targets) mergeObject(target, cloneJson(data), tree);
    return;
  }
  if (targets.length > 1) markContentsShared(data, tree.sharedValues);
  for (const target of targets) mergeObject(target, data, tree);
}

const TYPENAME_KEY = '__typename';

/**
 * Merges an object into another. Objects are merged by key, and lists of equal length by index. A null does not replace a
 * value.
 */
function mergeObject(target: JsonObject, source: JsonObject, tree: ResponseTree): void {
  for (const name in source) {
    // No field has this name, and an assignment would change the prototype of the target.
    if (name === '__proto__') continue;
    const present = getJsonProperty(target, name);
    const value = source[name];
    if (present === undefined || present === null) target[name] = value;
    // A subgraph with @interfaceObject gives the name of the interface, which must not replace the object type.
    else if (name !== TYPENAME_KEY || tree.typeConditions.isObjectType(value)) {
      target[name] = mergeValue(present, value, tree);
    }
  }
}

function mergeValue(present: unknown, value: unknown, tree: ResponseTree): unknown {
  if (typeof value !== 'object' || value === null) return value ?? present;
  if (Array.isArray(present) && Array.isArray(value)) {
    if (present.length !== value.length) return value;
    const list = copyIfShared<unknown[]>(present, value, tree, (original) => [...original]);
    for (let index = 0; index < list.length; index++) {
      list[index] = mergeValue(list[index], value[index], tree);
    }
    return list;
  }
  if (!isJsonObject(present) || !isJsonObject(value)) return value;
  const object = copyIfShared(present, value, tree, (original) => ({ ...original }));
  mergeObject(object, value, tree);
  return object;
}

/**
 * Returns a container that may be changed: a shallow copy if the present one is shared. The contents of a shared container
 * are shared by the copy and the original.
 * @param value will be merged into the container; if it is shared, its contents become shared too
 */
function copyIfShared<T extends JsonContainer>(
  present: T,
  value: object,
  tree: ResponseTree,
  copyShallow: (original: T) => T,
): T {
  const { sharedValues, fieldErrors, addedErrors } = tree;
  if (sharedValues.has(value)) markContentsShared(value, sharedValues);
  if (!sharedValues.has(present)) return present;
  markContentsShared(present, sharedValues);
  const copy = copyShallow(present);
  const copyErrors: AddFieldErrors = (index) => index.copyErrors(copy, present);
  if (fieldErrors) {
    copyErrors(fieldErrors);
    addedErrors.push(copyErrors);
  }
  return copy;
}

function markContentsShared(container: object, sharedValues: Set<object>): void {
  for (const key in container) {
    const value = (container as Record<string, unknown>)[key];
    if (typeof value === 'object' && value !== null) sharedValues.add(value);
  }
}

/** The reason why a position in the response tree has no value, or null. */
export interface FieldError {
  /** Empty if the subgraph sent none. */
  readonly message: string;
  /** The subgraph, by its name in the plan, that reported the error; `undefined` if the executor itself did. */
  readonly serviceName: string | undefined;
  readonly extensions: Readonly<Record<string, unknown>>;
  /** For `formatError` and plugins: what the data source threw, or the error as the subgraph sent it. */
  readonly originalError: Error | SubgraphError | undefined;
  /** The path from the position to where the error occurred, in the subgraph's response keys. */
  readonly remainingPath: JsonPath;
  /** The error concerns everything that a fetch selects on an object. It is ignored where there is a value. */
  readonly isAboutWholeFetch: boolean;
  /**
   * Length of the path at which the error is reported once for all the positions that it concerns. `undefined` if it is
   * reported at each position.
   */
  readonly reportedPathLength: number | undefined;
  /**
   * The error leads to no field, although the subgraph sent data. It is reported once: at the first null that it can explain,
   * or else at the path of its objects, which has this length. `undefined` for all other errors.
   */
  readonly fallbackPathLength: number | undefined;
  /**
   * The position of the failed field (or element) beside this position, if the position itself did not fail: it lost its value
   * when the subgraph propagated the null of the failed field.
   */
  readonly failedSibling: { readonly container: JsonContainer; readonly key: string | number } | undefined;
}

/**
 * The errors by their position: an object or list of the response tree, and a key or index in it. The path of a position in
 * the client's response is known only when the response is projected.
 */
export interface FieldErrorIndex {
  add(container: JsonContainer, key: string | number, error: FieldError): void;
  get(container: JsonContainer, key: string | number): readonly FieldError[] | undefined;
  /** Gives a copy of an object or list the errors of the original. */
  copyErrors(copy: JsonContainer, original: JsonContainer): void;
  /** Each error once. */
  readonly all: ReadonlySet<FieldError>;
}

export function createFieldErrorIndex(): FieldErrorIndex {
  const errorsByPosition = new Map<JsonContainer, Map<string | number, FieldError[]>>();
  const all = new Set<FieldError>();
  return {
    all,
    add(container, key, error) {
      all.add(error);
      const errorsByKey = errorsByPosition.get(container) ?? new Map<string | number, FieldError[]>();
      errorsByPosition.set(container, errorsByKey);
      const errors = errorsByKey.get(key);
      if (!errors) errorsByKey.set(key, [error]);
      else if (!errors.includes(error)) errors.push(error);
    },
    copyErrors(copy, original) {
      const errorsByKey = errorsByPosition.get(original);
      if (errorsByKey) errorsByPosition.set(copy, new Map(errorsByKey));
    },
    get: (container, key) => errorsByPosition.get(container)?.get(key),
  };
}

/** Adds the errors of one response to the index, at the positions that they concern in the present response tree. */
export type AddFieldErrors = (index: FieldErrorIndex) => void;

/**
 * The errors of one execution. Which positions an error concerns also depends on the data of later fetches. Therefore the
 * errors are kept as functions, from which the index can be built again.
 */
export interface FieldErrorRecords {
  /** The index as of the latest error; `undefined` while there is no error. */
  fieldErrors: FieldErrorIndex | undefined;
  readonly addedErrors: AddFieldErrors[];
}

/** Records errors and adds them to the index. */
export function recordFieldErrors(records: FieldErrorRecords, addErrors: AddFieldErrors): void {
  records.fieldErrors ??= createFieldErrorIndex();
  addErrors(records.fieldErrors);
  records.addedErrors.push(addErrors);
}

/** Builds the index for the present data; `undefined` if there are no errors. */
export function rebuildFieldErrorIndex({ addedErrors }: FieldErrorRecords): FieldErrorIndex | undefined {
  if (addedErrors.length === 0) return undefined;
  const index = createFieldErrorIndex();
  for (const addErrors of addedErrors) addErrors(index);
  return index;
}

/**
 * Adds an error to every position that a selection covers, also inside objects and lists that other fetches have filled.
 * @param exceptKey a key to leave out
 */
export function addErrorToSelection(
  index: FieldErrorIndex,
  object: JsonObject,
  selection: FetchSelection,
  error: FieldError,
  exceptKey?: string | number,
): void {
  for (const [key, subselection] of selection) {
    if (key === exceptKey) continue;
    const value = getOwnValue(object, key);
    if (subselection && typeof value === 'object' && value !== null) {
      addErrorInside(index, value, subselection, error);
    } else index.add(object, key, error);
  }
}

function addErrorInside(
  index: FieldErrorIndex,
  value: unknown,
  selection: FetchSelection,
  error: FieldError,
): void {
  if (Array.isArray(value)) for (const element of value) addErrorInside(index, element, selection, error);
  else if (isJsonObject(value)) addErrorToSelection(index, value, selection, error);
}

export interface ErrorAtPath {
  /** From the object to where the error occurred. */
  readonly path: JsonPath;
  readonly error: FieldError;
  /** The length of the part of `path` for which the response has values. Null propagation removed the rest. */
  readonly presentLength: number;
}

/**
 * Adds an error to the deepest existing position on its path. Null propagation may have removed parent values, together with
 * siblings that other fetches have filled since; these siblings get the error too, as one of their failed sibling.
 */
export function addErrorAtPath(
  index: FieldErrorIndex,
  object: JsonObject,
  selection: FetchSelection,
  { path, error, presentLength }: ErrorAtPath,
): void {
  let container: JsonContainer = object;
  let subselection: FetchSelection | undefined = selection;
  for (const [depth, key] of path.entries()) {
    if (depth >= presentLength && subselection) {
      const siblingError = { ...error, isAboutWholeFetch: true, failedSibling: { container, key } };
      addErrorToSiblings(index, container, subselection, siblingError, key);
    }
    if (typeof key === 'string') subselection = subselection?.get(key);
    const value = getOwnValue(container, key);
    const remainingPath = path.slice(depth + 1);
    if (remainingPath.length > 0 && typeof value === 'object' && value !== null) {
      container = value as JsonContainer;
      continue;
    }
    index.add(container, key, remainingPath.length > 0 ? { ...error, remainingPath } : error);
    return;
  }
}

function addErrorToSiblings(
  index: FieldErrorIndex,
  container: JsonContainer,
  selection: FetchSelection,
  error: FieldError,
  key: string | number,
) {
  if (!Array.isArray(container)) addErrorToSelection(index, container, selection, error, key);
  else {
    container.forEach(
      (element, elementIndex) => elementIndex !== key && addErrorInside(index, element, selection, error),
    );
  }
}
