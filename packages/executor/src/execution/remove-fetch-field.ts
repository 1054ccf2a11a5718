import { Kind, type SelectionNode, type SelectionSetNode } from 'graphql';
import { findUnusedVariables, parseFetchOperation, replaceFetchOperation } from '../planning/plan-nodes.js';
import type { FetchNode } from '../planning/query-planner.js';
import { createSelectionSet, ENTITIES_FIELD, getResponseKey } from '../shared/graphql-ast.js';

/**
 * Removes a field from a fetch, with the objects that then have no field.
 * @param keys the response keys in the operation that lead from an object of the fetch to the field
 * @returns `undefined` if nothing is left to fetch
 */
export function removeFetchField(fetch: FetchNode, keys: readonly string[]): FetchNode | undefined {
  const operation = parseFetchOperation(fetch);
  const path = fetch.requires ? [ENTITIES_FIELD, ...keys] : keys;
  const selectionSet = removeFieldAt(operation.selectionSet, path);
  if (selectionSet.selections.length === 0) return undefined;
  const unused = findUnusedVariables(fetch, [selectionSet, ...(operation.directives ?? [])]);
  const { variableDefinitions = [] } = operation;
  const reduced = replaceFetchOperation(fetch, {
    ...operation,
    variableDefinitions: variableDefinitions.filter(({ variable }) => !unused.has(variable.name.value)),
    selectionSet,
  });
  return { ...reduced, variableUsages: fetch.variableUsages.filter((name) => !unused.has(name)) };
}

const removeFieldAt = (selectionSet: SelectionSetNode, path: readonly string[]): SelectionSetNode => {
  const [key, ...rest] = path;
  return createSelectionSet(
    selectionSet.selections.flatMap((selection): SelectionNode[] => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return [selection];
      const isField = selection.kind === Kind.FIELD;
      if (isField && getResponseKey(selection) !== key) return [selection];
      if (isField && rest.length === 0) return [];
      if (!selection.selectionSet) return [selection];
      const inner = removeFieldAt(selection.selectionSet, isField ? rest : path);
      return inner.selections.length > 0 ? [{ ...selection, selectionSet: inner }] : [];
    }),
  );
};
