import type { DocumentNode } from 'graphql';
import { getOperation } from '../shared/graphql-ast.js';
import { evaluateSkipInclude } from './evaluate-skip-include.js';
import { PARTS_CONDITION } from './defer-conditions.js';
import { labelDeferredFragments } from './label-deferred-fragments.js';
import type { DeferredFragment, OperationPlan, VariableValues } from './query-planner.js';
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
> & {
  /** By the number in their labels in `document`; see `labelDeferredFragments`. */
  readonly deferredFragments: readonly DeferredFragment[];
};

/** What the rewrites depend on, of the supergraph. */
export interface RewriteContext {
  readonly implicitFields: ImplicitFields;
  /** The interfaces that some subgraph defines as an object type (`@interfaceObject`). */
  readonly interfaceObjects: ReadonlySet<string>;
  /** See `PlanningLimits`. */
  readonly maxDeferredFragments: number;
}

/**
 * Evaluates `@skip` and `@include` and renames what collides with names of the plan. The executor and the planning workers both
 * do this, with the same result: the executor for the response projection, the workers for the fetches.
 */
export function rewriteOperation(
  clientDocument: DocumentNode,
  operationName: string | undefined,
  conditionValues: VariableValues,
  { implicitFields, interfaceObjects, maxDeferredFragments }: RewriteContext,
): RewrittenOperation {
  const withoutConditions = evaluateSkipInclude(clientDocument, conditionValues);
  const { document: labelled, deferredFragments } = conditionValues[PARTS_CONDITION]
    ? labelDeferredFragments(
        withoutConditions,
        getOperation(withoutConditions, operationName),
        maxDeferredFragments,
      )
    : { document: withoutConditions, deferredFragments: NO_FRAGMENTS };
  const { document: withFreeVariable, renamedVariable } = renameRepresentationsVariable(labelled);
  const collided = renameCollidingResponseKeys(withFreeVariable, implicitFields);
  const operation = getOperation(collided.document, operationName);
  if (interfaceObjects.size === 0) return { ...collided, operation, renamedVariable, deferredFragments };
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
    deferredFragments,
  };
}

const NO_FRAGMENTS: readonly DeferredFragment[] = [];
