import type { DocumentNode, FieldNode, OperationDefinitionNode } from 'graphql';
import { collectRootSelections, createSelectionSet, getResponseKey } from '../shared/graphql-ast.js';
import type { PlanNode } from './query-planner.js';

/** Plans one operation of a document; `undefined` if nothing is fetched. */
export type PlanDocument = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
) => PlanNode | undefined;

/**
 * Plans a mutation so that each root field is complete before the next one begins, as the GraphQL specification demands
 * (https://spec.graphql.org/October2021/#sec-Mutation). Apollo's planner fetches neighbouring fields of a subgraph
 * together, and reads the entities of the first field after the second one has changed them.
 * @param document without `@skip` and `@include`
 * @returns one fetch if a single subgraph answers all fields, because the subgraph keeps their order; otherwise the plan of
 *   each field
 */
export function planMutationFieldsSerially(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  planDocument: PlanDocument,
): readonly PlanNode[] {
  const plan = planDocument(document, operation);
  if (!plan) return [];
  if (plan.kind === 'Fetch') return [plan];
  return splitByRootField(document, operation).flatMap(
    ({ document: fieldDocument, operation: fieldOperation }) =>
      planDocument(fieldDocument, fieldOperation) ?? [],
  );
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
