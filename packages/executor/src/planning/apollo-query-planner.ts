import { operationFromDocument, Supergraph, type Schema } from '@apollo/federation-internals';
import { QueryPlanner as ApolloPlanner } from '@apollo/query-planner';
import type {
  FetchNode as ApolloFetchNode,
  PlanNode as ApolloPlanNode,
  QueryPlan as ApolloQueryPlan,
} from '@apollo/query-planner';
import { OperationTypeNode, parse, type DocumentNode, type OperationDefinitionNode } from 'graphql';
import { createCodedError } from '../shared/errors.js';
import { collectRootSelections, getOperation } from '../shared/graphql-ast.js';
import { findInterfaceObjects, type SupergraphDocument } from '../supergraph/supergraph-document.js';
import { evaluateSkipInclude, fillEmptySelectionSets } from './evaluate-skip-include.js';
import { correctEventFirstPlan } from './event-first-plan.js';
import { addEventSubgraph, type EventSubgraphDefinition } from './event-subgraph.js';
import {
  PlanningError,
  type CreateQueryPlanner,
  type SubscriptionSourceTraits,
  type EventSubgraph,
  type FetchNode,
  type OperationPlan,
  type PlanNode,
  type SubscriptionPlan,
} from './query-planner.js';
import {
  findImplicitFields,
  renameCollidingResponseKeys,
  renameRepresentationsVariable,
} from './rename-colliding-names.js';
import { planMutationFieldsSerially, type PlanDocument } from './serialize-mutation-fields.js';
import { simplifyTypeConditions } from './simplify-type-conditions.js';

type PlannedEventSubgraph = EventSubgraphDefinition & EventSubgraph;

/**
 * Creates a query planner that uses `@apollo/query-planner`. Operations are rewritten before planning, and plans are
 * corrected after it, where the planner fails or its plans would give wrong responses.
 * @throws Error if the supergraph is invalid, or the snapshot of an event source does not fit it
 */
export const createApolloQueryPlanner: CreateQueryPlanner = ({
  supergraph: supergraphDocument,
  eventSources,
  maxEvaluatedPlans,
}) => {
  const withEvents = addEventSubgraphs(supergraphDocument, eventSources);
  const supergraph = Supergraph.build(withEvents.document.document);
  const plannerApiSchema = supergraph.apiSchema();
  const apiSchema = plannerApiSchema.toGraphQLJSSchema();
  const interfaceObjects = findInterfaceObjects(supergraphDocument);
  const implicitFields = findImplicitFields(withEvents.document.document);
  const eventSubgraphs = buildEventSchemas(supergraph, withEvents.eventSubgraphs);
  const apolloPlanner = new ApolloPlanner(supergraph, {
    // The corrections of event plans need operations without named fragments.
    reuseQueryFragments: false,
    debug: { maxEvaluatedPlans },
  });

  const buildPlan = (document: DocumentNode, operation: OperationDefinitionNode) =>
    buildApolloPlan(apolloPlanner, plannerApiSchema, document, operation);
  const planFetches: PlanDocument = (document, operation) => {
    const { node } = buildPlan(document, operation);
    return node && convertPlanNode(node);
  };

  const planStages = (
    document: DocumentNode,
    operation: OperationDefinitionNode,
  ): Pick<OperationPlan, 'stages' | 'subscription'> => {
    switch (operation.operation) {
      case OperationTypeNode.QUERY: {
        const plan = planFetches(document, operation);
        return { stages: plan ? [plan] : [], subscription: undefined };
      }
      case OperationTypeNode.MUTATION: {
        const stages = planMutationFieldsSerially(document, operation, planFetches);
        return { stages, subscription: undefined };
      }
      case OperationTypeNode.SUBSCRIPTION:
        return planSubscription(document, operation, eventSubgraphs, buildPlan);
    }
  };

  return {
    apiSchema,
    fullSchema: supergraph.schema.toGraphQLJSSchema(),
    subscriptionFields: [...eventSubgraphs.keys()],
    planOperation({ document: clientDocument, operationName, conditionValues }) {
      const withoutConditions = evaluateSkipInclude(clientDocument, conditionValues);
      const { document: withFreeVariable, renameVariables } =
        renameRepresentationsVariable(withoutConditions);
      const { document, clientResponseKeys } = renameCollidingResponseKeys(withFreeVariable, implicitFields);
      const operation = getOperation(document, operationName);
      const plannedDocument = fillEmptySelectionSets(
        simplifyTypeConditions(document, operation, { apiSchema, interfaceObjects }),
      );
      const plannedOperation = getOperation(plannedDocument, operationName);
      return {
        document,
        operation,
        clientResponseKeys,
        renameVariables,
        ...planStages(plannedDocument, plannedOperation),
      };
    },
  };
};

function addEventSubgraphs(
  supergraph: SupergraphDocument,
  eventSources: Readonly<Record<string, SubscriptionSourceTraits>>,
): { readonly document: SupergraphDocument; readonly eventSubgraphs: readonly EventSubgraphDefinition[] } {
  let document = supergraph;
  const eventSubgraphs: EventSubgraphDefinition[] = [];
  for (const [fieldName, traits] of Object.entries(eventSources)) {
    const added = addEventSubgraph(document, fieldName, traits);
    if (!added) continue;
    document = added.supergraph;
    eventSubgraphs.push(added.eventSubgraph);
  }
  return { document, eventSubgraphs };
}

function buildEventSchemas(
  supergraph: Supergraph,
  definitions: readonly EventSubgraphDefinition[],
): ReadonlyMap<string, PlannedEventSubgraph> {
  if (definitions.length === 0) return new Map();
  const subgraphs = supergraph.subgraphs();
  return new Map(
    definitions.map((definition) => {
      const subgraph = subgraphs.get(definition.serviceName);
      if (!subgraph) throw new Error(`The supergraph has no subgraph ${definition.serviceName}.`);
      return [definition.fieldName, { ...definition, schema: subgraph.schema.toGraphQLJSSchema() }];
    }),
  );
}

type BuildPlan = (document: DocumentNode, operation: OperationDefinitionNode) => ApolloQueryPlan;

/** @throws PlanningError if the planner throws */
function buildApolloPlan(
  planner: ApolloPlanner,
  apiSchema: Schema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): ApolloQueryPlan {
  const operationName = operation.name?.value;
  try {
    return planner.buildQueryPlan(
      operationFromDocument(apiSchema, document, operationName === undefined ? {} : { operationName }),
    );
  } catch (error) {
    throw new PlanningError(operation.operation, 'The planner finds no plan for the operation.', {
      cause: error,
    });
  }
}

/** @throws GraphQLError if the field has no source of events; PlanningError if there is no plan */
function planSubscription(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  eventSubgraphs: ReadonlyMap<string, PlannedEventSubgraph>,
  buildPlan: BuildPlan,
): { readonly stages: readonly PlanNode[]; readonly subscription: SubscriptionPlan } {
  const [rootField] = collectRootSelections(document, operation).fields;
  const eventSubgraph = rootField && eventSubgraphs.get(rootField.name.value);
  if (!eventSubgraph) {
    throw createCodedError(
      'SUBSCRIPTION_NOT_SUPPORTED',
      `This server has no source of events for the subscription field "${rootField?.name.value ?? ''}".`,
      rootField && [rootField],
    );
  }
  const { node } = buildPlan(document, operation);
  if (node?.kind !== 'Subscription' || node.primary.serviceName !== eventSubgraph.serviceName) {
    throw new PlanningError(
      operation.operation,
      `The plan of the subscription field "${rootField.name.value}" does not begin with its event.`,
    );
  }
  const { eventFetch, subgraphFetches } = correctEventFirstPlan(
    {
      eventFetch: convertFetchNode(node.primary),
      subgraphFetches: node.rest && convertPlanNode(node.rest),
    },
    eventSubgraph,
  );
  return {
    stages: [{ kind: 'Sequence', nodes: subgraphFetches ? [eventFetch, subgraphFetches] : [eventFetch] }],
    subscription: {
      rootField,
      eventSubgraph,
      hasSubgraphFetches: subgraphFetches !== undefined,
      eventDocument: parse(eventFetch.operation, { noLocation: true }),
    },
  };
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
