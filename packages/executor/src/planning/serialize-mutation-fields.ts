import type { DocumentNode, FieldNode, OperationDefinitionNode } from 'graphql';
import { collectRootSelections, createSelectionSet, getResponseKey } from '../shared/graphql-ast.js';
import { mapFetches } from './plan-nodes.js';
import type { DeferralPlan, DeferredBlock, OperationPlan, PlanNode } from './query-planner.js';

/** The fetches of an operation, apart from those for its deferred fragments. */
export interface PartitionedPlan {
  /** `undefined` if nothing is fetched. */
  readonly primary: PlanNode | undefined;
  readonly blocks: readonly DeferredBlock[];
}

/** All fetches of an operation. */
export type PlannedFetches = Pick<OperationPlan, 'stages'> & Pick<DeferralPlan, 'blocks'>;

/** Plans one operation of a document. */
export type PlanDocument = (document: DocumentNode, operation: OperationDefinitionNode) => PartitionedPlan;

/**
 * Plans a mutation so that each root field is complete before the next one begins, as the GraphQL specification demands
 * (https://spec.graphql.org/October2021/#sec-Mutation). Apollo's planner fetches neighbouring fields of a subgraph
 * together, and reads the entities of the first field after the second one has changed them.
 * @param document without `@skip` and `@include`
 * Deferred fragments are fetched when all root fields are complete.
 * @returns one fetch if a single subgraph answers all fields, because the subgraph keeps their order; otherwise the plan of
 *   each field
 */
export function planMutationFieldsSerially(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  planDocument: PlanDocument,
): PlannedFetches {
  const { primary, blocks } = planDocument(document, operation);
  if (!primary) return { stages: [], blocks };
  if (primary.kind === 'Fetch') return { stages: [primary], blocks };
  const plans = splitByRootField(document, operation).map((field, index) =>
    prefixFetchIds(planDocument(field.document, field.operation), `${index}.`),
  );
  return {
    stages: plans.flatMap((plan) => plan.primary ?? []),
    blocks: plans.flatMap((plan) => plan.blocks),
  };
}

/** The ids of fetches are unique in one plan only. */
function prefixFetchIds(plan: PartitionedPlan, prefix: string): PartitionedPlan {
  const prefixIds = (node: PlanNode | undefined) =>
    node &&
    mapFetches(node, (fetch) => (fetch.id === undefined ? fetch : { ...fetch, id: `${prefix}${fetch.id}` }));
  return {
    primary: prefixIds(plan.primary),
    blocks: plan.blocks.map((block) => ({
      ...block,
      dependsOn: block.dependsOn.map((id) => `${prefix}${id}`),
      node: prefixIds(block.node),
    })),
  };
}

/** Creates one operation per response key at the root, in order. */
function splitByRootField(document: DocumentNode, operation: OperationDefinitionNode) {
  const fieldsByKey = new Map<string, FieldNode[]>();
  for (const field of collectRootSelections(document, operation).fields) {
    const key = getResponseKey(field);
    fieldsByKey.set(key, [...(fieldsByKey.get(key) ?? []), field]);
  }
  return [...fieldsByKey.values()].map((fields) => {
    const fieldOperation: OperationDefinitionNode = {
      ...operation,
      selectionSet: createSelectionSet(fields),
    };
    const definitions = document.definitions.map((definition) =>
      definition === operation ? fieldOperation : definition,
    );
    return { operation: fieldOperation, document: { ...document, definitions } };
  });
}
