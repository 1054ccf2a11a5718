import { operationFromDocument } from '@apollo/federation-internals';
import type { QueryPlan } from '@apollo/query-planner';
import type { DocumentNode, OperationDefinitionNode, OperationTypeNode } from 'graphql';
import type { LoadedSupergraph } from '../supergraph/load-supergraph.js';

/** A valid operation that the planner cannot plan. */
export class PlanningError extends Error {
  override name = 'PlanningError';

  constructor(
    readonly operation: OperationTypeNode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Plans the operation of a document.
 * @throws PlanningError
 */
export function planDocument(
  { api, planner }: Pick<LoadedSupergraph, 'api' | 'planner'>,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): QueryPlan {
  const operationName = operation.name?.value;
  try {
    return planner.buildQueryPlan(
      operationFromDocument(api, document, operationName === undefined ? {} : { operationName }),
    );
  } catch (error) {
    throw new PlanningError(operation.operation, 'The planner finds no plan.', { cause: error });
  }
}
