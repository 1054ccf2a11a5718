import { Kind, OperationTypeNode, type DirectiveNode, type DocumentNode } from 'graphql';
import { forEachSelection, isDeferDirective } from '../shared/graphql-ast.js';
import type { VariableValues } from './query-planner.js';

/*
 * Fragments with `@defer` are sent in later parts of a response if the client accepts parts. Whether it does, and the values of
 * `if`, are condition values of the operation, so that each combination is planned once.
 */

/** Among the condition values of an operation: whether its response is sent in parts. No variable can have this name. */
export const PARTS_CONDITION = '@defer';

/** The name of a variable of `@defer(if:)` among the condition values: `undefined` means true there, and false in `@include`. */
const getVariableCondition = (variable: string): string => `${PARTS_CONDITION} ${variable}`;

const getIfValue = ({ arguments: args = [] }: DirectiveNode) =>
  args.find(({ name }) => name.value === 'if')?.value;

/** The label that the client gave a deferred fragment; `undefined` if there is none. */
export function getDeferLabel({ arguments: args = [] }: DirectiveNode): string | undefined {
  const value = args.find(({ name }) => name.value === 'label')?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}

/** The condition values on which the deferred fragments of an operation depend; none if it has no such fragments. */
export function listDeferConditions(
  document: DocumentNode,
  { operation }: { readonly operation: OperationTypeNode },
): readonly string[] {
  const names = new Set<string>();
  // The events of a subscription are complete.
  if (operation === OperationTypeNode.SUBSCRIPTION) return [];
  forEachSelection(document, ({ directives = [] }) => {
    for (const directive of directives) {
      if (!isDeferDirective(directive)) continue;
      const value = getIfValue(directive);
      if (value?.kind === Kind.BOOLEAN && !value.value) continue;
      names.add(PARTS_CONDITION);
      if (value?.kind === Kind.VARIABLE) names.add(getVariableCondition(value.name.value));
    }
  });
  return [...names];
}

/**
 * Evaluates the conditions of one request whose client accepts parts.
 * @param conditions see {@link listDeferConditions}
 */
export const evaluateDeferConditions = (
  conditions: readonly string[],
  variables: VariableValues,
): Record<string, boolean> =>
  Object.fromEntries(
    conditions.map((name) => [name, variables[name.slice(PARTS_CONDITION.length + 1)] !== false]),
  );

/** Whether a fragment with this directive is sent in a later part. */
export function isDeferActive(directive: DirectiveNode, conditionValues: VariableValues): boolean {
  if (conditionValues[PARTS_CONDITION] !== true) return false;
  const value = getIfValue(directive);
  if (value?.kind === Kind.VARIABLE) return conditionValues[getVariableCondition(value.name.value)] === true;
  return value?.kind !== Kind.BOOLEAN || value.value;
}
