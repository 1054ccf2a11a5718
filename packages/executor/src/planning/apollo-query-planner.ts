import {
  OperationTypeNode,
  parse,
  type DocumentNode,
  type FieldDefinitionNode,
  type ObjectTypeDefinitionNode,
  type OperationDefinitionNode,
} from 'graphql';
import { createCodedError } from '../shared/errors.js';
import { collectRootSelections, getOperation } from '../shared/graphql-ast.js';
import type { StructuredLogger } from '../shared/logger.js';
import {
  getFieldGraphs,
  getRootType,
  parseSupergraph,
  type Subgraph,
  type SupergraphDocument,
} from '../supergraph/supergraph-document.js';
import { createOverrideLabelFinder } from './override-conditions.js';
import { buildPlannedSupergraph, type PlannedSupergraph } from './planned-supergraph.js';
import { createPlanningPool, type PlanningPool, type PlanningPoolOptions } from './planning-pool.js';
import {
  PlanningError,
  type EventSubgraph,
  type OperationPlan,
  type PlannerInput,
  type PlanningCaller,
  type PlanNode,
  type PlanOperationInput,
  type QueryPlanner,
  type SubscriptionPlan,
} from './query-planner.js';
import type { PendingStages } from './shared-job.js';
import { rewriteOperation, type RewrittenOperation } from './rewrite-operation.js';
import { createStagePlanner, type StagePlanningResult } from './stage-planner.js';
import { createTimedOutOperations } from './timed-out-operations.js';

/** The parameters of {@link createApolloQueryPlanner}. */
export interface QueryPlannerOptions extends PlannerInput, PlanningPoolOptions {
  /** 0: operations are planned on the calling thread, without a time limit. */
  readonly planWorkers: number;
  /**
   * Whether the events of subscription fields can come from a subgraph. Called for each operation, and only for fields without a
   * source of events.
   */
  readonly canSubscribe: (subgraphName: string) => boolean;
  readonly logger: StructuredLogger;
}

/**
 * Creates a query planner that uses `@apollo/query-planner` for one supergraph, in worker threads. A reload creates a new
 * planner.
 * @throws Error if the supergraph is invalid, or the snapshot of an event source does not fit it
 */
export function createApolloQueryPlanner(
  options: QueryPlannerOptions,
  supergraphDocument = parseSupergraph(options.supergraphSdl),
): QueryPlanner {
  const { supergraphSdl, maxEvaluatedPlans, maxPlanPaths, canSubscribe, logger } = options;
  const eventSources = selectSnapshots(options.eventSources);
  const input: PlannerInput = { supergraphSdl, eventSources, maxEvaluatedPlans, maxPlanPaths };
  // The first worker loads the supergraph while this thread does.
  const pool = options.planWorkers > 0 ? createPlanningPool(input, options) : undefined;
  try {
    const planned = buildPlannedSupergraph(input, supergraphDocument);
    const eventSubgraphs = buildEventSubgraphs(planned);
    const planStages = pool ? createRemotePlanning(pool, logger) : createLocalPlanning(planned, input);
    return {
      apiSchema: planned.apiSchema,
      accessRules: planned.accessRules,
      fullSchema: planned.supergraph.schema.toGraphQLJSSchema(),
      get subscriptionFields() {
        return listSubscriptionFields(supergraphDocument, eventSubgraphs, canSubscribe);
      },
      findOverrideLabels: createOverrideLabelFinder(supergraphDocument, planned.implicitFields),
      planOperation(operationInput, caller) {
        const { document, operationName, conditionValues } = operationInput;
        const operation = getOperation(document, operationName);
        if (operation.operation === OperationTypeNode.SUBSCRIPTION) {
          assertHasEvents(document, operation, supergraphDocument, eventSubgraphs, canSubscribe);
        }
        const stages = planStages(operationInput, caller);
        const finish = (result: StagePlanningResult) =>
          createOperationPlan(
            rewriteOperation(document, operationName, conditionValues, planned),
            eventSubgraphs,
            supergraphDocument,
            result,
          );
        if (!('addCaller' in stages)) return finish(stages);
        return { plan: stages.result.then(finish), addCaller: (another) => stages.addCaller(another) };
      },
      ready: pool?.ready ?? Promise.resolve(),
      retire: () => pool?.retire(),
      close: () => pool?.close() ?? Promise.resolve(),
    };
  } catch (error) {
    void pool?.close();
    throw error;
  }
}

/** Sources have functions, which cannot be sent to another thread. */
const selectSnapshots = (eventSources: PlannerInput['eventSources']): PlannerInput['eventSources'] =>
  Object.fromEntries(
    Object.entries(eventSources).map(([fieldName, { snapshot, type }]) => [
      fieldName,
      { ...(snapshot !== undefined && { snapshot }), ...(type !== undefined && { type }) },
    ]),
  );

type PlanStages = (input: PlanOperationInput, caller: PlanningCaller) => StagePlanningResult | PendingStages;

function createLocalPlanning(planned: PlannedSupergraph, input: PlannerInput): PlanStages {
  const stagePlanner = createStagePlanner(planned, input);
  return ({ document, operationName, conditionValues, unmetRequirements }) =>
    stagePlanner.planStages(document, operationName, conditionValues, unmetRequirements);
}

/** Plans in the workers of a pool. Operations that took too long are rejected at once when they come again. */
function createRemotePlanning(pool: PlanningPool, logger: StructuredLogger): PlanStages {
  const timedOutOperations = createTimedOutOperations();
  return ({ query, operationName, conditionValues, unmetRequirements }, caller) => {
    const job = { query, operationName, conditionValues, unmetRequirements };
    const earlierMessage = timedOutOperations.get(job);
    if (earlierMessage !== undefined) return { kind: 'tooComplex', message: earlierMessage };
    const pending = pool.plan(job, caller);
    const result = pending.result.then((stages) => {
      if (stages.kind === 'tooComplex') {
        timedOutOperations.add(job, stages.message);
        logger.warn(
          { operation: operationName, reason: stages.message },
          'an operation is too complex to plan',
        );
      }
      return stages;
    });
    return { result, addCaller: (another) => pending.addCaller(another) };
  };
}

function buildEventSubgraphs({
  supergraph,
  eventSubgraphs,
}: PlannedSupergraph): ReadonlyMap<string, EventSubgraph> {
  if (eventSubgraphs.size === 0) return new Map();
  const subgraphs = supergraph.subgraphs();
  return new Map(
    [...eventSubgraphs].map(([fieldName, { serviceName, owner }]) => {
      const subgraph = subgraphs.get(serviceName);
      if (!subgraph) throw new Error(`The supergraph has no subgraph ${serviceName}.`);
      return [fieldName, { fieldName, serviceName, owner, schema: subgraph.schema.toGraphQLJSSchema() }];
    }),
  );
}

/** The subscription fields with a source of events, and those of subgraphs that provide the events themselves. */
function listSubscriptionFields(
  supergraph: SupergraphDocument,
  eventSubgraphs: ReadonlyMap<string, EventSubgraph>,
  canSubscribe: QueryPlannerOptions['canSubscribe'],
): string[] {
  const type = getRootType(supergraph, OperationTypeNode.SUBSCRIPTION);
  const fields = type?.fields?.filter(
    (field) => eventSubgraphs.has(field.name.value) || findOwners(supergraph, type, field).some(canSubscribe),
  );
  return (fields ?? []).map(({ name }) => name.value);
}

/** The names of the subgraphs that resolve a field. */
function findOwners(
  { subgraphs }: SupergraphDocument,
  type: ObjectTypeDefinitionNode,
  field: FieldDefinitionNode,
): string[] {
  const graphs = getFieldGraphs(type, field);
  return subgraphs.filter(({ graph }) => graphs.includes(graph)).map(({ name }) => name);
}

/** @throws GraphQLError SUBSCRIPTION_NOT_SUPPORTED if nothing provides the events of a subscription */
function assertHasEvents(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  supergraph: SupergraphDocument,
  eventSubgraphs: ReadonlyMap<string, EventSubgraph>,
  canSubscribe: QueryPlannerOptions['canSubscribe'],
): void {
  const [rootField] = collectRootSelections(document, operation).fields;
  const fieldName = rootField?.name.value ?? '';
  if (eventSubgraphs.has(fieldName)) return;
  const type = getRootType(supergraph, OperationTypeNode.SUBSCRIPTION);
  const field = type?.fields?.find(({ name }) => name.value === fieldName);
  if (type && field && findOwners(supergraph, type, field).some(canSubscribe)) return;
  throw createCodedError(
    'SUBSCRIPTION_NOT_SUPPORTED',
    `This server has no source of events for the subscription field "${fieldName}".`,
    rootField && [rootField],
  );
}

/** @throws PlanningError if there is no plan; GraphQLError OPERATION_TOO_COMPLEX */
function createOperationPlan(
  rewritten: RewrittenOperation,
  eventSubgraphs: ReadonlyMap<string, EventSubgraph>,
  { subgraphs }: SupergraphDocument,
  result: StagePlanningResult,
): OperationPlan {
  if (result.kind === 'planned') {
    const stages = JSON.parse(result.stagesJson) as readonly PlanNode[];
    const subscription =
      rewritten.operation.operation === OperationTypeNode.SUBSCRIPTION
        ? createSubscriptionPlan(rewritten, eventSubgraphs, subgraphs, stages)
        : undefined;
    const { document, operation, clientResponseKeys, renamedVariable } = rewritten;
    const jsonLength = result.stagesJson.length;
    // Spreading `rewritten` would take longer than parsing the stages.
    return { document, operation, clientResponseKeys, renamedVariable, stages, subscription, jsonLength };
  }
  const cause = new Error(result.message);
  if (result.kind === 'tooComplex') {
    throw createCodedError(
      'OPERATION_TOO_COMPLEX',
      'The operation takes too long to plan. Select less, or split it into several operations.',
    );
  }
  if (result.kind === 'fault') throw cause;
  throw new PlanningError(rewritten.operation.operation, 'The planner finds no plan for the operation.', {
    cause,
  });
}

function createSubscriptionPlan(
  { document, operation }: RewrittenOperation,
  eventSubgraphs: ReadonlyMap<string, EventSubgraph>,
  subgraphs: readonly Subgraph[],
  stages: readonly PlanNode[],
): SubscriptionPlan {
  const [rootField] = collectRootSelections(document, operation).fields;
  const [sequence] = stages;
  const [eventFetch, ...subgraphFetches] = sequence?.kind === 'Sequence' ? sequence.nodes : [];
  if (!rootField || eventFetch?.kind !== 'Fetch') throw new Error('The plan does not begin with its event.');
  const eventSubgraph = eventSubgraphs.get(rootField.name.value);
  const owner = eventSubgraph?.owner ?? subgraphs.find(({ name }) => name === eventFetch.serviceName);
  if (!owner) throw new Error(`The supergraph has no subgraph ${eventFetch.serviceName}.`);
  return {
    rootField,
    owner,
    hasSubgraphFetches: subgraphFetches.length > 0,
    sourceEvent: eventSubgraph && {
      eventSubgraph,
      document: parse(eventFetch.operation, { noLocation: true }),
    },
  };
}
