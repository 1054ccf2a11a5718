import { requestFault } from '../faults.js';

/** The parameters of a GraphQL request; without a query where it is named by its hash. */
export interface Parameters {
  readonly query: string | undefined;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  readonly extensions: Readonly<Record<string, unknown>>;
}

const bad = (message: string) => requestFault(400, 'BAD_REQUEST', message);

/**
 * The parameters in a POST's body.
 * @throws GraphQLError 400
 */
export function bodyParameters(body: unknown): Parameters {
  if (Array.isArray(body)) throw bad('Batched requests are not taken: send each operation by itself.');
  if (!isObject(body)) throw bad('The body must be a JSON object with a "query".');
  const { query, operationName, variables, extensions } = body;
  return parameters(query, operationName, variables, extensions);
}

/**
 * The parameters in a GET's address.
 * @throws GraphQLError 400
 */
export function searchParameters(search: URLSearchParams): Parameters {
  const json = (name: string): unknown => {
    const text = search.get(name);
    if (text === null || text === '') return undefined;
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw bad(`"${name}" must be JSON.`);
    }
  };
  return parameters(
    search.get('query'),
    search.get('operationName') ?? undefined,
    json('variables'),
    json('extensions'),
  );
}

function parameters(
  query: unknown,
  operationName: unknown,
  variables: unknown,
  extensions: unknown,
): Parameters {
  const text = query ?? undefined;
  if (text !== undefined && typeof text !== 'string') throw bad('"query" must be a string.');
  const name = operationName ?? undefined;
  if (name !== undefined && typeof name !== 'string') throw bad('"operationName" must be a string.');
  const given = variables ?? undefined;
  if (given !== undefined && !isObject(given)) throw bad('"variables" must be an object.');
  const more = extensions ?? {};
  if (!isObject(more)) throw bad('"extensions" must be an object.');
  return { query: text, operationName: name, variables: given, extensions: more };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
