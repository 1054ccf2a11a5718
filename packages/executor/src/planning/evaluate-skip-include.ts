import {
  Kind,
  visit,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type SelectionNode,
  type ValueNode,
} from 'graphql';

const CONDITIONS = new Set(['skip', 'include']);

/**
 * Takes out what is left out by `@skip` and `@include`, and the conditions of what stays. The planner loses fields
 * that are asked for without a condition and required by a field with one (federation#3317).
 * @param variables coerced
 * @returns a document in which a selection may be empty: its objects are `{}` in the answer
 */
export function settleConditions(
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
): DocumentNode {
  const holds = (value: ValueNode | undefined): boolean =>
    value?.kind === Kind.VARIABLE
      ? variables[value.name.value] === true
      : value?.kind === Kind.BOOLEAN && value.value;
  const isIncluded = ({ name, arguments: args }: DirectiveNode): boolean => {
    if (!isCondition({ name })) return true;
    const value = args?.find((each) => each.name.value === 'if')?.value;
    return holds(value) === (name.value === 'include');
  };
  const settle = <Node extends SelectionNode>(node: Node): Node | null | undefined => {
    const { directives = [] } = node;
    if (!directives.every(isIncluded)) return null;
    const kept = directives.filter((each) => !isCondition(each));
    return kept.length < directives.length ? { ...node, directives: kept } : undefined;
  };
  return visit(document, {
    Field: { enter: settle },
    InlineFragment: { enter: settle },
    FragmentSpread: { enter: settle },
  });
}

/** @returns the names of the variables that decide what is included */
export function conditionVariables(document: DocumentNode): string[] {
  const names = new Set<string>();
  visit(document, {
    Directive(directive) {
      const value = isCondition(directive) ? directive.arguments?.[0]?.value : undefined;
      if (value?.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names];
}

const isCondition = ({ name }: Pick<DirectiveNode, 'name'>): boolean => CONDITIONS.has(name.value);

/** The planner takes no empty selection. */
export const fillEmptySelections = (document: DocumentNode): DocumentNode =>
  visit(document, {
    SelectionSet: {
      leave: (node) => (node.selections.length > 0 ? undefined : { ...node, selections: [typename] }),
    },
  });

const typename: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };
