import type { GraphQLFormattedError } from 'graphql';

/** What a subgraph answered. */
export interface SubgraphResponse {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
  readonly extensions?: Record<string, unknown>;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads the body of a subgraph's response, whatever its status: GraphQL errors come with several.
 * @param representations how many entities were asked for; undefined where none were
 * @throws Error that says what is wrong with it
 */
export function readAnswer(body: string, representations: number | undefined): SubgraphResponse {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    throw new Error('it is not JSON');
  }
  if (!isObject(answer)) throw new Error('it is not an object');
  const { data, errors, extensions } = answer;
  if (data === undefined && errors === undefined) throw new Error('it has neither data nor errors');
  if (data !== undefined && data !== null && !isObject(data)) throw new Error('its data is not an object');
  if (errors !== undefined && !isListOfErrors(errors)) throw new Error('its errors are not a list of errors');
  if (data && representations !== undefined) checkEntities(data['_entities'], representations);
  return {
    ...(data !== undefined && { data }),
    ...(errors !== undefined && { errors }),
    ...(isObject(extensions) && { extensions }),
  };
}

const isListOfErrors = (value: unknown): value is GraphQLFormattedError[] =>
  Array.isArray(value) && value.every((each) => isObject(each) && typeof each['message'] === 'string');

function checkEntities(entities: unknown, expected: number): void {
  if (!Array.isArray(entities)) throw new Error('its _entities are not a list');
  if (entities.length !== expected) {
    throw new Error(`it has ${entities.length} entities where ${expected} were asked for`);
  }
}
