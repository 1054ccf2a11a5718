import { isJsonObject } from '../shared/json.js';
import type { SubgraphError } from './data-source.js';

/**
 * Reads the `errors` of a subgraph response, which some subgraphs do not send as a list of objects. Each entry becomes one
 * error, so that none is lost. The message, path and extensions of an error can still have any type.
 * @param errors as the subgraph sent it
 * @returns `undefined` if there are no errors
 */
export function readSubgraphErrors(errors: unknown): readonly SubgraphError[] | undefined {
  if (isSubgraphErrorList(errors)) return errors.length > 0 ? errors : undefined;
  if (Array.isArray(errors)) return errors.map(toSubgraphError);
  return isEmpty(errors) ? undefined : [toSubgraphError(errors)];
}

const isSubgraphErrorList = (errors: unknown): errors is readonly SubgraphError[] =>
  Array.isArray(errors) && errors.every(isJsonObject);

/** Whether a value in place of the list says that there are no errors: nothing, `false`, `""`, `0` or `{}`. */
const isEmpty = (errors: unknown): boolean =>
  isJsonObject(errors) ? Object.keys(errors).length === 0 : !errors;

/** An entry that is a text or number is the message. Any other entry is an error without a message. */
function toSubgraphError(entry: unknown): SubgraphError {
  if (isJsonObject(entry)) return entry as unknown as SubgraphError;
  return { message: typeof entry === 'string' || typeof entry === 'number' ? String(entry) : '' };
}
