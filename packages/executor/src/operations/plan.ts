import { operationFromDocument } from '@apollo/federation-internals';
import type { QueryPlan } from '@apollo/query-planner';
import {
  Kind,
  OperationTypeNode,
  type DocumentNode,
  type FieldNode,
  type OperationDefinitionNode,
} from 'graphql';
import type { LoadedSupergraph } from '../supergraph/load.js';
import { filterRoot, rootSelections } from './root.js';

/** A valid operation that the planner cannot plan. */
export class PlanningError extends Error {
  override name = 'PlanningError';
}

type Planning = Pick<LoadedSupergraph, 'api' | 'planner'>;

/**
 * Plans a valid query or mutation.
 * @returns plans to be executed one after the other
 * @throws PlanningError
 */
export function planOperation(
  supergraph: Planning,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): readonly QueryPlan[] {
  const whole = planDocument(supergraph, document, operation);
  if (operation.operation !== OperationTypeNode.MUTATION || isOnlyFetches(whole)) return [whole];
  // A planner puts neighbouring mutations of one subgraph into one fetch, and what is below them after it: the first
  // would be read when the second has been made.
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  return rootNames(document, operation).map((name) => {
    const only = filterRoot(document, operation, (field) => responseName(field) === name);
    return planDocument(supergraph, { kind: Kind.DOCUMENT, definitions: [only, ...fragments] }, only);
  });
}

const isOnlyFetches = ({ node }: QueryPlan): boolean =>
  node?.kind === 'Fetch' || (node?.kind === 'Sequence' && node.nodes.every(({ kind }) => kind === 'Fetch'));

const responseName = (field: FieldNode): string => (field.alias ?? field.name).value;

const rootNames = (document: DocumentNode, operation: OperationDefinitionNode): string[] => [
  ...new Set(rootSelections(document, operation).fields.map(responseName)),
];

/**
 * Plans the operation of a document.
 * @throws PlanningError
 */
export function planDocument(
  { api, planner }: Planning,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): QueryPlan {
  const operationName = operation.name?.value;
  try {
    return planner.buildQueryPlan(
      operationFromDocument(api, document, operationName === undefined ? {} : { operationName }),
    );
  } catch (error) {
    throw new PlanningError('The planner finds no plan.', { cause: error });
  }
}
