import { Kind, type SelectionNode, type SelectionSetNode } from 'graphql';
import { getResponseKey } from '../shared/graphql-ast.js';
import type { JsonPath } from '../shared/json.js';
import { parseFetchOperation } from './plan-nodes.js';
import { TYPE_CONDITION_PREFIX, type DataRewrite, type FetchNode } from './query-planner.js';

/** The keys that a fetch adds to an object of the response tree, with the subselections of those that have fields. */
export type FetchSelection = ReadonlyMap<string, FetchSelection | undefined>;

/** Derives the keys that a fetch adds to each of its objects, after its output rewrites. Type conditions are ignored. */
export function deriveFetchSelection(fetch: FetchNode): FetchSelection {
  const { selectionSet } = parseFetchOperation(fetch);
  const [entities] = selectionSet.selections;
  const added = fetch.requires && entities?.kind === Kind.FIELD ? entities.selectionSet : selectionSet;
  return deriveSelection(added ? [added] : [], [], fetch);
}

function deriveSelection(
  selectionSets: readonly SelectionSetNode[],
  path: readonly string[],
  fetch: FetchNode,
): FetchSelection {
  const subselectionsByKey = new Map<string, SelectionSetNode[]>();
  const collect = (selection: SelectionNode): void => {
    if (selection.kind === Kind.INLINE_FRAGMENT) selection.selectionSet.selections.forEach(collect);
    if (selection.kind !== Kind.FIELD) return;
    const key = getResponseKey(selection);
    subselectionsByKey.set(key, [
      ...(subselectionsByKey.get(key) ?? []),
      ...(selection.selectionSet ? [selection.selectionSet] : []),
    ]);
  };
  selectionSets.forEach(({ selections }) => selections.forEach(collect));
  const selection = new Map<string, FetchSelection | undefined>();
  for (const [key, subselections] of subselectionsByKey) {
    const keyPath = [...path, key];
    const renamedKey = String(renamePathKeys(keyPath, fetch.outputRewrites).at(-1));
    const added = subselections.length > 0 ? deriveSelection(subselections, keyPath, fetch) : undefined;
    // In different types, several keys of the fetch can become one.
    selection.set(renamedKey, mergeSelections(selection.get(renamedKey), added));
  }
  return selection;
}

/** The keys of two selections. */
export function mergeSelections(
  one: FetchSelection | undefined,
  other: FetchSelection | undefined,
): FetchSelection | undefined {
  if (!one || !other) return one ?? other;
  const merged = new Map(one);
  for (const [key, subselection] of other) merged.set(key, mergeSelections(merged.get(key), subselection));
  return merged;
}

/** Renames the keys of an error's path like the output rewrites rename the keys of the data. */
export function renamePathKeys(path: JsonPath, rewrites: readonly DataRewrite[]): JsonPath {
  let renamedPath = path;
  for (const rewrite of rewrites) {
    if (rewrite.kind !== 'KeyRenamer') continue;
    const keys = rewrite.path.filter((step) => !step.startsWith(TYPE_CONDITION_PREFIX));
    const index = findLastKeyIndex(renamedPath, keys);
    if (index !== undefined) renamedPath = renamedPath.with(index, rewrite.renameKeyTo);
  }
  return renamedPath;
}

/** The index of the last of the keys with which a path begins. List indexes between the keys are skipped. */
function findLastKeyIndex(path: JsonPath, keys: readonly string[]): number | undefined {
  let matchCount = 0;
  for (const [index, step] of path.entries()) {
    if (typeof step === 'number') continue;
    if (step !== keys[matchCount]) return undefined;
    matchCount++;
    if (matchCount === keys.length) return index;
  }
  return undefined;
}
