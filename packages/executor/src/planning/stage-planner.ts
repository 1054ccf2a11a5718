import { operationFromDocument } from '@apollo/federation-internals';
import { QueryPlanner as ApolloPlanner } from '@apollo/query-planner';
import type {
  FetchNode as ApolloFetchNode,
  PlanNode as ApolloPlanNode,
  QueryPlan as ApolloQueryPlan,
  QueryPlannerConfig,
} from '@apollo/query-planner';
import {
  Kind,
  OperationTypeNode,
  visit,
  type DocumentNode,
  type FieldNode,
  type OperationDefinitionNode,
} from 'graphql';
import {
  collectRootSelections,
  forEachSelection,
  getOperation,
  isIntrospectionField,
  WITHOUT_VALUES,
} from '../shared/graphql-ast.js';
import { createAccessFilter } from '../supergraph/access-filter.js';
import { fillEmptySelectionSets } from './evaluate-skip-include.js';
import { markLargeIntegers, restoreLargeIntegers } from './exact-literals.js';
import { correctEventFirstPlan, type EventFirstPlan } from './event-first-plan.js';
import type { EventSubgraphDefinition } from './event-subgraph.js';
import { mapFetches } from './plan-nodes.js';
import { createRootTypeConditionRemover } from './root-type-conditions.js';
import type { PlannedSupergraph } from './planned-supergraph.js';
import type {
  DeferredBlock,
  FetchNode,
  PlanNode,
  PlanningLimits,
  PlanPathStep,
  VariableValues,
} from './query-planner.js';
import { hasDivergentFields } from './has-divergent-fields.js';
import { removeDeniedSelections } from './remove-denied-selections.js';
import { rewriteOperation } from './rewrite-operation.js';
import { readOverrideConditions } from './override-conditions.js';
import { addTypenamesBesideDeferred, readFragmentNumber } from './label-deferred-fragments.js';
import {
  planMutationFieldsSerially,
  type PartitionedPlan,
  type PlannedFetches,
} from './serialize-mutation-fields.js';
import { simplifyTypeConditions } from './simplify-type-conditions.js';
import { findUnfetchedField, readUnresolvableField } from './unresolvable-fields.js';

/** Plans the fetches of operations. All that it receives and returns can be sent to another thread. */
export interface StagePlanner {
  /**
   * @param document valid for the API schema
   * @param unmetRequirements see `PlanOperationInput`
   */
  planStages(
    document: DocumentNode,
    operationName: string | undefined,
    conditionValues: VariableValues,
    unmetRequirements?: readonly string[],
  ): StagePlanningResult;
}

/** A plan as JSON: the planner's own objects hold its whole query graph. */
export interface PlannedStages {
  readonly kind: 'planned';
  /** `OperationPlan.stages` */
  readonly stagesJson: string;
  /** `DeferralPlan.blocks`; `undefined` if nothing is deferred. */
  readonly blocksJson?: string | undefined;
}

/** The result of planning one operation. */
export type StagePlanningResult =
  | PlannedStages
  | UnplannableResult
  /** A fault of the software. */
  | { readonly kind: 'fault'; readonly message: string };

/** Why there is no plan. It is the same when the operation is planned again. */
export type UnplannableResult =
  /** Planning exceeds a limit. */
  | { readonly kind: 'tooComplex'; readonly message: string }
  /** No subgraph can resolve a field. `field` is its coordinate, or its name; `undefined` if it is unknown. */
  | { readonly kind: 'noPlan'; readonly message: string; readonly field: string | undefined };

/** Maximum length of a plan as JSON. The executor's thread parses and compiles it. */
const MAX_PLAN_LENGTH = 2_097_152;

/** Messages of Apollo's planner when an operation exceeds `pathsLimit` or its own limit. */
const LIMIT_MESSAGE = /Too many options generated|Number of non-local selections exceeds limit/;

/** The planner finds no plan for the operation. */
class NoPlanError extends Error {
  constructor(
    message: string,
    /** See `UnplannableResult`. */
    readonly field?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Creates a planner that uses `@apollo/query-planner`. Operations are rewritten before planning, and plans are corrected after
 * it, where the planner fails or its plans would give wrong responses.
 */
export function createStagePlanner(
  planned: PlannedSupergraph,
  { maxEvaluatedPlans, maxPlanPaths }: PlanningLimits,
): StagePlanner {
  const { supergraph, apiSchema, accessRules, eventSubgraphs, restoreFetch } = planned;
  const plannerApiSchema = supergraph.apiSchema();
  const apolloPlanner = new ApolloPlanner(supergraph, {
    // The corrections of event plans need operations without named fragments.
    reuseQueryFragments: false,
    debug: { maxEvaluatedPlans, pathsLimit: maxPlanPaths },
  });

  const removeRootTypeConditions = createRootTypeConditionRemover(apiSchema);
  const correctOperations = (plan: PlanNode): PlanNode | undefined =>
    mapFetches(plan, (fetch) =>
      restoreFetch({ ...fetch, operation: removeRootTypeConditions(fetch.operation) }),
    );
  const typeConditionedPlanner = enableTypeConditionedFetching(apolloPlanner);
  const deferringPlanner = enableDefer(apolloPlanner);
  const deferringTypeConditionedPlanner = enableDefer(typeConditionedPlanner);

  const buildPlan = (
    document: DocumentNode,
    operation: OperationDefinitionNode,
    overrideConditions: Map<string, boolean>,
    isDeferring = false,
  ): ApolloQueryPlan => {
    const operationName = operation.name?.value;
    const isTypeConditioned = hasDivergentFields(operation.selectionSet);
    const plainPlanner = isTypeConditioned ? typeConditionedPlanner : apolloPlanner;
    const partsPlanner = isTypeConditioned ? deferringTypeConditionedPlanner : deferringPlanner;
    const planner = isDeferring ? partsPlanner : plainPlanner;
    try {
      return planner.buildQueryPlan(
        operationFromDocument(
          plannerApiSchema,
          document,
          // The executor has validated the document for the same schema.
          { validate: false, ...(operationName !== undefined && { operationName }) },
        ),
        { overrideConditions },
      );
    } catch (error) {
      const message = describeError(error);
      throw new NoPlanError(message, readUnresolvableField(apiSchema, document, message), { cause: error });
    }
  };
  const planFetches = (
    document: DocumentNode,
    operation: OperationDefinitionNode,
    overrideConditions: Map<string, boolean>,
    isDeferring: boolean,
  ): PartitionedPlan => {
    const { node } = buildPlan(document, operation, overrideConditions, isDeferring);
    const { primary, blocks } = partitionPlan(node, correctOperations);
    const nodes = [primary, ...blocks.map((block) => block.node)].flatMap((each) => each ?? []);
    const field = findUnfetchedField(
      apiSchema,
      operation,
      nodes.length > 1 ? { kind: 'Parallel', nodes } : nodes[0],
    );
    if (field !== undefined) throw new NoPlanError(`The plan leaves out the field "${field}".`, field);
    return { primary, blocks };
  };

  const planOperation = (
    document: DocumentNode,
    operation: OperationDefinitionNode,
    overrides: Map<string, boolean>,
    isDeferring: boolean,
  ): PlannedFetches => {
    switch (operation.operation) {
      case OperationTypeNode.QUERY: {
        const { primary, blocks } = planFetches(document, operation, overrides, isDeferring);
        return { stages: primary ? [primary] : [], blocks };
      }
      case OperationTypeNode.MUTATION:
        return planMutationFieldsSerially(document, operation, (field, fieldOperation) =>
          planFetches(field, fieldOperation, overrides, isDeferring),
        );
      case OperationTypeNode.SUBSCRIPTION: {
        const plan = planSubscription(
          document,
          operation,
          eventSubgraphs,
          (event, eventOperation) => buildPlan(event, eventOperation, overrides),
          correctOperations,
        );
        return { stages: [plan], blocks: [] };
      }
    }
  };

  /** @param document without named fragments; with labels at its deferred fragments */
  const planInParts = (
    document: DocumentNode,
    operationName: string | undefined,
    overrides: Map<string, boolean>,
  ): PlannedFetches | undefined => {
    try {
      return planOperation(document, getOperation(document, operationName), overrides, true);
    } catch (error) {
      // Apollo's planner has faults with deferred fragments that it does not have without. The operation is then answered at once.
      if (error instanceof NoPlanError) return undefined;
      throw error;
    }
  };

  return {
    planStages(clientDocument, operationName, conditionValues, unmetRequirements = []) {
      try {
        const rewritten = rewriteOperation(clientDocument, operationName, conditionValues, planned);
        const permitted =
          accessRules && unmetRequirements.length > 0
            ? removeDeniedSelections(
                rewritten.document,
                apiSchema,
                createAccessFilter(accessRules, unmetRequirements),
              )
            : rewritten.document;
        const exact = markLargeIntegers(permitted, apiSchema);
        const operation = getOperation(exact, operationName);
        const document = fillEmptySelectionSets(
          removeIntrospection(simplifyTypeConditions(exact, operation, planned)),
        );
        const plannedOperation = getOperation(document, operationName);
        const overrides = readOverrideConditions(conditionValues);
        const inParts =
          rewritten.deferredFragments.length > 0
            ? planInParts(addTypenamesBesideDeferred(document), operationName, overrides)
            : undefined;
        const fetches = inParts ?? planOperation(document, plannedOperation, overrides, false);
        const stagesJson = restoreLargeIntegers(JSON.stringify(fetches.stages));
        const blocksJson = inParts && restoreLargeIntegers(JSON.stringify(inParts.blocks));
        const length = stagesJson.length + (blocksJson?.length ?? 0);
        if (length <= MAX_PLAN_LENGTH) return { kind: 'planned', stagesJson, blocksJson };
        return { kind: 'tooComplex', message: `The plan has ${length} characters.` };
      } catch (error) {
        const message = describeError(error);
        if (!(error instanceof NoPlanError)) return { kind: 'fault', message };
        return LIMIT_MESSAGE.test(message)
          ? { kind: 'tooComplex', message }
          : { kind: 'noPlan', message, field: error.field };
      }
    },
  };
}

/**
 * Returns the planner with `typeConditionedFetching`, which fetches entities of one place separately for each type above them.
 * Without it, the selections for all these types are merged, and one response key with different arguments in two types has the
 * value of the first one (https://github.com/apollographql/federation/issues/2938). Most operations have no such key, and
 * separate fetches cost them requests. Both planners share one query graph, which is large: the option is read for each plan.
 */
const enableTypeConditionedFetching = (planner: ApolloPlanner): ApolloPlanner =>
  configurePlanner(planner, { typeConditionedFetching: true });

/** Returns the planner with plans that have separate nodes for deferred fragments. Without, it removes `@defer`. */
const enableDefer = (planner: ApolloPlanner): ApolloPlanner =>
  configurePlanner(planner, { incrementalDelivery: { enableDefer: true } });

function configurePlanner(planner: ApolloPlanner, options: QueryPlannerConfig): ApolloPlanner {
  const config: unknown = { ...(Reflect.get(planner, 'config') as object), ...options };
  return Object.create(planner, { config: { value: config } }) as ApolloPlanner;
}

/**
 * Removes `__schema` and `__type`, which the executor resolves from its schema: the query type can also be the type of other
 * fields. Apollo's planner would ask a subgraph, and rejects fields of the introspection system that it does not know.
 * @param document has one operation and no named fragments
 */
function removeIntrospection(document: DocumentNode): DocumentNode {
  const introspectionFields: FieldNode[] = [];
  forEachSelection(document, (selection) => {
    if (selection.kind === Kind.FIELD && isIntrospectionField(selection)) introspectionFields.push(selection);
  });
  if (introspectionFields.length === 0) return document;
  return visit(document, {
    ...WITHOUT_VALUES,
    Field: (field) => (isIntrospectionField(field) ? null : undefined),
    InlineFragment: { leave: ({ selectionSet }) => (selectionSet.selections.length > 0 ? undefined : null) },
  });
}

const describeError = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

type BuildPlan = (document: DocumentNode, operation: OperationDefinitionNode) => ApolloQueryPlan;

/** Plans the fetch that reads the event, and after it all other fetches. @throws NoPlanError */
function planSubscription(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  eventSubgraphs: ReadonlyMap<string, EventSubgraphDefinition>,
  buildPlan: BuildPlan,
  correctOperations: (plan: PlanNode) => PlanNode | undefined,
): PlanNode {
  const [rootField] = collectRootSelections(document, operation).fields;
  const fieldName = rootField?.name.value ?? '';
  const eventSubgraph = eventSubgraphs.get(fieldName);
  const { node } = buildPlan(document, operation);
  if (
    node?.kind !== 'Subscription' ||
    (eventSubgraph && node.primary.serviceName !== eventSubgraph.serviceName)
  ) {
    throw new NoPlanError(`The plan of the subscription field "${fieldName}" does not begin with its event.`);
  }
  const primaryFetch = convertFetchNode(node.primary);
  const plan: EventFirstPlan = {
    eventFetch: eventSubgraph ? primaryFetch : correctSubscription(primaryFetch, correctOperations),
    subgraphFetches: node.rest && correctOperations(convertPlanNode(node.rest)),
  };
  const { eventFetch, subgraphFetches } = eventSubgraph ? correctEventFirstPlan(plan, eventSubgraph) : plan;
  return { kind: 'Sequence', nodes: subgraphFetches ? [eventFetch, subgraphFetches] : [eventFetch] };
}

/** Corrects the subscription that a subgraph receives. */
function correctSubscription(
  fetch: FetchNode,
  correctOperations: (plan: PlanNode) => PlanNode | undefined,
): FetchNode {
  const corrected = correctOperations(fetch);
  if (corrected?.kind !== 'Fetch') throw new Error('The subscription of a subgraph must be one fetch.');
  return corrected;
}

/** Separates the fetches for deferred fragments from the others. `Defer` nodes are the outermost nodes of a plan and of its blocks. */
function partitionPlan(
  node: ApolloQueryPlan['node'],
  correctOperations: (plan: PlanNode) => PlanNode | undefined,
): PartitionedPlan {
  if (!node) return { primary: undefined, blocks: [] };
  if (node.kind !== 'Defer') return { primary: correctOperations(convertPlanNode(node)), blocks: [] };
  return {
    primary: partitionPlan(node.primary.node, correctOperations).primary,
    blocks: node.deferred.flatMap((deferred): DeferredBlock[] => {
      const { primary, blocks } = partitionPlan(deferred.node, correctOperations);
      return [
        {
          fragment: readFragmentNumber(deferred.label),
          dependsOn: deferred.depends.map(({ id }) => id),
          node: primary,
        },
        ...blocks,
      ];
    }),
  };
}

/** @throws Error for nodes that the executor does not support */
function convertPlanNode(node: NonNullable<ApolloQueryPlan['node']>): PlanNode {
  switch (node.kind) {
    case 'Fetch':
      return convertFetchNode(node);
    case 'Flatten': {
      const inner = convertPlanNode(node.node);
      // Deferred root fields have an empty path.
      if (node.path.length === 0) return inner;
      return { kind: 'Flatten', path: node.path.flatMap(convertPathStep), node: inner };
    }
    case 'Sequence':
    case 'Parallel':
      return { kind: node.kind, nodes: node.nodes.map((each: ApolloPlanNode) => convertPlanNode(each)) };
    default:
      // Conditions are evaluated before planning.
      throw new Error(`The executor does not support query plans with ${node.kind} nodes.`);
  }
}

/** A step of Apollo's planner has its type condition at its end: `@|[Book,Film]`. The first step can be only a condition. */
function convertPathStep(step: string | number): PlanPathStep[] {
  const [key = '', types] = String(step).split('|');
  return [
    ...(key === '' ? [] : [key]),
    ...(types === undefined ? [] : [{ types: types.slice(1, -1).split(',') }]),
  ];
}

function convertFetchNode(node: ApolloFetchNode): FetchNode {
  const { operation, operationName } = removeOperationNumber(node);
  return {
    kind: 'Fetch',
    ...(node.id !== undefined && { id: node.id }),
    serviceName: node.serviceName,
    operationKind: node.operationKind,
    operation,
    operationName,
    variableUsages: node.variableUsages ?? [],
    requires: node.requires,
    inputRewrites: node.inputRewrites ?? [],
    outputRewrites: node.outputRewrites ?? [],
    contextRewrites: node.contextRewrites ?? [],
  };
}

/** Apollo's planner numbers the operations of a plan. Without the number, fetches of the same fields are equal. */
function removeOperationNumber({
  operation,
  operationName,
}: ApolloFetchNode): Pick<FetchNode, 'operation' | 'operationName'> {
  const name = operationName?.replace(/__\d+$/, '');
  return operationName === undefined || name === undefined
    ? { operation, operationName }
    : { operation: operation.replace(operationName, name), operationName: name };
}
