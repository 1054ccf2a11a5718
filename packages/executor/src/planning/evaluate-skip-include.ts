import {
  Kind,
  visit,
  type DirectiveNode,
  type DocumentNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import {
  forEachSelection,
  isConditionDirective,
  isDeferDirective,
  TYPENAME_FIELD,
  WITHOUT_VALUES,
} from '../shared/graphql-ast.js';
import { isDeferActive } from './defer-conditions.js';
import type { VariableValues } from './query-planner.js';

/**
 * Removes the selections that `@skip` and `@include` exclude, and these directives from the others. Apollo's planner
 * loses a field that is selected without a condition and required by a field with one
 * (https://github.com/apollographql/federation/issues/3317). `@defer` is removed from the fragments that are not sent in later parts.
 * @returns a document in which selection sets can be empty; such an object is `{}` in the response
 */
export function evaluateSkipInclude(document: DocumentNode, variables: VariableValues): DocumentNode {
  if (!hasRemovedDirective(document)) return document;
  const isTrue = (value: ValueNode | undefined): boolean =>
    value?.kind === Kind.VARIABLE
      ? variables[value.name.value] === true
      : value?.kind === Kind.BOOLEAN && value.value;
  const isIncluded = (directive: DirectiveNode): boolean => {
    if (!isConditionDirective(directive)) return true;
    const condition = directive.arguments?.find(({ name }) => name.value === 'if')?.value;
    return isTrue(condition) === (directive.name.value === 'include');
  };
  const evaluate = <Node extends SelectionNode>(node: Node): Node | null | undefined => {
    const { directives = [] } = node;
    if (!directives.every(isIncluded)) return null;
    const remaining = directives.filter(
      (directive) =>
        !isRemoved(directive) || (isDeferDirective(directive) && isDeferActive(directive, variables)),
    );
    return remaining.length < directives.length ? { ...node, directives: remaining } : undefined;
  };
  return visit(document, {
    ...WITHOUT_VALUES,
    Field: { enter: evaluate },
    InlineFragment: { enter: evaluate },
    FragmentSpread: { enter: evaluate },
  });
}

/** The names of the variables in `@skip` and `@include`, each once. */
export function listConditionVariables(document: DocumentNode): string[] {
  const names = new Set<string>();
  forEachSelection(document, ({ directives = [] }) => {
    for (const directive of directives) {
      const value = isConditionDirective(directive) ? directive.arguments?.[0]?.value : undefined;
      if (value?.kind === Kind.VARIABLE) names.add(value.name.value);
    }
  });
  return [...names];
}

const isRemoved = (directive: DirectiveNode): boolean =>
  isConditionDirective(directive) || isDeferDirective(directive);

function hasRemovedDirective(document: DocumentNode): boolean {
  let isFound = false;
  forEachSelection(document, ({ directives }) => {
    if (directives?.some(isRemoved)) isFound = true;
  });
  return isFound;
}

/** Adds `__typename` to empty selection sets, which Apollo's planner does not accept. */
export const fillEmptySelectionSets = (document: DocumentNode): DocumentNode => ({
  ...document,
  definitions: document.definitions.map((definition) =>
    'selectionSet' in definition ? fillSelectionSetOf(definition) : definition,
  ),
});

const fillSelectionSetOf = <Parent extends { readonly selectionSet: SelectionSetNode }>(
  parent: Parent,
): Parent => {
  const { selections } = parent.selectionSet;
  return {
    ...parent,
    selectionSet: {
      ...parent.selectionSet,
      selections: selections.length > 0 ? selections.map(fillSelection) : [TYPENAME_FIELD],
    },
  };
};

const fillSelection = (selection: SelectionNode): SelectionNode => {
  switch (selection.kind) {
    case Kind.FIELD:
      return selection.selectionSet
        ? fillSelectionSetOf({ ...selection, selectionSet: selection.selectionSet })
        : selection;
    case Kind.INLINE_FRAGMENT:
      return fillSelectionSetOf(selection);
    case Kind.FRAGMENT_SPREAD:
      return selection;
  }
};
