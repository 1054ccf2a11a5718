import type { DocumentNode } from 'graphql';
import { getOperation } from '../shared/graphql-ast.js';
import { evaluateSkipInclude } from './evaluate-skip-include.js';
import type { OperationPlan, VariableValues } from './query-planner.js';
import {
  renameCollidingResponseKeys,
  renameRepresentationsVariable,
  type ImplicitFields,
} from './rename-colliding-names.js';

/** The operation that a plan answers: the client's, rewritten for the planner. */
export type RewrittenOperation = Pick<
  OperationPlan,
  'document' | 'operation' | 'clientResponseKeys' | 'renamedVariable'
>;

/**
 * Evaluates `@skip` and `@include` and renames what collides with names of the plan. The executor and the planning workers both
 * do this, with the same result: the executor for the response projection, the workers for the fetches.
 */
export function rewriteOperation(
  clientDocument: DocumentNode,
  operationName: string | undefined,
  conditionValues: VariableValues,
  implicitFields: ImplicitFields,
): RewrittenOperation {
  const withoutConditions = evaluateSkipInclude(clientDocument, conditionValues);
  const { document: withFreeVariable, renamedVariable } = renameRepresentationsVariable(withoutConditions);
  const { document, clientResponseKeys } = renameCollidingResponseKeys(withFreeVariable, implicitFields);
  return { document, operation: getOperation(document, operationName), clientResponseKeys, renamedVariable };
}
