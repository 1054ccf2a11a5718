import type { JsonContainer, JsonObject, JsonPath } from '../shared/json.js';
import { listProjections, toClientPath, type CompositeValueProjection } from './object-projection.js';
import { addFieldError, type LostValue, type ProjectionState } from './projection-state.js';
import type { FieldError } from './response-tree.js';

/**
 * Adds the errors of a position in the response tree to the response.
 * @param value the value at the position
 * @param toClientPathBelow translates the remaining path of an error to client keys, beginning with the key of the position
 * @returns whether the position has any errors
 */
export function reportFieldErrors(
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

/**
 * Reports the errors because of which the type of an object is unknown.
 * @returns whether there are any
 */
export function reportUnknownType(
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
