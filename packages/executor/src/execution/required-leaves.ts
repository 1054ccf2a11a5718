import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import type { TypeConditions } from '../supergraph/type-conditions.js';

/**
 * The names of the fields that a fetch requires of an entity of a type, where each is a leaf; undefined where one has
 * fields of its own.
 */
export type RequiredLeaves = (typename: unknown) => readonly string[] | undefined;

export function compileRequiredLeaves(
  requires: readonly QueryPlanSelectionNode[],
  types: TypeConditions,
): RequiredLeaves {
  const known = new Map<unknown, readonly string[] | undefined>();
  return (typename) => {
    if (!known.has(typename)) known.set(typename, leavesIn(requires, typename, types));
    return known.get(typename);
  };
}

function leavesIn(
  nodes: readonly QueryPlanSelectionNode[],
  typename: unknown,
  types: TypeConditions,
): readonly string[] | undefined {
  const names = new Set<string>();
  for (const node of nodes) {
    if (node.kind === 'Field') {
      if (node.selections) return undefined;
      names.add(node.alias ?? node.name);
    } else if (node.typeCondition === undefined || types.meets(typename, node.typeCondition)) {
      const inner = leavesIn(node.selections, typename, types);
      if (!inner) return undefined;
      for (const name of inner) names.add(name);
    }
  }
  return [...names];
}
