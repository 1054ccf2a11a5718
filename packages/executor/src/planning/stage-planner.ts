import { operationFromDocument } from '@apollo/federation-internals';
import { QueryPlanner as ApolloPlanner } from '@apollo/query-planner';
import type {
  FetchNode as ApolloFetchNode,
  PlanNode as ApolloPlanNode,
  QueryPlan as ApolloQueryPlan,
} from '@apollo/query-planner';
import { Kind, OperationTypeNode, visit, type DocumentNode, type OperationDefinitionNode } from 'graphql';
import {
  collectRootSelections,
  forEachSelection,
  getOperation,
  isIntrospectionField,
  WITHOUT_VALUES,
} from '../shared/graphql-ast.js';
import { createAccessFilter } from '../supergraph/access-filter.js';
import { fillEmptySelectionSets } from './evaluate-skip-include.js';
import { correctEventFirstPlan } from './event-first-plan.js';
import type { EventSubgraphDefinition } from './event-subgraph.js';
import type { PlannedSupergraph } from './planned-supergraph.js';
import type { FetchNode, PlanNode, PlanningLimits, VariableValues } from './query-planner.js';
import { removeDeniedSelections } from './remove-denied-selections.js';
import { rewriteOperation } from './rewrite-operation.js';
import { planMutationFieldsSerially, type PlanDocument } from './serialize-mutation-fields.js';
import { simplifyTypeConditions } from './simplify-type-conditions.js';

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
  /** `noPlan`: the planner finds none. `tooComplex`: planning exceeds a limit. `fault`: a fault of the software. */
  | { readonly kind: 'noPlan' | 'tooComplex' | 'fault'; readonly message: string };

/** Maximum length of a plan as JSON. The executor's thread parses and compiles it. */
const MAX_PLAN_LENGTH = 2_097_152;

/** Messages of Apollo's planner when an operation exceeds `pathsLimit` or its own limit. */
const LIMIT_MESSAGE = /Too many options generated|Number of non-local selections exceeds limit/;

/** The planner finds no plan for the operation. */
class NoPlanError extends Error {}

/**
 * Creates a planner that uses `@apollo/query-planner`. Operations are rewritten before planning, and plans are corrected after
 * it, where the planner fails or its plans would give wrong responses.
 */
export function createStagePlanner(
  planned: PlannedSupergraph,
  { maxEvaluatedPlans, maxPlanPaths }: PlanningLimits,
): StagePlanner {
  const { supergraph, apiSchema, accessRules, eventSubgraphs, implicitFields } = planned;
  const plannerApiSchema = supergraph.apiSchema();
  const apolloPlanner = new ApolloPlanner(supergraph, {
    // The corrections of event plans need operations without named fragments.
    reuseQueryFragments: false,
    debug: { maxEvaluatedPlans, pathsLimit: maxPlanPaths },
  });

  const buildPlan: BuildPlan = (document, operation) => {
    const operationName = operation.name?.value;
    try {
      return apolloPlanner.buildQueryPlan(
        operationFromDocument(
          plannerApiSchema,
          document,
          // The executor has validated the document for the same schema.
          { validate: false, ...(operationName !== undefined && { operationName }) },
        ),
      );
    } catch (error) {
      throw new NoPlanError(describeError(error), { cause: error });
    }
  };
  const planFetches: PlanDocument = (document, operation) => {
    const { node } = buildPlan(document, operation);
    return node && convertPlanNode(node);
  };

  const planOperation = (document: DocumentNode, operation: OperationDefinitionNode): readonly PlanNode[] => {
    switch (operation.operation) {
      case OperationTypeNode.QUERY: {
        const plan = planFetches(document, operation);
        return plan ? [plan] : [];
      }
      case OperationTypeNode.MUTATION:
        return planMutationFieldsSerially(document, operation, planFetches);
      case OperationTypeNode.SUBSCRIPTION:
        return [planSubscription(document, operation, eventSubgraphs, buildPlan)];
    }
  };

  return {
    planStages(clientDocument, operationName, conditionValues, unmetRequirements = []) {
      try {
        const rewritten = rewriteOperation(clientDocument, operationName, conditionValues, implicitFields);
        const permitted =
          accessRules && unmetRequirements.length > 0
            ? removeDeniedSelections(
                rewritten.document,
                apiSchema,
                createAccessFilter(accessRules, unmetRequirements),
              )
            : rewritten.document;
        const operation = getOperation(permitted, operationName);
        const document = fillEmptySelectionSets(
          removeIntrospection(simplifyTypeConditions(permitted, operation, planned)),
        );
        const stagesJson = JSON.stringify(planOperation(document, getOperation(document, operationName)));
        if (stagesJson.length <= MAX_PLAN_LENGTH) return { kind: 'planned', stagesJson };
        return { kind: 'tooComplex', message: `The plan has ${stagesJson.length} characters.` };
      } catch (error) {
        const message = describeError(error);
        if (!(error instanceof NoPlanError)) return { kind: 'fault', message };
        return { kind: LIMIT_MESSAGE.test(message) ? 'tooComplex' : 'noPlan', message };
      }
    },
  };
}

/**
 * Removes `__schema` and `__type`, which the executor resolves from its schema: the query type can also be the type of other
 * fields. Apollo's planner would ask a subgraph, and rejects fields of the introspection system that it does not know.
 * @param document has one operation and no named fragments
 */
function removeIntrospection(document: DocumentNode): DocumentNode {
  let isFound = false;
  forEachSelection(document, (selection) => {
    if (selection.kind === Kind.FIELD && isIntrospectionField(selection)) isFound = true;
  });
  if (!isFound) return document;
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
): PlanNode {
  const [rootField] = collectRootSelections(document, operation).fields;
  const fieldName = rootField?.name.value ?? '';
  const eventSubgraph = eventSubgraphs.get(fieldName);
  const { node } = buildPlan(document, operation);
  if (node?.kind !== 'Subscription' || node.primary.serviceName !== eventSubgraph?.serviceName) {
    throw new NoPlanError(`The plan of the subscription field "${fieldName}" does not begin with its event.`);
  }
  const { eventFetch, subgraphFetches } = correctEventFirstPlan(
    {
      eventFetch: convertFetchNode(node.primary),
      subgraphFetches: node.rest && convertPlanNode(node.rest),
    },
    eventSubgraph,
  );
  return { kind: 'Sequence', nodes: subgraphFetches ? [eventFetch, subgraphFetches] : [eventFetch] };
}

/** @throws Error for nodes that the executor does not support */
function convertPlanNode(node: NonNullable<ApolloQueryPlan['node']>): PlanNode {
  switch (node.kind) {
    case 'Fetch':
      return convertFetchNode(node);
    case 'Flatten':
      return { kind: 'Flatten', path: node.path.map(String), node: convertPlanNode(node.node) };
    case 'Sequence':
    case 'Parallel':
      return { kind: node.kind, nodes: node.nodes.map((each: ApolloPlanNode) => convertPlanNode(each)) };
    default:
      // Conditions and @defer are evaluated before planning, or not offered by the API schema.
      throw new Error(`The executor does not support query plans with ${node.kind} nodes.`);
  }
}

function convertFetchNode(node: ApolloFetchNode): FetchNode {
  if (node.contextRewrites?.length) {
    throw new Error('The executor does not support query plans with @fromContext.');
  }
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
