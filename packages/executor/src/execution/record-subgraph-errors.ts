import type { SubgraphError, SubgraphResponse } from '../data-sources/data-source.js';
import type { FetchSelection } from '../planning/fetch-selection.js';
import { EVERY_ELEMENT } from '../planning/query-planner.js';
import type { ErrorCode } from '../shared/errors.js';
import { ENTITIES_FIELD } from '../shared/graphql-ast.js';
import {
  getOwnValue,
  isJsonObject,
  type JsonContainer,
  type JsonObject,
  type JsonPath,
} from '../shared/json.js';
import type { CompiledFetch } from './compile-fetch.js';
import type { ExecutionState } from './execution-state.js';
import { findHiddenField } from './find-hidden-field.js';
import type { ObjectProjection } from './object-projection.js';
import {
  addErrorAtPath,
  addErrorToSelection,
  recordFieldErrors,
  type FieldErrorRecords,
  type FieldError,
} from './response-tree.js';

/** A fetch to send again without a failed field that the client did not select. */
export interface ReducedFetch {
  readonly fetch: CompiledFetch;
  /** The entity that lost its values; `undefined` if the fetch is not for entities. */
  readonly entityIndex: number | undefined;
}

/**
 * Adds the errors of a subgraph response to the positions that they concern. Call it after the data was merged.
 * @param targets the objects that the data was merged into; for entities, by the index of the entity
 * @returns what to fetch again. A plan fetches required fields beside those that the client selects, and if such a field is
 *   non-null, its error costs the others their values.
 */
export function recordSubgraphErrors(
  records: FieldErrorRecords & Pick<ExecutionState, 'responseProjection'>,
  fetch: CompiledFetch,
  { data, errors = [] }: SubgraphResponse,
  targets: readonly (readonly JsonObject[])[],
): readonly ReducedFetch[] {
  const reducedFetches = new Map<number | undefined, ReducedFetch>();
  const located = errors.flatMap((subgraphError) => {
    const location = locateError(fetch, subgraphError.path, data, targets);
    if (!location) return [];
    const reduced = findReducedFetch(records.responseProjection, fetch, subgraphError, location);
    const { entityIndex } = location;
    if (reduced && !reducedFetches.has(entityIndex)) {
      reducedFetches.set(entityIndex, { fetch: reduced, entityIndex });
    }
    return [{ subgraphError, location, isHidden: reduced !== undefined }];
  });
  for (const { subgraphError, location, isHidden } of located) {
    const { objects, received, path, entityIndex } = location;
    // The reduced fetch has the other errors again.
    if (!isHidden && (reducedFetches.has(entityIndex) || reducedFetches.has(undefined))) continue;
    const error = createFieldError(fetch, subgraphError, location);
    const selection = fetch.getSelection();
    if (error.isAboutWholeFetch) {
      recordFieldErrors(records, (index) => {
        for (const object of objects) addErrorToSelection(index, object, selection, error);
      });
      continue;
    }
    // The values beside a hidden field come with the reduced fetch. The field itself can be lost in other elements of a list.
    const lostSelection = isHidden ? selectPath(path) : selection;
    const errorAtPath = { path, error, presentLength: getPresentLength(received, path) };
    recordFieldErrors(records, (index) => {
      for (const object of objects) addErrorAtPath(index, object, lostSelection, errorAtPath);
    });
  }
  return [...reducedFetches.values()];
}

/** @returns `undefined` unless null propagation of a field that the client did not select removed its object */
function findReducedFetch(
  responseProjection: ObjectProjection,
  fetch: CompiledFetch,
  { path: errorPath }: SubgraphError,
  { received, path }: ErrorLocation,
): CompiledFetch | undefined {
  if (fetch.operation.kind !== 'query') return undefined;
  const index = findHiddenField(responseProjection, fetch.operation.path, path);
  if (index === undefined || getPresentLength(received, path) > index) return undefined;
  const start = fetch.representation ? 2 : 0;
  const keys = readPath(errorPath).slice(start, start + index + 1);
  return fetch.getFetchWithout(keys.filter((key) => typeof key === 'string'));
}

/** The selection of the field at a path only. */
const selectPath = (path: JsonPath): FetchSelection =>
  path
    .filter((step) => typeof step === 'string')
    .reduceRight<FetchSelection | undefined>((below, key) => new Map([[key, below]]), undefined) ?? new Map();

/** The position of an error, relative to the objects of a fetch. */
interface ErrorLocation {
  readonly objects: readonly JsonObject[];
  /** Whether these are all objects of the fetch. */
  readonly isAboutAllObjects: boolean;
  /** `undefined` if these are all objects. */
  readonly entityIndex: number | undefined;
  /** The received data of these objects. */
  readonly received: unknown;
  /** From the objects to the error; empty if it concerns everything that the fetch selects on them. */
  readonly path: JsonPath;
}

/**
 * Locates an error. A path that is not valid, or leaves the fields of the fetch, leads to the nearest field before that.
 * @param errorPath as the subgraph sent it
 * @returns `undefined` if another fetch, which shares the response, requested the entity
 */
function locateError(
  fetch: CompiledFetch,
  errorPath: unknown,
  data: SubgraphResponse['data'],
  targets: readonly (readonly JsonObject[])[],
): ErrorLocation | undefined {
  const steps = readPath(errorPath);
  const locateInAll = (path: JsonPath) => ({
    objects: targets.flat(),
    isAboutAllObjects: true,
    entityIndex: undefined,
    received: data,
    path: keepSelectedPart(path, fetch.getSelection(), data),
  });
  if (!fetch.representation) return locateInAll(fetch.renameErrorPath(steps));
  const [field, entityIndex, ...pathInEntity] = steps;
  const entities = data?.[ENTITIES_FIELD];
  const entityCount = Array.isArray(entities) ? entities.length : targets.length;
  if (field !== ENTITIES_FIELD || typeof entityIndex !== 'number' || entityIndex >= entityCount) {
    return locateInAll([]);
  }
  const objects = targets[entityIndex];
  if (!objects) return undefined;
  const received: unknown = Array.isArray(entities) ? entities[entityIndex] : undefined;
  const path = keepSelectedPart(fetch.renameErrorPath(pathInEntity), fetch.getSelection(), received);
  return { objects, isAboutAllObjects: false, entityIndex, received, path };
}

/** Reads the path of a subgraph's error up to the first step that is not valid. Some subgraphs send indexes as text. */
function readPath(path: unknown): JsonPath {
  if (!Array.isArray(path)) return [];
  const steps: (string | number)[] = [];
  for (const step of path as readonly unknown[]) {
    if (typeof step === 'string') steps.push(/^\d+$/.test(step) ? Number(step) : step);
    else if (Number.isInteger(step) && (step as number) >= 0) steps.push(step as number);
    else break;
  }
  return steps;
}

/** Cuts a path where it leaves the selection or does not fit the received data. */
function keepSelectedPart(path: JsonPath, selection: FetchSelection, received: unknown): JsonPath {
  let subselection: FetchSelection | undefined = selection;
  let value = received;
  for (const [length, step] of path.entries()) {
    const isMissing = value === undefined || value === null;
    if (typeof step === 'string') {
      if (Array.isArray(value) || subselection?.has(step) !== true) return path.slice(0, length);
      subselection = subselection.get(step);
    } else if (!isMissing && !(Array.isArray(value) && step < value.length)) return path.slice(0, length);
    value = isMissing ? undefined : getOwnValue(value as JsonContainer, step);
  }
  return path;
}

function getLengthAboveLists(path: readonly string[]): number {
  const listIndex = path.indexOf(EVERY_ELEMENT);
  return listIndex < 0 ? path.length : listIndex;
}

/** The length of the part of a path for which there are values. */
function getPresentLength(received: unknown, path: JsonPath): number {
  let value = received;
  for (let length = 0; ; length++) {
    if (typeof value !== 'object' || value === null) return length;
    const key = path[length];
    if (key === undefined) return length;
    value = getOwnValue(value as JsonContainer, key);
  }
}

function createFieldError(
  { serviceName, operation: { path: fetchPath } }: CompiledFetch,
  subgraphError: SubgraphError,
  { isAboutAllObjects, received, path }: ErrorLocation,
): FieldError {
  const { message, originalError, extensions } = readErrorDetails(subgraphError);
  const isAboutWholeFetch = path.length === 0;
  const objectPathLength = isAboutAllObjects ? getLengthAboveLists(fetchPath) : fetchPath.length;
  const hasData = received !== undefined && received !== null;
  return {
    message,
    serviceName,
    extensions: {
      ...extensions,
      code: extensions['code'] ?? ('DOWNSTREAM_SERVICE_ERROR' satisfies ErrorCode),
    },
    originalError,
    remainingPath: [],
    isAboutWholeFetch,
    reportedPathLength:
      isAboutWholeFetch && isAboutAllObjects && fetchPath.length > 0 ? objectPathLength : undefined,
    fallbackPathLength: isAboutWholeFetch && hasData ? objectPathLength : undefined,
    failedSibling: undefined,
  };
}

/** Reads an error as a subgraph sent it: its message, extensions and `originalError` may have any type. */
function readErrorDetails(
  subgraphError: SubgraphError,
): Pick<FieldError, 'message' | 'extensions' | 'originalError'> {
  const { message, originalError, extensions }: { readonly [name in keyof SubgraphError]?: unknown } =
    subgraphError;
  return {
    message: typeof message === 'string' || typeof message === 'number' ? String(message) : '',
    // Apollo Server takes the HTTP status and headers of the response from `http`, which a subgraph must not decide.
    extensions: isJsonObject(extensions) ? omitHttp(extensions) : {},
    // A subgraph may send a property of this name. As in @apollo/gateway, the error of a subgraph is an original error too.
    originalError: originalError instanceof Error ? originalError : subgraphError,
  };
}

const omitHttp = (extensions: JsonObject): JsonObject =>
  'http' in extensions
    ? Object.fromEntries(Object.entries(extensions).filter(([name]) => name !== 'http'))
    : extensions;

const DEPENDENCY_FAILED = 'DEPENDENCY_FAILED' satisfies ErrorCode;

/**
 * Creates the error of a field that depends on a failed one. The client may not have selected the failed field, so that its
 * error is the `cause` in the extensions.
 */
export const createDependencyError = ({
  message,
  serviceName,
  originalError,
  extensions,
  failedSibling,
}: FieldError): FieldError => ({
  message: 'A field that this one depends on failed.',
  serviceName,
  originalError,
  extensions: {
    code: DEPENDENCY_FAILED,
    // If the failed field depends on a third one, this is the error of the third one.
    cause:
      extensions['code'] === DEPENDENCY_FAILED
        ? extensions['cause']
        : { ...(message && { message }), code: extensions['code'] },
  },
  remainingPath: [],
  isAboutWholeFetch: true,
  reportedPathLength: undefined,
  fallbackPathLength: undefined,
  failedSibling,
});
