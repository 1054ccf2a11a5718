import type { QueryPlan } from '@apollo/query-planner';
import {
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/**
 * Plans a mutation so that each field has been answered in full before the next one begins. The planner asks a
 * subgraph for neighbouring fields at once, and for what others know of the first after the second has had its effect.
 * @param document without conditions
 * @returns one fetch, or a sequence of the plans of the fields
 */
export function planOneByOne(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  plan: (document: DocumentNode, operation: OperationDefinitionNode) => QueryPlan,
): QueryPlan {
  const whole = plan(document, operation);
  // In one fetch, the subgraph itself keeps the order.
  if (!whole.node || whole.node.kind === 'Fetch') return whole;
  const nodes = separate(document, operation).flatMap(({ document: one, operation: only }) => {
    const { node } = plan(one, only);
    return node && node.kind !== 'Subscription' ? [node] : [];
  });
  return { ...whole, node: { kind: 'Sequence', nodes } };
}

/** An operation for each response key of a root, in order. */
function separate(document: DocumentNode, operation: OperationDefinitionNode) {
  const fragments = new Map(
    document.definitions
      .filter((each): each is FragmentDefinitionNode => each.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
  const byKey = new Map<string, FieldNode[]>();
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        byKey.set(key, [...(byKey.get(key) ?? []), selection]);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet);
      else {
        const fragment = fragments.get(selection.name.value);
        if (fragment) collect(fragment.selectionSet);
      }
    }
  };
  collect(operation.selectionSet);
  return [...byKey.values()].map((selections) => {
    const only: OperationDefinitionNode = {
      ...operation,
      selectionSet: { ...operation.selectionSet, selections },
    };
    const definitions = document.definitions.map((each) => (each === operation ? only : each));
    return { operation: only, document: { ...document, definitions } };
  });
}
