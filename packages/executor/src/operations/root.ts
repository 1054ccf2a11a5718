import {
  Kind,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

export interface RootSelections {
  /** In order, those in fragments included. */
  readonly fields: readonly FieldNode[];
  /** `@skip` and `@include` on the way to the fields, or on them. */
  readonly conditions: readonly DirectiveNode[];
}

/** What an operation selects at its root; the document need not be valid. */
export function rootSelections(document: DocumentNode, operation: OperationDefinitionNode): RootSelections {
  const fragments = new Map(
    document.definitions
      .filter((each): each is FragmentDefinitionNode => each.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
  const fields: FieldNode[] = [];
  const conditions: DirectiveNode[] = [];
  const open = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      conditions.push(...conditionsOn(selection));
      if (selection.kind === Kind.FIELD) fields.push(selection);
      else if (selection.kind === Kind.INLINE_FRAGMENT) open(selection.selectionSet);
      else {
        const fragment = fragments.get(selection.name.value);
        // Each once: fragments may spread one another in a circle, which validation refuses later.
        fragments.delete(selection.name.value);
        if (fragment) open(fragment.selectionSet);
      }
    }
  };
  open(operation.selectionSet);
  return { fields, conditions };
}

/** The names of the fields at an operation's root, those in fragments included. */
export const rootFieldNames = (document: DocumentNode, operation: OperationDefinitionNode): string[] =>
  rootSelections(document, operation).fields.map(({ name }) => name.value);

const conditionsOn = ({ directives = [] }: SelectionNode): DirectiveNode[] =>
  directives.filter(({ name }) => name.value === 'skip' || name.value === 'include');
