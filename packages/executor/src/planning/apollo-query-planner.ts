import {
  OperationTypeNode,
  parse,
  type DocumentNode,
  type FieldDefinitionNode,
  type GraphQLError,
  type GraphQLSchema,
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
  type DeferralPlan,
  type DeferredBlock,
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
import {
  createStagePlanner,
  type PlannedStages,
  type StagePlanningResult,
  type UnplannableResult,
} from './stage-planner.js';
import { createUnplannableOperations } from './unplannable-operations.js';
import { findFieldNodes } from './unresolvable-fields.js';

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
  const { supergraphSdl, maxEvaluatedPlans, maxPlanPaths, maxDeferredFragments, canSubscribe, logger } =
    options;
  const eventSources = selectSnapshots(options.eventSources);
  const input: PlannerInput = {
    supergraphSdl,
    eventSources,
    maxEvaluatedPlans,
    maxPlanPaths,
    maxDeferredFragments,
  };
  // The first worker loads the supergraph while this thread does.
  const pool = options.planWorkers > 0 ? createPlanningPool(input, options) : undefined;
  try {
    const planned = buildPlannedSupergraph(input, supergraphDocument);
    const eventSubgraphs = buildEventSubgraphs(planned);
    const planStages = rememberUnplannable(
      pool ? createRemotePlanning(pool) : createLocalPlanning(planned, input),
      logger,
    );
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
        const finish = (result: StagePlanningResult) => {
          if (result.kind === 'fault') throw new Error(result.message);
          if (result.kind !== 'planned') throw createPlanningError(planned.apiSchema, operationInput, result);
          const rewritten = rewriteOperation(document, operationName, conditionValues, planned);
          return createOperationPlan(rewritten, eventSubgraphs, supergraphDocument, result);
        };
        if (!('addCaller' in stages)) return finish(stages);
        return { plan: stages.result.then(finish), addCaller: (another) => stages.addCaller(another) };
      },
      ready: pool?.ready ?? Promise.resolve(),
      get statistics() {
        return pool?.statistics;
      },
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

const createRemotePlanning =
  (pool: PlanningPool): PlanStages =>
  ({ query, operationName, conditionValues, unmetRequirements }, caller) =>
    pool.plan({ query, operationName, conditionValues, unmetRequirements }, caller);

/** Operations that have no plan are rejected at once when they come again. */
function rememberUnplannable(planStages: PlanStages, logger: StructuredLogger): PlanStages {
  const unplannableOperations = createUnplannableOperations();
  return (input, caller) => {
    const earlierResult = unplannableOperations.get(input);
    if (earlierResult) return earlierResult;
    const remember = (result: StagePlanningResult): StagePlanningResult => {
      if (result.kind !== 'tooComplex' && result.kind !== 'noPlan') return result;
      unplannableOperations.add(input, result);
      logger.warn(
        { operation: input.operationName, reason: result.message },
        result.kind === 'tooComplex'
          ? 'an operation is too complex to plan'
          : 'no subgraph can resolve a field of an operation: correct the supergraph',
      );
      return result;
    };
    const stages = planStages(input, caller);
    if (!('addCaller' in stages)) return remember(stages);
    return { result: stages.result.then(remember), addCaller: (another) => stages.addCaller(another) };
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

function createOperationPlan(
  rewritten: RewrittenOperation,
  eventSubgraphs: ReadonlyMap<string, EventSubgraph>,
  { subgraphs }: SupergraphDocument,
  { stagesJson, blocksJson }: PlannedStages,
): OperationPlan {
  const stages = JSON.parse(stagesJson) as readonly PlanNode[];
  const subscription =
    rewritten.operation.operation === OperationTypeNode.SUBSCRIPTION
      ? createSubscriptionPlan(rewritten, eventSubgraphs, subgraphs, stages)
      : undefined;
  const { document, operation, clientResponseKeys, renamedVariable, deferredFragments } = rewritten;
  const deferral: DeferralPlan | undefined =
    blocksJson === undefined
      ? undefined
      : { fragments: deferredFragments, blocks: JSON.parse(blocksJson) as readonly DeferredBlock[] };
  const jsonLength = stagesJson.length + (blocksJson?.length ?? 0);
  // Spreading `rewritten` would take longer than parsing the stages.
  return {
    document,
    operation,
    clientResponseKeys,
    renamedVariable,
    stages,
    deferral,
    subscription,
    jsonLength,
  };
}

/** Creates the error of an operation that has no plan. It names nothing but fields that the client selects. */
function createPlanningError(
  apiSchema: GraphQLSchema,
  { document, operationName }: PlanOperationInput,
  result: UnplannableResult,
): GraphQLError {
  if (result.kind === 'tooComplex') {
    return createCodedError(
      'OPERATION_TOO_COMPLEX',
      'The operation takes too long to plan. Select less, or split it into several operations.',
    );
  }
  const { field } = result;
  const nodes = field === undefined ? undefined : findFieldNodes(apiSchema, document, field);
  if (getOperation(document, operationName).operation === OperationTypeNode.SUBSCRIPTION) {
    return createCodedError(
      'SUBSCRIPTION_NOT_SUPPORTED',
      'The subscription selects fields that its events do not carry and no subgraph can add. Remove these fields.',
      nodes,
    );
  }
  return createCodedError(
    'OPERATION_NOT_RESOLVABLE',
    field === undefined
      ? 'No subgraph can resolve some field that the operation selects. Select less.'
      : `No subgraph can resolve the field "${field}" where the operation selects it. Remove it from the operation.`,
    nodes,
  );
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
