import type { JsonContainer } from '../shared/json.js';
import { addFieldError, type ProjectionState } from './projection-state.js';
import type { FieldError } from './response-tree.js';

/** An object or list that is null in the client's response, because a non-null value in it is null. */
export interface NullContainer {
  readonly container: JsonContainer;
  /** The client key or index of the value in it. */
  readonly nullKey: string | number;
  /** The number of lost values before the container was projected. */
  readonly lostCount: number;
  /** The number of errors before the container was projected. */
  readonly errorCount: number;
  /** Projects a field or element behind the null one. Does nothing if the key is that of another one. */
  readonly projectSibling: (treeKey: string | number) => void;
}

/**
 * Called when an object or list is null. The values that it lost need no error then. If the null itself is a lost value, the
 * error of the failed sibling is reported: by this container, or by one above that has the failed sibling.
 */
export function explainNullContainer(
  state: ProjectionState,
  { container, nullKey, lostCount, errorCount, projectSibling }: NullContainer,
): void {
  const cause = state.lostValues?.splice(lostCount).at(-1);
  // Another null has its own error.
  if (cause?.path[state.path.length] !== nullKey) return;
  const { error, path } = cause;
  const { failedSibling } = error;
  if (!failedSibling || !hasFailedSibling(state, container, error)) {
    state.lostValues?.push(cause);
    return;
  }
  projectSibling(failedSibling.key);
  state.lostValues?.splice(lostCount);
  if (state.errors.length === errorCount) addFieldError(state, error, path);
}

/** A copy of the container that the error names has the errors of the original. */
const hasFailedSibling = (
  { fieldErrors }: ProjectionState,
  container: JsonContainer,
  { failedSibling, originalError }: FieldError,
): boolean =>
  failedSibling !== undefined &&
  (failedSibling.container === container ||
    fieldErrors
      ?.get(container, failedSibling.key)
      ?.some((error) => error.failedSibling === undefined && error.originalError === originalError) === true);

/** Adds the errors of the nulls that a subgraph's null propagation caused, and that the client's response has. */
export function reportLostValues(state: ProjectionState): void {
  for (const { error, path } of state.lostValues ?? []) addFieldError(state, error, path);
}
