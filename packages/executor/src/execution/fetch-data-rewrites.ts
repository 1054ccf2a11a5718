import { Kind, type SelectionNode, type SelectionSetNode } from 'graphql';
import { parseFetchOperation } from '../planning/plan-nodes.js';
import type { DataRewrite, FetchNode } from '../planning/query-planner.js';
import { getResponseKey } from '../shared/graphql-ast.js';
import { getJsonProperty, isJsonObject, type JsonObject, type JsonPath } from '../shared/json.js';
import type { TypeConditionEvaluator } from '../supergraph/load-supergraph.js';

/** Changes the data of a fetch in place. */
export type RewriteData = (data: unknown) => void;

const TYPE_CONDITION_PREFIX = '... on ';

/** Compiles the input or output rewrites of a fetch; `undefined` if there are none. */
export function compileDataRewrites(
  rewrites: readonly DataRewrite[],
  typeConditions: TypeConditionEvaluator,
): RewriteData | undefined {
  if (rewrites.length === 0) return undefined;
  const compiled = rewrites.map((rewrite) => compileDataRewrite(rewrite, typeConditions));
  return (data) => {
    for (const rewrite of compiled) rewrite(data);
  };
}

function compileDataRewrite(rewrite: DataRewrite, typeConditions: TypeConditionEvaluator): RewriteData {
  const name = rewrite.path.at(-1) ?? '';
  return rewrite.path.slice(0, -1).reduceRight(
    (next, step) => forEachObject(compileStep(step, typeConditions, next)),
    forEachObject((object) => {
      if (rewrite.kind === 'ValueSetter') {
        object[name] = rewrite.setValueTo;
        return;
      }
      const value = getJsonProperty(object, name);
      if (value === undefined) return;
      object[rewrite.renameKeyTo] = value;
      object[name] = undefined;
    }),
  );
}

function compileStep(
  step: string,
  typeConditions: TypeConditionEvaluator,
  next: RewriteData,
): (object: JsonObject) => void {
  if (!step.startsWith(TYPE_CONDITION_PREFIX)) return (object) => next(getJsonProperty(object, step));
  const conditionTypeName = step.slice(TYPE_CONDITION_PREFIX.length);
  // Without __typename the object has the expected type, because the path itself leads to it.
  return (object) => {
    const { __typename: typename } = object;
    if (typename === undefined || typeConditions.isSatisfied(typename, conditionTypeName)) next(object);
  };
}

/** Applies a change to an object, or to all objects in a list or in nested lists. */
const forEachObject = (change: (object: JsonObject) => void): RewriteData => {
  const rewrite: RewriteData = (data) => {
    if (Array.isArray(data)) data.forEach(rewrite);
    else if (isJsonObject(data)) change(data);
  };
  return rewrite;
};

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
  return new Map(
    [...subselectionsByKey].map(([key, subselections]): [string, FetchSelection | undefined] => {
      const keyPath = [...path, key];
      const renamedKey = String(renamePathKeys(keyPath, fetch.outputRewrites).at(-1));
      return [
        renamedKey,
        subselections.length > 0 ? deriveSelection(subselections, keyPath, fetch) : undefined,
      ];
    }),
  );
}
