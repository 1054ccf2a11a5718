import { createInternalError } from '../shared/errors.js';
import type { SubgraphResponse } from '../data-sources/subgraph-response.js';
import type { CompiledFetch } from './compile-fetch.js';
import type { Run } from './execution-state.js';

/** Asks a subgraph. It never rejects: where there is no answer, an error without a path says so. */
export async function ask(
  run: Run,
  { source, operation }: CompiledFetch,
  variables: string,
  entityCount?: number,
): Promise<SubgraphResponse> {
  const { dataSources, flights, serviceName, context, logger } = run;
  const service = serviceName(source);
  if (operation.kind === 'mutation') run.memo = undefined;
  try {
    const dataSource = dataSources[source];
    if (!dataSource) throw new Error(`There is no data source for the subgraph ${source}.`);
    const answer = await flights.fetch(dataSource, service, { operation, variables, entityCount }, context);
    if (answer.extensions) context.onExtensions?.(answer.extensions);
    return answer;
  } catch (error) {
    (context.logger?.() ?? logger).error({ err: error, service }, 'a data source failed');
    return { data: null, errors: [createInternalError().toJSON()] };
  }
}

/** The members of the JSON text of a request's variables that are the client's. */
export function clientVariables({ variables }: Run, fetch: CompiledFetch): string {
  let members = '';
  for (const [name, key] of fetch.variables) {
    const value = variables[name];
    if (value !== undefined) members += (members && ',') + key + JSON.stringify(value);
  }
  return members;
}
