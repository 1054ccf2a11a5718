import { operationFromDocument } from '@apollo/federation-internals';
import { QueryPlanner as ApolloPlanner } from '@apollo/query-planner';
import type {
  FetchNode as ApolloFetchNode,
  PlanNode as ApolloPlanNode,
  QueryPlan as ApolloQueryPlan,
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
import type { FetchNode, PlanNode, PlanningLimits, PlanPathStep, VariableValues } from './query-planner.js';
import { hasDivergentFields } from './has-divergent-fields.js';
import { removeDeniedSelections } from './remove-denied-selections.js';
import { rewriteOperation } from './rewrite-operation.js';
import { readOverrideConditions } from './override-conditions.js';
import { planMutationFieldsSerially } from './serialize-mutation-fields.js';
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

/** The result of planning one operation. */
export type StagePlanningResult =
  /** `OperationPlan.stages` as JSON: the planner's own objects hold its whole query graph. */
  | { readonly kind: 'planned'; readonly stagesJson: string }
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

  const buildPlan = (
    document: DocumentNode,
    operation: OperationDefinitionNode,
    overrideConditions: Map<string, boolean>,
  ): ApolloQueryPlan => {
    const operationName = operation.name?.value;
    const planner = hasDivergentFields(operation.selectionSet) ? typeConditionedPlanner : apolloPlanner;
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
  ): PlanNode | undefined => {
    const { node } = buildPlan(document, operation, overrideConditions);
    const plan = node && correctOperations(convertPlanNode(node));
    const field = findUnfetchedField(apiSchema, operation, plan);
    if (field !== undefined) throw new NoPlanError(`The plan leaves out the field "${field}".`, field);
    return plan;
  };

  const planOperation = (
    document: DocumentNode,
    operation: OperationDefinitionNode,
    overrides: Map<string, boolean>,
  ): readonly PlanNode[] => {
    switch (operation.operation) {
      case OperationTypeNode.QUERY: {
        const plan = planFetches(document, operation, overrides);
        return plan ? [plan] : [];
      }
      case OperationTypeNode.MUTATION:
        return planMutationFieldsSerially(document, operation, (field, fieldOperation) =>
          planFetches(field, fieldOperation, overrides),
        );
      case OperationTypeNode.SUBSCRIPTION:
        return [
          planSubscription(
            document,
            operation,
            eventSubgraphs,
            (event, eventOperation) => buildPlan(event, eventOperation, overrides),
            correctOperations,
          ),
        ];
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
        const stages = planOperation(
          document,
          getOperation(document, operationName),
          readOverrideConditions(conditionValues),
        );
        const stagesJson = restoreLargeIntegers(JSON.stringify(stages));
        if (stagesJson.length <= MAX_PLAN_LENGTH) return { kind: 'planned', stagesJson };
        return { kind: 'tooComplex', message: `The plan has ${stagesJson.length} characters.` };
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
function enableTypeConditionedFetching(planner: ApolloPlanner): ApolloPlanner {
  const config: unknown = { ...(Reflect.get(planner, 'config') as object), typeConditionedFetching: true };
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

/** @throws Error for nodes that the executor does not support */
function convertPlanNode(node: NonNullable<ApolloQueryPlan['node']>): PlanNode {
  switch (node.kind) {
    case 'Fetch':
      return convertFetchNode(node);
    case 'Flatten':
      return { kind: 'Flatten', path: node.path.flatMap(convertPathStep), node: convertPlanNode(node.node) };
    case 'Sequence':
    case 'Parallel':
      return { kind: node.kind, nodes: node.nodes.map((each: ApolloPlanNode) => convertPlanNode(each)) };
    default:
      // Conditions are evaluated and @defer is removed before planning.
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
