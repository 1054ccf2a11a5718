import { isJsonObject, type JsonContainer, type JsonObject, type JsonPath } from '../shared/json.js';
import type { FetchSelection } from './fetch-data-rewrites.js';

/** The reason why a position in the response tree has no value, or null. */
export interface FieldError {
  readonly message: string;
  /** The subgraph, by its name in the plan, that reported the error; `undefined` if the executor itself did. */
  readonly serviceName: string | undefined;
  readonly extensions: Readonly<Record<string, unknown>>;
  /** The path from the position to where the error occurred, in the subgraph's response keys. */
  readonly remainingPath: JsonPath;
  /** The error concerns everything that a fetch selects on an object. It is ignored where there is a value. */
  readonly isAboutWholeFetch: boolean;
  /**
   * Length of the path at which the error is reported once for all the positions that it concerns. `undefined` if it is
   * reported at each position.
   */
  readonly reportedPathLength: number | undefined;
  /** The error has no position in the response. It is reported even if no value is missing. */
  readonly hasNoPosition: boolean;
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
  /** Added to the siblings that null propagation removed. */
  readonly siblingError: FieldError;
}

/**
 * Adds an error to the deepest existing position on its path. Null propagation may have removed parent values, together with
 * siblings that other fetches have filled since; these siblings get an error too.
 */
export function addErrorAtPath(
  index: FieldErrorIndex,
  object: JsonObject,
  selection: FetchSelection,
  { path, error, presentLength, siblingError }: ErrorAtPath,
): void {
  let container: JsonContainer = object;
  let subselection: FetchSelection | undefined = selection;
  for (const [depth, key] of path.entries()) {
    if (depth >= presentLength && subselection) {
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

/** Never reads the prototype: a subgraph can use any name in the path of an error. */
const getOwnValue = (container: JsonContainer, key: string | number): unknown =>
  Object.hasOwn(container, key) ? (container as Record<string | number, unknown>)[key] : undefined;
