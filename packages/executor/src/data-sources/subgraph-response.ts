import { parseJson } from '../shared/exact-json.js';
import { ENTITIES_FIELD } from '../shared/graphql-ast.js';
import { isJsonObject, type JsonObject } from '../shared/json.js';
import type { SubgraphResponse } from './data-source.js';
import { readSubgraphErrors } from './subgraph-errors.js';

/**
 * Parses the body of a subgraph's HTTP response. The status is ignored, because GraphQL errors come with several.
 * @param entityCount number of requested entities; `undefined` if none were requested
 * @throws Error that says what is wrong with the body
 */
export function parseSubgraphResponse(
  body: string,
  entityCount: number | undefined,
): { -readonly [Key in keyof SubgraphResponse]: SubgraphResponse[Key] } {
  let response: unknown;
  try {
    response = parseJson(body);
  } catch {
    throw new Error('The body is not JSON.');
  }
  return readSubgraphResponse(response, entityCount);
}

/**
 * Reads a GraphQL response that a subgraph sent.
 * @param entityCount number of requested entities; `undefined` if none were requested
 * @throws Error that says what is wrong with it
 */
export function readSubgraphResponse(
  response: unknown,
  entityCount: number | undefined,
): ReturnType<typeof parseSubgraphResponse> {
  if (!isJsonObject(response)) throw new Error('The body is not an object.');
  const errors = readSubgraphErrors(response['errors']);
  const result: ReturnType<typeof parseSubgraphResponse> = {};
  if (errors) result.errors = errors;
  if (isJsonObject(response['extensions'])) result.extensions = response['extensions'];
  const { data } = response;
  const problem = findDataProblem(data, entityCount);
  // The errors of the subgraph explain more than what is wrong with the data beside them.
  if (problem !== undefined && !errors) throw new Error(problem);
  result.data = problem === undefined ? (data as JsonObject) : null;
  return result;
}

/** @returns what is wrong with the data of a response without errors; `undefined` if it is valid */
function findDataProblem(data: unknown, entityCount: number | undefined): string | undefined {
  if (data === undefined || data === null) return 'The body has neither data nor errors.';
  if (!isJsonObject(data)) return 'The data is not an object.';
  if (entityCount === undefined) return undefined;
  const entities = data[ENTITIES_FIELD];
  if (!Array.isArray(entities)) return 'The _entities are not a list.';
  return entities.length === entityCount
    ? undefined
    : `The response has ${entities.length} entities; ${entityCount} were requested.`;
}
