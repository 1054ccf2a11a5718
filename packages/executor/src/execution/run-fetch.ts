import { internalError } from '../errors.js';
import type { SubgraphAnswer } from '../fetching/read-answer.js';
import { ENTITIES, REPRESENTATIONS, type CompiledFetch } from './compile-fetch.js';
import { merge, share } from './merge.js';
import { placeErrors } from './place-errors.js';
import type { Run } from './run.js';
import { targetsAt } from './targets.js';
import { isTree, type Tree } from './tree.js';
import { wantedEntities, type Wanted } from './wanted-entities.js';

/** Runs a fetch and lays its answer on the tree, what went wrong included. It never rejects. */
export async function runFetch(run: Run, fetch: CompiledFetch): Promise<void> {
  const targets = targetsAt(run.tree, fetch.path, run.shared);
  if (targets.length === 0) return;
  if (!fetch.representation) return fetchFields(run, fetch, targets);
  const entities = wantedEntities(run, fetch, targets);
  const { maxEntities } = run;
  if (entities.length <= maxEntities) return fetchEntities(run, fetch, entities);
  const batches: Promise<void>[] = [];
  for (let from = 0; from < entities.length; from += maxEntities) {
    batches.push(fetchEntities(run, fetch, entities.slice(from, from + maxEntities)));
  }
  await Promise.all(batches);
}

async function fetchFields(run: Run, fetch: CompiledFetch, targets: readonly Tree[]): Promise<void> {
  const answer = await ask(run, fetch, `{${clientVariables(run, fetch)}}`, undefined);
  if (answer.data) {
    fetch.rewrite?.(answer.data);
    lay(run, answer.data, targets);
  }
  if (answer.errors) placeErrors(run, fetch, answer, [targets]);
}

async function fetchEntities(run: Run, fetch: CompiledFetch, entities: readonly Wanted[]): Promise<void> {
  if (entities.length === 0) return;
  const given = clientVariables(run, fetch);
  const representations = entities.map(({ representation }) => representation).join(',');
  const variables = `{${given}${given && ','}"${REPRESENTATIONS}":[${representations}]}`;
  const answer = await ask(run, fetch, variables, entities.length);
  const received = answer.data?.[ENTITIES];
  const targets = entities.map((entity) => entity.targets);
  if (Array.isArray(received)) {
    for (const [index, entity] of received.entries()) {
      if (!isTree(entity)) continue;
      fetch.rewrite?.(entity);
      lay(run, entity, targets[index] ?? []);
    }
  }
  if (answer.errors) placeErrors(run, fetch, answer, targets);
}

function lay(run: Run, data: Tree, targets: readonly Tree[]): void {
  if (targets.length > 1) share(data, run.shared);
  for (const target of targets) merge(target, data, run);
}

/** The members of the JSON text of a request's variables that are the client's. */
function clientVariables({ variables }: Run, fetch: CompiledFetch): string {
  let members = '';
  for (const [name, key] of fetch.variables) {
    const value = variables[name];
    if (value !== undefined) members += (members && ',') + key + JSON.stringify(value);
  }
  return members;
}

async function ask(
  { dataSources, flights, serviceName, context, logger }: Run,
  { source, operation }: CompiledFetch,
  variables: string,
  entities: number | undefined,
): Promise<SubgraphAnswer> {
  const service = serviceName(source);
  try {
    const dataSource = dataSources[source];
    if (!dataSource) throw new Error(`There is no data source for the subgraph ${source}.`);
    const answer = await flights.fetch(dataSource, service, { operation, variables, entities }, context);
    if (answer.extensions) context.onExtensions?.(answer.extensions);
    return answer;
  } catch (error) {
    logger.error({ err: error, service }, 'a data source failed');
    return { data: null, errors: [internalError().toJSON()] };
  }
}
