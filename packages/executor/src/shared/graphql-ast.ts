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
  const fragments = fragmentsOf(document);
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
export const getRootFieldNames = (document: DocumentNode, operation: OperationDefinitionNode): string[] =>
  rootSelections(document, operation).fields.map(({ name }) => name.value);

const conditionsOn = ({ directives = [] }: SelectionNode): DirectiveNode[] =>
  directives.filter(({ name }) => name.value === 'skip' || name.value === 'include');

/** By name. */
export const fragmentsOf = ({ definitions }: DocumentNode): Map<string, FragmentDefinitionNode> =>
  new Map(
    definitions
      .filter((each) => each.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );

/** The same operation of a valid document with some of its root fields; fragments at the root are written out. */
export function filterRoot(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  isWanted: (field: FieldNode) => boolean,
): OperationDefinitionNode {
  const fragments = fragmentsOf(document);
  const filter = ({ selections }: SelectionSetNode): SelectionSetNode => ({
    kind: Kind.SELECTION_SET,
    selections: selections.flatMap((selection): SelectionNode[] => {
      if (selection.kind === Kind.FIELD) return isWanted(selection) ? [selection] : [];
      const source =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      const selectionSet = source && filter(source.selectionSet);
      if (!selectionSet?.selections.length) return [];
      const { directives = [] } = selection;
      return [{ kind: Kind.INLINE_FRAGMENT, directives, selectionSet }];
    }),
  });
  return { ...operation, selectionSet: filter(operation.selectionSet) };
}
