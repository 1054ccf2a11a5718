import {
  Kind,
  OperationTypeNode,
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import {
  createSelectionSet,
  forEachSelection,
  indexFragments,
  isDeferDirective,
  isIntrospectionField,
  TYPENAME_FIELD,
} from '../shared/graphql-ast.js';
import { getDeferLabel } from './defer-conditions.js';
import type { DeferredFragment } from './query-planner.js';

/** An operation whose deferred fragments have labels that differ. */
export interface LabelledOperation {
  readonly document: DocumentNode;
  /** By the number in their labels. Empty if nothing is deferred. */
  readonly deferredFragments: readonly DeferredFragment[];
}

/** Where a selection set is. `mutation`: at the root of a mutation. */
type Place = 'mutation' | 'object' | 'introspection';

const LABEL_PREFIX = 'fragment';

/** The number of a deferred fragment, if its label was given by {@link labelDeferredFragments}. */
export const readFragmentNumber = (label: string | undefined): number =>
  Number(label?.slice(LABEL_PREFIX.length));

/** The number of the deferred fragment that a selection is; `undefined` if it is not deferred. */
export function getFragmentNumber({ directives = [] }: SelectionNode): number | undefined {
  const directive = directives.find(isDeferDirective);
  return directive && readFragmentNumber(getDeferLabel(directive));
}

/**
 * Gives each deferred fragment of an operation its own label. Named fragments are inlined, because a deferred fragment in one of them
 * occurs at each spread. Root fields of mutations are not deferred, since they are executed in their order, and neither are fields of
 * the introspection system.
 * @param document valid, with `@defer` on active fragments only
 * @param maxDeferredFragments if there are more, none is deferred
 */
export function labelDeferredFragments(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  maxDeferredFragments: number,
): LabelledOperation {
  if (!hasDefer(document)) return { document, deferredFragments: [] };
  const fragments = indexFragments(document);
  const deferredFragments: DeferredFragment[] = [];
  const label = (
    selectionSet: SelectionSetNode,
    parent: number | undefined,
    place: Place,
  ): SelectionSetNode =>
    createSelectionSet(
      selectionSet.selections.map((selection): SelectionNode => {
        if (selection.kind === Kind.FIELD) {
          if (!selection.selectionSet) return selection;
          const isIntrospection = place === 'introspection' || isIntrospectionField(selection);
          const inner = label(selection.selectionSet, parent, isIntrospection ? 'introspection' : 'object');
          return { ...selection, selectionSet: inner };
        }
        const { selectionSet: inner, typeCondition } = getFragment(selection, fragments);
        const { directives = [] } = selection;
        const directive = directives.find(isDeferDirective);
        const others = directives.filter((each) => each !== directive);
        const common = { kind: Kind.INLINE_FRAGMENT, ...(typeCondition && { typeCondition }) } as const;
        if (!directive || place !== 'object') {
          return { ...common, directives: others, selectionSet: label(inner, parent, place) };
        }
        const number = deferredFragments.length;
        deferredFragments.push({ label: getDeferLabel(directive), parent });
        return {
          ...common,
          directives: [...others, createDefer(number)],
          selectionSet: label(inner, number, place),
        };
      }),
    );
  const isQuery = operation.operation === OperationTypeNode.QUERY;
  const selectionSet = label(operation.selectionSet, undefined, isQuery ? 'object' : 'mutation');
  if (deferredFragments.length === 0 || deferredFragments.length > maxDeferredFragments) {
    return { document: removeDefer(document), deferredFragments: [] };
  }
  return {
    document: { kind: Kind.DOCUMENT, definitions: [{ ...operation, selectionSet }] },
    deferredFragments,
  };
}

const createDefer = (number: number): DirectiveNode => ({
  kind: Kind.DIRECTIVE,
  name: { kind: Kind.NAME, value: 'defer' },
  arguments: [
    {
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: 'label' },
      value: { kind: Kind.STRING, value: `${LABEL_PREFIX}${number}` },
    },
  ],
});

function getFragment(
  selection: Exclude<SelectionNode, { kind: Kind.FIELD }>,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
) {
  if (selection.kind === Kind.INLINE_FRAGMENT) return selection;
  const fragment = fragments.get(selection.name.value);
  if (!fragment) throw new Error(`The document has no fragment ${selection.name.value}.`);
  return fragment;
}

function hasDefer(document: DocumentNode): boolean {
  let isFound = false;
  forEachSelection(document, ({ directives }) => {
    if (directives?.some(isDeferDirective)) isFound = true;
  });
  return isFound;
}

/**
 * Selects `__typename` beside deferred fragments, since Apollo's planner fetches none that only a deferred fragment selects.
 * @param document without named fragments
 */
export const addTypenamesBesideDeferred = (document: DocumentNode): DocumentNode => ({
  ...document,
  definitions: document.definitions.map((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION
      ? { ...definition, selectionSet: addTypenames(definition.selectionSet, true) }
      : definition,
  ),
});

function addTypenames({ selections }: SelectionSetNode, isRoot: boolean): SelectionSetNode {
  const changed = selections.map((selection): SelectionNode => {
    if (selection.kind === Kind.FRAGMENT_SPREAD || !selection.selectionSet) return selection;
    const isInsideRoot = isRoot && selection.kind === Kind.INLINE_FRAGMENT;
    return { ...selection, selectionSet: addTypenames(selection.selectionSet, isInsideRoot) };
  });
  const needsTypename = !isRoot && selections.some((selection) => getFragmentNumber(selection) !== undefined);
  return createSelectionSet(needsTypename ? [TYPENAME_FIELD, ...changed] : changed);
}

/** Removes `@defer` from all selections of a document. */
export const removeDefer = (document: DocumentNode): DocumentNode => ({
  ...document,
  definitions: document.definitions.map((definition) =>
    'selectionSet' in definition
      ? { ...definition, selectionSet: removeDeferFrom(definition.selectionSet) }
      : definition,
  ),
});

const removeDeferFrom = ({ selections }: SelectionSetNode): SelectionSetNode =>
  createSelectionSet(
    selections.map((selection): SelectionNode => {
      const directives = selection.directives?.filter((directive) => !isDeferDirective(directive)) ?? [];
      if (selection.kind === Kind.FRAGMENT_SPREAD) return { ...selection, directives };
      if (!selection.selectionSet) return selection;
      const selectionSet = removeDeferFrom(selection.selectionSet);
      return { ...selection, directives, selectionSet };
    }),
  );
