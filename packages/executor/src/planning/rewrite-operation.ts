import type { DocumentNode } from 'graphql';
import { getOperation } from '../shared/graphql-ast.js';
import { evaluateSkipInclude } from './evaluate-skip-include.js';
import type { OperationPlan, VariableValues } from './query-planner.js';
import {
  renameCollidingResponseKeys,
  renameDivergentResponseKeys,
  renameRepresentationsVariable,
  type ImplicitFields,
} from './rename-colliding-names.js';

/** The operation that a plan answers: the client's, rewritten for the planner. */
export type RewrittenOperation = Pick<
  OperationPlan,
  'document' | 'operation' | 'clientResponseKeys' | 'renamedVariable'
>;

/** What the rewrites depend on, of the supergraph. */
export interface RewriteContext {
  readonly implicitFields: ImplicitFields;
  /** The interfaces that some subgraph defines as an object type (`@interfaceObject`). */
  readonly interfaceObjects: ReadonlySet<string>;
}

/**
 * Evaluates `@skip` and `@include` and renames what collides with names of the plan. The executor and the planning workers both
 * do this, with the same result: the executor for the response projection, the workers for the fetches.
 */
export function rewriteOperation(
  clientDocument: DocumentNode,
  operationName: string | undefined,
  conditionValues: VariableValues,
  { implicitFields, interfaceObjects }: RewriteContext,
): RewrittenOperation {
  const withoutConditions = evaluateSkipInclude(clientDocument, conditionValues);
  const { document: withFreeVariable, renamedVariable } = renameRepresentationsVariable(withoutConditions);
  const collided = renameCollidingResponseKeys(withFreeVariable, implicitFields);
  const operation = getOperation(collided.document, operationName);
  if (interfaceObjects.size === 0) return { ...collided, operation, renamedVariable };
  const { document, clientResponseKeys } = renameDivergentResponseKeys(collided.document, operation);
  return {
    document,
    operation: getOperation(document, operationName),
    clientResponseKeys: new Map([
      ...collided.clientResponseKeys,
      ...[...clientResponseKeys].map(([newKey, key]): [string, string] => [
        newKey,
        collided.clientResponseKeys.get(key) ?? key,
      ]),
    ]),
    renamedVariable,
  };
}
