import { Kind, type FieldNode, type SelectionNode, type SelectionSetNode } from 'graphql';
import { createSelectionSet, isTypenameField, parseFieldSet, removeFields } from '../shared/graphql-ast.js';
import type { SubgraphView } from '../supergraph/subgraph-view.js';
import { findUnusedVariables, parseFetchOperation, replaceFetchOperation } from '../planning/plan-nodes.js';
import type { FetchNode, RequiredSelection } from '../planning/query-planner.js';

/** Fields of an entity that require the same other fields. */
interface FieldGroup {
  readonly fields: Set<FieldNode>;
  readonly requiredNames: ReadonlySet<string>;
}

/**
 * Splits an entity fetch into one fetch per distinct set of required fields (`@requires`). If a required field failed, the
 * fields that do not require it can still be fetched.
 * @param view of the subgraph that the fetch queries
 * @returns an empty array if all fields require the same
 */
export function splitEntityFetch(fetch: FetchNode, view: SubgraphView): FetchNode[] {
  const { requires } = fetch;
  const operation = parseFetchOperation(fetch);
  const [entities] = operation.selectionSet.selections;
  if (!requires || entities?.kind !== Kind.FIELD || !entities.selectionSet) return [];
  const { selectionSet } = entities;
  const { groups, keyNames } = groupFields(selectionSet, view, collectRequiredNames(requires));
  if (groups.length < 2) return [];
  const allRequiredNames = new Set(groups.flatMap(({ requiredNames }) => [...requiredNames]));
  return groups.map(({ fields, requiredNames }) => {
    const isUnneeded = (name: string) =>
      allRequiredNames.has(name) && !requiredNames.has(name) && !keyNames.has(name);
    const groupSelectionSet = removeFields(
      selectionSet,
      (field) => !isTypenameField(field) && !fields.has(field),
    );
    const unused = findUnusedVariables(fetch, [groupSelectionSet, ...(operation.directives ?? [])]);
    const { variableDefinitions = [] } = operation;
    const groupFetch = replaceFetchOperation(fetch, {
      ...operation,
      variableDefinitions: variableDefinitions.filter(({ variable }) => !unused.has(variable.name.value)),
      selectionSet: createSelectionSet([{ ...entities, selectionSet: groupSelectionSet }]),
    });
    return {
      ...groupFetch,
      variableUsages: fetch.variableUsages.filter((name) => !unused.has(name)),
      requires: removeRequiredFields(requires, isUnneeded),
    };
  });
}

/**
 * Groups the fields of an entity selection by what they require.
 * @param fetchRequires the names that the fetch requires. The subgraph resolves any other required field itself.
 */
function groupFields(
  selectionSet: SelectionSetNode,
  view: SubgraphView,
  fetchRequires: ReadonlySet<string>,
): { readonly groups: readonly FieldGroup[]; readonly keyNames: ReadonlySet<string> } {
  const groups = new Map<string, FieldGroup>();
  const keyNames = new Set<string>();
  const collect = ({ selections }: SelectionSetNode, typeName: string): void => {
    for (const key of view.getKeys(typeName)) for (const name of listFieldNames(key)) keyNames.add(name);
    for (const selection of selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        collect(selection.selectionSet, selection.typeCondition?.name.value ?? typeName);
      } else if (selection.kind === Kind.FIELD && !isTypenameField(selection)) {
        const requires = view.getFields(typeName).get(selection.name.value)?.requires;
        const requiredNames = new Set(listFieldNames(requires).filter((name) => fetchRequires.has(name)));
        const groupKey = [...requiredNames].sort().join(' ');
        const group = groups.get(groupKey) ?? { fields: new Set(), requiredNames };
        groups.set(groupKey, group);
        group.fields.add(selection);
      }
    }
  };
  collect(selectionSet, '');
  return { groups: [...groups.values()], keyNames };
}

/** The names of the top-level fields of a field set, including those in inline fragments. */
function listFieldNames(fieldSet: string | undefined): string[] {
  if (fieldSet === undefined) return [];
  const list = (selections: readonly SelectionNode[]): string[] =>
    selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return selection.name.value;
      return selection.kind === Kind.INLINE_FRAGMENT ? list(selection.selectionSet.selections) : [];
    });
  return list(parseFieldSet(fieldSet));
}

const collectRequiredNames = (selections: readonly RequiredSelection[]): Set<string> =>
  new Set(
    selections.flatMap((selection) =>
      selection.kind === 'Field'
        ? [selection.alias ?? selection.name]
        : [...collectRequiredNames(selection.selections)],
    ),
  );

const removeRequiredFields = (
  selections: readonly RequiredSelection[],
  isRemoved: (name: string) => boolean,
): RequiredSelection[] =>
  selections.flatMap((selection): RequiredSelection[] => {
    if (selection.kind === 'Field') return isRemoved(selection.alias ?? selection.name) ? [] : [selection];
    return [{ ...selection, selections: removeRequiredFields(selection.selections, isRemoved) }];
  });
