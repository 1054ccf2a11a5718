import {
  Kind,
  parse,
  print,
  stripIgnoredCharacters,
  type FieldNode,
  type InlineFragmentNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { FetchNode, ResponsePath } from '@apollo/query-planner';

/** The operation of a fetch, which a planner wrote: one definition, no named fragments. */
export function operationOf({ operation }: FetchNode): OperationDefinitionNode {
  const [definition] = parse(operation, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('A fetch has no operation.');
  return definition;
}

export const withOperation = (fetch: FetchNode, operation: OperationDefinitionNode): FetchNode => ({
  ...fetch,
  operation: stripIgnoredCharacters(print(operation)),
});

export const responseName = (field: FieldNode): string => (field.alias ?? field.name).value;

export const selectionSet = (selections: readonly SelectionNode[]): SelectionSetNode => ({
  kind: Kind.SELECTION_SET,
  selections,
});

export const onType = (type: string, selections: readonly SelectionNode[]): InlineFragmentNode => ({
  kind: Kind.INLINE_FRAGMENT,
  typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type } },
  selectionSet: selectionSet(selections),
});

/** Changes what is selected at a path of a response, in every fragment that leads there. */
export function editAt(
  set: SelectionSetNode,
  path: ResponsePath,
  edit: (set: SelectionSetNode) => SelectionSetNode,
): SelectionSetNode {
  const [head, ...tail] = path;
  if (head === undefined) return edit(set);
  if (head === '@') return editAt(set, tail, edit);
  return selectionSet(
    set.selections.map((selection) => {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        return { ...selection, selectionSet: editAt(selection.selectionSet, path, edit) };
      }
      if (selection.kind !== Kind.FIELD || !selection.selectionSet || responseName(selection) !== head) {
        return selection;
      }
      return { ...selection, selectionSet: editAt(selection.selectionSet, tail, edit) };
    }),
  );
}

/** Everything that is selected at a path of a response; undefined where nothing leads there. */
export function selectedAt(set: SelectionSetNode, path: ResponsePath): SelectionNode[] | undefined {
  let found: SelectionNode[] | undefined;
  editAt(set, path, (reached) => {
    found = [...(found ?? []), ...reached.selections];
    return reached;
  });
  return found;
}

/** The fields of a selection that answer under a name, those in fragments included. */
export const fieldsNamed = (selections: readonly SelectionNode[], name: string): FieldNode[] =>
  selections.flatMap((selection) => {
    if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsNamed(selection.selectionSet.selections, name);
    return selection.kind === Kind.FIELD && responseName(selection) === name ? [selection] : [];
  });

/** Takes fields out of a selection set, fragments included, and fragments of which nothing is left. */
export const without = (set: SelectionSetNode, unwanted: (field: FieldNode) => boolean): SelectionSetNode =>
  selectionSet(
    set.selections.flatMap((selection): SelectionNode[] => {
      if (selection.kind === Kind.FIELD) return unwanted(selection) ? [] : [selection];
      if (selection.kind !== Kind.INLINE_FRAGMENT) return [selection];
      const inner = without(selection.selectionSet, unwanted);
      return inner.selections.length > 0 ? [{ ...selection, selectionSet: inner }] : [];
    }),
  );
