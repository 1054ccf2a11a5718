import type { SubgraphError, SubgraphResponse } from '../data-sources/data-source.js';
import { EVERY_ELEMENT, type PlanPath } from '../planning/query-planner.js';
import type { ErrorCode } from '../shared/errors.js';
import { ENTITIES_FIELD } from '../shared/graphql-ast.js';
import type { JsonObject, JsonPath } from '../shared/json.js';
import type { CompiledFetch } from './compile-fetch.js';
import {
  addErrorAtPath,
  addErrorToSelection,
  recordFieldErrors,
  type FieldErrorRecords,
  type FieldError,
} from './response-tree.js';

/**
 * Adds the errors of a subgraph response to the positions that they concern. Call it after the data was merged.
 * @param targets the objects that the data was merged into; for entities, by the index of the entity
 */
export function recordSubgraphErrors(
  records: FieldErrorRecords,
  fetch: CompiledFetch,
  { data, errors = [] }: SubgraphResponse,
  targets: readonly (readonly JsonObject[])[],
): void {
  for (const subgraphError of errors) {
    const { objects, received, path } = locateError(fetch, subgraphError.path ?? [], data, targets);
    const error = createFieldError(fetch, subgraphError, {
      isAboutWholeFetch: path === undefined || path.length === 0,
      reportedPathLength:
        path === undefined && fetch.path.length > 0 ? getLengthAboveLists(fetch.path) : undefined,
      hasNoPosition: path === undefined && data !== undefined && data !== null,
    });
    const selection = fetch.getSelection();
    if (path === undefined || error.isAboutWholeFetch) {
      recordFieldErrors(records, (index) => {
        for (const object of objects) addErrorToSelection(index, object, selection, error);
      });
      continue;
    }
    const errorAtPath = {
      path,
      error,
      presentLength: getPresentLength(received, path),
      siblingError: createDependencyError(error),
    };
    recordFieldErrors(records, (index) => {
      for (const object of objects) addErrorAtPath(index, object, selection, errorAtPath);
    });
  }
}

/** The position of an error, relative to the objects of a fetch. */
interface ErrorLocation {
  readonly objects: readonly JsonObject[];
  /** The received data of these objects. */
  readonly received: unknown;
  /** From the objects to the error; `undefined` if it concerns the whole fetch. */
  readonly path: JsonPath | undefined;
}

function locateError(
  fetch: CompiledFetch,
  errorPath: JsonPath,
  data: SubgraphResponse['data'],
  targets: readonly (readonly JsonObject[])[],
): ErrorLocation {
  if (!fetch.representation) {
    const path = errorPath.length > 0 ? fetch.renameErrorPath(errorPath) : undefined;
    return { objects: targets.flat(), received: data, path };
  }
  const [, entityIndex, ...pathInEntity] = errorPath;
  if (typeof entityIndex !== 'number') return { objects: targets.flat(), received: data, path: undefined };
  const objects = targets[entityIndex];
  // The response is shared with another fetch, which requested this entity.
  if (!objects) return { objects: [], received: data, path: [] };
  const entities = data?.[ENTITIES_FIELD];
  const received: unknown = Array.isArray(entities) ? entities[entityIndex] : undefined;
  return { objects, received, path: fetch.renameErrorPath(pathInEntity) };
}

function getLengthAboveLists(path: PlanPath): number {
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
    value = (value as Record<string | number, unknown>)[key];
  }
}

function createFieldError(
  { serviceName }: CompiledFetch,
  subgraphError: SubgraphError,
  scope: Pick<FieldError, 'isAboutWholeFetch' | 'reportedPathLength' | 'hasNoPosition'>,
): FieldError {
  const { message, originalError, extensions } = subgraphError;
  return {
    message,
    serviceName,
    extensions: {
      // Apollo Server takes the HTTP status and headers of the response from `http`, which a subgraph must not decide.
      ...(extensions && 'http' in extensions ? omitHttp(extensions) : extensions),
      code: extensions?.['code'] ?? ('DOWNSTREAM_SERVICE_ERROR' satisfies ErrorCode),
    },
    // A subgraph may send a property of this name. As in @apollo/gateway, the error of a subgraph is an original error too.
    originalError: originalError instanceof Error ? originalError : subgraphError,
    remainingPath: [],
    ...scope,
  };
}

const omitHttp = (extensions: object): object =>
  Object.fromEntries(Object.entries(extensions).filter(([name]) => name !== 'http'));

/**
 * Creates the error of a field that depends on a failed one. The client may not have selected the failed field, so that its
 * message is not shown.
 */
export const createDependencyError = ({ serviceName }: FieldError): FieldError => ({
  message: 'A field that this one depends on failed.',
  serviceName,
  originalError: undefined,
  extensions: { code: 'DEPENDENCY_FAILED' satisfies ErrorCode },
  remainingPath: [],
  isAboutWholeFetch: true,
  reportedPathLength: undefined,
  hasNoPosition: false,
});
