import type { FormattedExecutionResult } from 'graphql';
import type { VariableValues } from '../planning/query-planner.js';
import { selectLogger } from '../shared/logger.js';
import type { CompiledOperation, CompiledStage } from './compile-operation.js';
import {
  createExecutionState,
  type EntityCache,
  type EntityFetchProgress,
  type ExecutionEnvironment,
  type ExecutionRequest,
  type ExecutionState,
  type RequestedEntities,
  type SharedEntityRequest,
} from './execution-state.js';
import { projectResponse } from './project-response.js';
import { findObjectsAt, mergeIntoTargets } from './response-tree.js';
import { cloneSubgraphResponse, type SubgraphResponse } from '../data-sources/data-source.js';
import { readSubgraphErrors } from '../data-sources/subgraph-errors.js';
import { createInternalError } from '../shared/errors.js';
import { ENTITIES_FIELD, REPRESENTATIONS_VARIABLE } from '../shared/graphql-ast.js';
import { stringifyJson } from '../shared/exact-json.js';
import { getJsonProperty, isJsonObject, type JsonObject } from '../shared/json.js';
import { collectEntities, type RequestedEntity } from './collect-entities.js';
import type { CompiledFetch } from './compile-fetch.js';
import { groupByContext, type ReadContext } from './context-variables.js';
import { executeFetchGraph } from './execute-fetch-graph.js';
import type { CompiledPlanNode } from './fetch-graph.js';
import type { EntityRequest, EntityRequestSender } from './joined-request.js';
import { recordSubgraphErrors, type ReducedFetch } from './record-subgraph-errors.js';

/**
 * Executes the plan of an operation and projects the fetched data to the client's response. Never rejects: failures are in
 * the errors of the response.
 */
export async function executeOperation(
  operation: CompiledOperation,
  request: ExecutionRequest,
  environment: ExecutionEnvironment,
): Promise<FormattedExecutionResult> {
  const state = createExecutionState(operation, request, environment);
  await executeStages(state, operation.stages);
  return projectResponse(operation, state, request, environment);
}

/**
 * Executes the stages one after the other. After an error a stage is repeated as long as it requests further entities: a
 * field that one fetch failed to provide may have come from another. No fetch requests the same entity twice.
 */
export async function executeStages(
  state: ExecutionState,
  stages: readonly CompiledStage[],
  execute: ExecuteStage = executeStage,
): Promise<void> {
  for (const stage of stages) {
    state.isRepeatedStage = false;
    await execute(state, stage);
    // A single fetch has nothing that another one could complete.
    if (stages.length === 1 && stage.kind === 'Fetch') return;
    state.isRepeatedStage = true;
    let previousCount = 0;
    while (state.fieldErrors && state.requestedEntityCount > previousCount) {
      previousCount = state.requestedEntityCount;
      await execute(state, stage);
    }
  }
}

/** Never rejects. */
export type ExecuteStage = (state: ExecutionState, stage: CompiledStage) => Promise<void>;

/** Never rejects. */
export function executeStage(state: ExecutionState, stage: CompiledStage): Promise<void> {
  if (stage.kind !== 'Graph') return executePlanNode(state, stage);
  return executeFetchGraph(stage, { state, sender: createEntityRequestSender(state), executeFetch });
}

const createEntityRequestSender = (state: ExecutionState): EntityRequestSender => ({
  maxEntities: state.maxEntitiesPerFetch,
  sendAlone: (request) => sendEntityRequest(state, request),
  sendJoined({ operation, variableKeys, parts }, requests) {
    const members = serializeClientVariables(state.variables, { contextVariables: '', variableKeys });
    const representations = parts.map(
      ({ representationsKey }, index) => `${representationsKey}[${requests[index]?.representations ?? ''}]`,
    );
    const variables = `{${[...(members ? [members] : []), ...representations].join(',')}}`;
    const serviceName = requests[0]?.fetch.serviceName ?? '';
    const entityCount = requests.reduce((sum, request) => sum + request.entityCount, 0);
    return sendRequest(state, { serviceName, operation }, variables, entityCount);
  },
});

/** Never rejects. */
function executePlanNode(state: ExecutionState, node: CompiledPlanNode): Promise<void> {
  if (node.kind === 'Fetch') return executeFetch(state, node.fetch);
  return node.kind === 'Sequence' ? executeSequence(state, node.nodes) : executeInParallel(state, node.nodes);
}

async function executeSequence(state: ExecutionState, nodes: readonly CompiledPlanNode[]): Promise<void> {
  for (const node of nodes) await executePlanNode(state, node);
}

async function executeInParallel(state: ExecutionState, nodes: readonly CompiledPlanNode[]): Promise<void> {
  await Promise.all(nodes.map((node) => executePlanNode(state, node)));
}

/** Executes a fetch and merges its data and errors into the response tree. Never rejects. */
async function executeFetch(state: ExecutionState, fetch: CompiledFetch): Promise<void> {
  // A repeated stage only fetches entities that could not be fetched before.
  if (state.isRepeatedStage && !fetch.representation) return;
  if (fetch.readContext) return executeInContexts(state, fetch, fetch.readContext);
  const objects = findObjectsAt(state, fetch.path);
  if (objects.length === 0) return;
  if (fetch.representation) return executeEntityFetch(state, fetch, objects);
  const response = await sendRequest(
    state,
    fetch,
    `{${serializeClientVariables(state.variables, fetch)}}`,
    undefined,
  );
  if (response.data) {
    fetch.rewriteOutput?.(response.data);
    mergeIntoTargets(state, response.data, objects, fetch.areTargetsAlike);
  }
  if (!response.errors) return;
  const [reduced] = recordSubgraphErrors(state, fetch, response, [objects]);
  if (reduced) await executeFetch(state, reduced.fetch);
}

/** Executes a fetch once for each combination of variables that its entities read from the objects above them. */
async function executeInContexts(
  state: ExecutionState,
  fetch: CompiledFetch,
  readContext: ReadContext,
): Promise<void> {
  state.contextFetches ??= new Map<CompiledFetch, Map<string, CompiledFetch>>();
  const fetches = state.contextFetches.get(fetch) ?? new Map<string, CompiledFetch>();
  state.contextFetches.set(fetch, fetches);
  const groups = groupByContext(state.data, fetch.path, readContext);
  await Promise.all(
    [...groups].map(([contextVariables, objects]) => {
      const contextFetch = fetches.get(contextVariables) ?? {
        ...fetch,
        contextVariables,
        equalFetches: { fetchCount: 1 },
        getSplitFetches: () => fetch.getSplitFetches().map((part) => ({ ...part, contextVariables })),
        getFetchWithout: (keys) => {
          const reduced = fetch.getFetchWithout(keys);
          return reduced && { ...reduced, contextVariables };
        },
      };
      fetches.set(contextVariables, contextFetch);
      return executeEntityFetch(state, contextFetch, objects);
    }),
  );
}

/** Sends a request. Never rejects: a failure of the data source becomes an error without a path. */
async function sendRequest(
  state: ExecutionState,
  { serviceName, operation }: Pick<CompiledFetch, 'serviceName' | 'operation'>,
  variables: string,
  entityCount: number | undefined,
): Promise<SubgraphResponse> {
  const { dataSources, eventDataSource, inFlightRequests, toClientServiceName, context, logger } = state;
  const service = toClientServiceName(serviceName);
  // Entities can be different after a mutation.
  if (operation.kind === 'mutation') state.entityCache = undefined;
  try {
    const dataSource = operation.kind === 'subscription' ? eventDataSource : dataSources[serviceName];
    if (!dataSource) throw new Error(`There is no data source for the subgraph ${serviceName}.`);
    const request = { operation, variables, entityCount };
    const response = await inFlightRequests.fetch(dataSource, service, request, context);
    if (response.extensions) context.onExtensions?.(response.extensions);
    return response.errors ? { ...response, errors: readSubgraphErrors(response.errors) ?? [] } : response;
  } catch (error) {
    selectLogger(context, logger).error({ err: error, service }, 'data source failed');
    const { message, extensions, originalError } = createInternalError(error);
    return { data: null, errors: [{ message, extensions, originalError }] };
  }
}

/** Serializes the client's variables that a fetch uses, as members of a JSON object. */
export function serializeClientVariables(
  variables: VariableValues,
  { contextVariables, variableKeys }: Pick<CompiledFetch, 'contextVariables' | 'variableKeys'>,
): string {
  let members = contextVariables;
  for (const [name, jsonKey] of variableKeys) {
    // Inherited methods such as `toString` are ignored.
    const value = getJsonProperty(variables, name);
    if (value !== undefined) members += (members && ',') + jsonKey + stringifyJson(value);
  }
  return members;
}

/** Fetches entities. Those that lack some required fields are fetched by the parts of the split fetch. */
async function executeEntityFetch(
  state: ExecutionState,
  fetch: CompiledFetch,
  objects: readonly JsonObject[],
): Promise<void> {
  const dueObjects = selectDueObjects(state, fetch, objects);
  if (dueObjects.length === 0) return;
  const entities = collectEntities(state, fetch, dueObjects);
  state.requestedEntityCount += entities.length;
  const incompleteObjects = state.entityFetchProgress?.get(fetch)?.incompleteObjects;
  if (!incompleteObjects?.size) return fetchEntities(state, fetch, entities);
  const incomplete = dueObjects.filter((object) => incompleteObjects.has(object));
  await Promise.all([
    fetchEntities(state, fetch, entities),
    ...fetch.getSplitFetches().map((part) => executeEntityFetch(state, part, incomplete)),
  ]);
}

/** Selects the objects that an entity fetch has not processed, or that lacked required fields at that time. */
function selectDueObjects(
  state: ExecutionState,
  fetch: CompiledFetch,
  objects: readonly JsonObject[],
): readonly JsonObject[] {
  state.entityFetchProgress ??= new Map<CompiledFetch, EntityFetchProgress>();
  const progress = state.entityFetchProgress.get(fetch);
  const incompleteObjects = progress?.incompleteObjects ?? new Map<JsonObject, boolean>();
  state.entityFetchProgress.set(fetch, { processedObjects: objects, incompleteObjects });
  if (!progress) return objects;
  const processedObjects = new Set(progress.processedObjects);
  return objects.filter((object) => incompleteObjects.has(object) || !processedObjects.has(object));
}

/** Fetches the entities that no equal fetch has requested, and uses the responses of equal fetches for the others. */
async function fetchEntities(
  state: ExecutionState,
  fetch: CompiledFetch,
  entities: readonly RequestedEntity[],
): Promise<void> {
  if (fetch.equalFetches.fetchCount < 2) return fetchInBatches(state, fetch, entities, undefined);
  const entityCache = (state.entityCache ??= new Map() as EntityCache);
  const requestedEntities = entityCache.get(fetch.equalFetches) ?? (new Map() as RequestedEntities);
  entityCache.set(fetch.equalFetches, requestedEntities);
  const newEntities: RequestedEntity[] = [];
  const entitiesByBatch = new Map<SharedEntityRequest, EntityInBatch[]>();
  for (const entity of entities) {
    const requested = requestedEntities.get(entity.representation);
    if (!requested) newEntities.push(entity);
    else if (!entitiesByBatch.get(requested.batch)?.push({ entity, index: requested.index })) {
      entitiesByBatch.set(requested.batch, [{ entity, index: requested.index }]);
    }
  }
  if (entitiesByBatch.size === 0) return fetchInBatches(state, fetch, newEntities, requestedEntities);
  const merges = [...entitiesByBatch].map(([batch, inBatch]) => mergeFromBatch(state, fetch, batch, inBatch));
  await Promise.all([fetchInBatches(state, fetch, newEntities, requestedEntities), ...merges]);
}

/** An entity that an equal fetch has requested. */
interface EntityInBatch {
  readonly entity: RequestedEntity;
  /** Its index in the response of the batch. */
  readonly index: number;
}

async function mergeFromBatch(
  state: ExecutionState,
  fetch: CompiledFetch,
  batch: SharedEntityRequest,
  inBatch: readonly EntityInBatch[],
): Promise<void> {
  const response = await batch.response;
  if (!response) {
    const entities = inBatch.map(({ entity }) => entity);
    return fetchInBatches(state, fetch, entities, undefined);
  }
  const entities: RequestedEntity[] = [];
  for (const { entity, index } of inBatch) entities[index] = entity;
  await mergeEntities(state, fetch, cloneSubgraphResponse(response), entities);
}

async function fetchInBatches(
  state: ExecutionState,
  fetch: CompiledFetch,
  entities: readonly RequestedEntity[],
  requestedEntities: RequestedEntities | undefined,
): Promise<void> {
  const { maxEntitiesPerFetch } = state;
  if (entities.length === 0) return;
  if (entities.length <= maxEntitiesPerFetch) return fetchBatch(state, fetch, entities, requestedEntities);
  const batches: Promise<void>[] = [];
  for (let from = 0; from < entities.length; from += maxEntitiesPerFetch) {
    const batchEntities = entities.slice(from, from + maxEntitiesPerFetch);
    batches.push(fetchBatch(state, fetch, batchEntities, requestedEntities));
  }
  await Promise.all(batches);
}

/** @param requestedEntities receives the entities, for equal fetches; `undefined` if there are none */
async function fetchBatch(
  state: ExecutionState,
  fetch: CompiledFetch,
  entities: readonly RequestedEntity[],
  requestedEntities: RequestedEntities | undefined,
): Promise<void> {
  const representations = entities.map(({ representation }) => representation).join(',');
  const request = { fetch, representations, entityCount: entities.length };
  const { joinedRequest } = state;
  const responsePromise =
    joinedRequest?.accepts(fetch) === true ? joinedRequest.add(request) : sendEntityRequest(state, request);
  if (requestedEntities) {
    // The copy is made before the response is merged, because merging changes it.
    const batch: SharedEntityRequest = {
      response: responsePromise.then((response) =>
        response.data ? cloneSubgraphResponse(response) : undefined,
      ),
    };
    for (const [index, { representation }] of entities.entries()) {
      requestedEntities.set(representation, { batch, index });
    }
  }
  const retry = mergeEntities(state, fetch, await responsePromise, entities);
  if (retry) await retry;
}

function sendEntityRequest(
  state: ExecutionState,
  { fetch, representations, entityCount }: EntityRequest,
): Promise<SubgraphResponse> {
  const clientVariables = serializeClientVariables(state.variables, fetch);
  const separator = clientVariables && ',';
  const variables = `{${clientVariables}${separator}"${REPRESENTATIONS_VARIABLE}":[${representations}]}`;
  return sendRequest(state, fetch, variables, entityCount);
}

/**
 * @param requested by their index in the response; other entities are ignored
 * @returns a promise if entities are fetched again, without a failed field that the client did not select
 */
function mergeEntities(
  state: ExecutionState,
  fetch: CompiledFetch,
  response: SubgraphResponse,
  requested: readonly RequestedEntity[],
): Promise<void> | undefined {
  const entities = response.data?.[ENTITIES_FIELD];
  if (Array.isArray(entities)) {
    for (const [index, entity] of entities.entries()) {
      const targets = requested[index]?.targets;
      if (!targets || !isJsonObject(entity)) continue;
      fetch.rewriteOutput?.(entity);
      mergeIntoTargets(state, entity, targets, fetch.areTargetsAlike);
    }
  }
  if (!response.errors) return undefined;
  const targets = requested.map((entity) => entity.targets);
  const reducedFetches = recordSubgraphErrors(state, fetch, response, targets);
  return reducedFetches.length > 0 ? fetchReduced(state, reducedFetches, requested) : undefined;
}

/** Sends one request for all entities that lack the same field. */
async function fetchReduced(
  state: ExecutionState,
  reducedFetches: readonly ReducedFetch[],
  requested: readonly RequestedEntity[],
): Promise<void> {
  const entitiesByFetch = new Map<CompiledFetch, RequestedEntity[]>();
  for (const { fetch, entityIndex = 0 } of reducedFetches) {
    const entity = requested[entityIndex];
    if (!entity) continue;
    const entities = entitiesByFetch.get(fetch) ?? [];
    entitiesByFetch.set(fetch, entities);
    entities.push(entity);
  }
  await Promise.all(
    [...entitiesByFetch].map(([fetch, entities]) => fetchBatch(state, fetch, entities, undefined)),
  );
}
