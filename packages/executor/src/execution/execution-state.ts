import type { GraphQLError, GraphQLFormattedError } from 'graphql';
import type { DataSource, DataSources, SubgraphResponse } from '../data-sources/data-source.js';
import type { AuthorizationOptions } from '../shared/client-access.js';
import type { OperationContext } from '../shared/operation-context.js';
import type { JsonObject } from '../shared/json.js';
import type { StructuredLogger } from '../shared/logger.js';
import type { VariableValues } from '../planning/query-planner.js';
import type { CompiledOperation } from './compile-operation.js';
import type { CompiledFetch, EntitySharingFetchGroup } from './compile-fetch.js';
import type { InFlightRequests } from './in-flight-requests.js';
import type { JoinedRequest } from './joined-request.js';
import type { ObjectProjection } from './object-projection.js';
import type { ResponseTree } from './response-tree.js';

/** What an execution needs besides its operation and its client request. */
export interface ExecutionEnvironment {
  readonly dataSources: DataSources;
  /** Answers the first fetch of a subscription from an event. */
  readonly eventDataSource?: DataSource | undefined;
  /** Shared by all executions over the same data sources. */
  readonly inFlightRequests: InFlightRequests;
  /** Maximum number of entities per subgraph request. More are fetched by several requests. @default 1_000 */
  readonly maxEntitiesPerFetch?: number | undefined;
  /** Whether one request serves several entity fetches. @default true */
  readonly joinEntityFetches?: boolean | undefined;
  /** Returns the name of a plan's subgraph for clients. @default the name in the plan */
  readonly toClientServiceName?: (serviceName: string) => string;
  /** Used if the operation context has no logger. */
  readonly logger: StructuredLogger;
  /** The fields for which a value of the wrong type was logged, so that each is logged once. */
  readonly loggedMistypedFields?: Set<string>;
  /** Where clients find the errors of fields that they may not access. @default 'errors' */
  readonly unauthorizedErrorLocation?: AuthorizationOptions['errorLocation'];
}

/** The part of a client's request that differs between executions of a compiled operation. */
export interface ExecutionRequest {
  /** Coerced, with defaults, under the names that the plan uses. */
  readonly variables: VariableValues;
  readonly context: OperationContext;
  readonly formatError: (error: GraphQLError) => GraphQLFormattedError;
}

/** The state of one execution, from its first fetch until its response is projected. */
export interface ExecutionState
  extends
    ResponseTree,
    Required<
      Omit<ExecutionEnvironment, 'eventDataSource' | 'loggedMistypedFields' | 'unauthorizedErrorLocation'>
    > {
  readonly maxEntitiesPerFetch: number;
  readonly eventDataSource: DataSource | undefined;
  readonly joinEntityFetches: boolean;
  /** Coerced variable values with defaults. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: OperationContext;
  readonly responseProjection: ObjectProjection;
  /** Created for the first fetch whose entities another fetch of the plan can use. */
  entityCache: EntityCache | undefined;
  /** By entity fetch; created for the first one. */
  entityFetchProgress: Map<CompiledFetch, EntityFetchProgress> | undefined;
  /** The fetches for the entities of one context, by their variables; created for the first one. */
  contextFetches: Map<CompiledFetch, Map<string, CompiledFetch>> | undefined;
  /** The merged fetches that were executed, by each of the fetches that they replace; created for the first one. */
  mergedFetches: Map<CompiledFetch, CompiledFetch> | undefined;
  /** Collects the entity requests of the fetches that begin now; `undefined` if they are sent at once. */
  joinedRequest: JoinedRequest | undefined;
  /** Number of entities requested so far. */
  requestedEntityCount: number;
  /** Whether the stage is executed again, for entities that could not be fetched before. */
  isRepeatedStage: boolean;
}

export const createExecutionState = (
  { typeConditions, responseProjection }: CompiledOperation,
  { variables, context }: ExecutionRequest,
  {
    dataSources,
    eventDataSource,
    inFlightRequests,
    maxEntitiesPerFetch = 1_000,
    joinEntityFetches = true,
    toClientServiceName = keepServiceName,
    logger,
  }: ExecutionEnvironment,
): ExecutionState => ({
  typeConditions,
  data: {},
  sharedValues: new Set(),
  fieldErrors: undefined,
  addedErrors: [],
  entityCache: undefined,
  entityFetchProgress: undefined,
  contextFetches: undefined,
  mergedFetches: undefined,
  joinedRequest: undefined,
  requestedEntityCount: 0,
  isRepeatedStage: false,
  variables,
  context,
  responseProjection,
  dataSources,
  eventDataSource,
  inFlightRequests,
  maxEntitiesPerFetch,
  joinEntityFetches,
  toClientServiceName,
  logger,
});

const keepServiceName = (serviceName: string): string => serviceName;

/** What an entity fetch has done so far in this execution. */
export interface EntityFetchProgress {
  readonly processedObjects: readonly JsonObject[];
  /** The objects that lack required fields, each with whether an error was added for it. */
  readonly incompleteObjects: Map<JsonObject, boolean>;
}

/** A request for entities whose response other fetches of the plan can use. */
export interface SharedEntityRequest {
  /** A copy of the response that must not be changed; `undefined` if there is none, so that the entities are fetched again. */
  readonly response: Promise<SubgraphResponse | undefined>;
}

/** The requested entities by representation: the request, and the index in its response. */
export type RequestedEntities = Map<string, { readonly batch: SharedEntityRequest; readonly index: number }>;

/** The entities that the equal fetches of a plan have requested. Cleared by each mutation. */
export type EntityCache = Map<EntitySharingFetchGroup, RequestedEntities>;
