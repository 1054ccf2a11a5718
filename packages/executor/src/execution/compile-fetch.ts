import { createSubgraphOperation, type SubgraphOperation } from '../data-sources/data-source.js';
import { deriveFetchSelection, renamePathKeys, type FetchSelection } from '../planning/fetch-selection.js';
import {
  removeTypeConditions,
  type FetchNode,
  type PlanPath,
  type PlanPathStep,
} from '../planning/query-planner.js';
import { mergeEntityFetches } from './merge-entity-fetches.js';
import { removeFetchField } from './remove-fetch-field.js';
import { splitEntityFetch } from './split-entity-fetch.js';
import type { JsonPath } from '../shared/json.js';
import type { SubgraphView } from '../supergraph/subgraph-view.js';
import type { TypeConditionEvaluator } from '../supergraph/load-supergraph.js';
import {
  compileRequiredFields,
  compileEntityDeduplicationKeys,
  sortRequiredFields,
  type CopyRequiredFields,
  type GetEntityDeduplicationKeys,
} from './compile-representation.js';
import { compileContext, type ReadContext } from './context-variables.js';
import { compileDataRewrites, type RewriteData } from './fetch-data-rewrites.js';

/** A fetch of a plan with everything that does not change between executions. */
export interface CompiledFetch {
  /** The name of the subgraph in the plan. */
  readonly serviceName: string;
  readonly operation: SubgraphOperation;
  /** The path of the objects that the fetch is for. */
  readonly path: PlanPath;
  /**
   * Whether all later fetches treat the objects of this fetch alike. If a type condition of a later fetch distinguishes them, objects
   * that stand for one entity must not share its data.
   */
  readonly areTargetsAlike: boolean;
  /** The client's variables that the operation uses, each with its key as JSON text: `"name":`. */
  readonly variableKeys: readonly (readonly [name: string, jsonKey: string])[];
  /** Present if the fetch is for entities. */
  readonly representation: CompiledRepresentation | undefined;
  /** Reads the variables of `@fromContext` from the objects above an entity; `undefined` if there are none. */
  readonly readContext: ReadContext | undefined;
  /** The variables of `@fromContext`, as members of a JSON object. Only in the fetches that `splitByContext` creates. */
  readonly contextVariables: string;
  readonly equalFetches: EntitySharingFetchGroup;
  /** Rewrites the response before it is merged. */
  readonly rewriteOutput: RewriteData | undefined;
  /** Renames the path of an error, relative to an object of the fetch, like `rewriteOutput` renames the data. */
  readonly renameErrorPath: (path: JsonPath) => JsonPath;
  /** Compiled on first use, which is after an error. */
  readonly getSelection: () => FetchSelection;
  /**
   * The fetch split by required fields, for entities that lack some of them; empty if all its fields require the same.
   * Compiled on first use.
   */
  readonly getSplitFetches: () => readonly CompiledFetch[];
  /** The fetch that also requests what another one does, for the same objects; see `mergeEntityFetches`. */
  readonly mergeWith: (other: CompiledFetch) => CompiledFetch | undefined;
  readonly node: FetchNode;
  /** The fetch without a field, see `removeFetchField`. Compiled on first use. */
  readonly getFetchWithout: (keys: readonly string[]) => CompiledFetch | undefined;
}

export interface CompiledRepresentation {
  readonly copyRequiredFields: CopyRequiredFields;
  readonly getRequiredLeafKeys: GetEntityDeduplicationKeys;
  readonly rewriteInput: RewriteData | undefined;
}

/** Counts the fetches of a plan that have the same operation. They share the entities that one of them has fetched. */
export interface EntitySharingFetchGroup {
  fetchCount: number;
}

export interface FetchCompilerContext {
  readonly typeConditions: TypeConditionEvaluator;
  /** By subgraph name. */
  readonly subgraphViews: ReadonlyMap<string, SubgraphView>;
  /** By what the fetches request; shared by all fetches of one plan. */
  readonly equalFetchesByRequest: Map<string, EntitySharingFetchGroup>;
  /** The paths of the plan's fetches that have type conditions. */
  readonly conditionalPaths: readonly PlanPath[];
  /** Whether a fetch reads variables from the objects above its entities: equal entities can have different ones. */
  readonly hasContext: boolean;
}

/** @param path the path of the enclosing `Flatten` nodes */
export function compileFetch(
  node: FetchNode,
  path: PlanPath,
  compilerContext: FetchCompilerContext,
): CompiledFetch {
  const { typeConditions, subgraphViews, equalFetchesByRequest, conditionalPaths, hasContext } =
    compilerContext;
  const operation = createSubgraphOperation(
    node.operationKind,
    node.operation,
    node.operationName,
    removeTypeConditions(path),
  );
  const requestKey = JSON.stringify([node.serviceName, operation.bodyMembers, node.outputRewrites]);
  const equalFetches = equalFetchesByRequest.get(requestKey) ?? { fetchCount: 0 };
  equalFetchesByRequest.set(requestKey, equalFetches);
  equalFetches.fetchCount++;

  let selection: FetchSelection | undefined;
  let splitFetches: readonly CompiledFetch[] | undefined;
  const compileSplitFetches = (): readonly CompiledFetch[] => {
    const view = subgraphViews.get(node.serviceName);
    return view ? splitEntityFetch(node, view).map((part) => compileFetch(part, path, compilerContext)) : [];
  };
  const reducedFetches = new Map<string, CompiledFetch | undefined>();
  const compileFetchWithout = (keys: readonly string[]): CompiledFetch | undefined => {
    const reduced = removeFetchField(node, keys);
    return reduced && compileFetch(reduced, path, { ...compilerContext, equalFetchesByRequest: new Map() });
  };
  const requires = node.requires && sortRequiredFields(node.requires);
  return {
    serviceName: node.serviceName,
    operation,
    path,
    areTargetsAlike: !hasContext && !conditionalPaths.some((other) => dividesObjects(other, path)),
    variableKeys: node.variableUsages.map((name) => [name, `${JSON.stringify(name)}:`]),
    representation: requires && {
      copyRequiredFields: compileRequiredFields(requires, typeConditions),
      getRequiredLeafKeys: compileEntityDeduplicationKeys(requires, typeConditions),
      rewriteInput: compileDataRewrites(node.inputRewrites, typeConditions),
    },
    readContext: compileContext(node.contextRewrites, typeConditions),
    contextVariables: '',
    equalFetches,
    rewriteOutput: compileDataRewrites(node.outputRewrites, typeConditions),
    renameErrorPath: (errorPath) => renamePathKeys(errorPath, node.outputRewrites),
    getSelection: () => (selection ??= deriveFetchSelection(node)),
    getSplitFetches: () => (splitFetches ??= compileSplitFetches()),
    mergeWith(other) {
      const view = subgraphViews.get(node.serviceName);
      const merged =
        view && isSamePath(path, other.path) ? mergeEntityFetches(node, other.node, view) : undefined;
      return merged && compileFetch(merged, path, compilerContext);
    },
    node,
    getFetchWithout(keys) {
      const key = keys.join('.');
      if (!reducedFetches.has(key)) reducedFetches.set(key, compileFetchWithout(keys));
      return reducedFetches.get(key);
    },
  };
}

/**
 * Whether a path leads on from only some of the objects at another path, because of the types of objects above them. The types of
 * the objects themselves do not matter: equal entities have equal types.
 */
function dividesObjects(conditionalPath: PlanPath, path: PlanPath): boolean {
  let isDivided = false;
  let index = 0;
  for (const step of path) {
    for (
      ;
      typeof conditionalPath[index] === 'object' && !isEqualStep(conditionalPath[index], step);
      index++
    ) {
      isDivided = true;
    }
    if (isEqualStep(conditionalPath[index], step)) index++;
    else if (typeof step === 'string') return false;
    else isDivided = true;
  }
  return isDivided;
}

const isSamePath = (one: PlanPath, other: PlanPath): boolean =>
  one.length === other.length && one.every((step, index) => isEqualStep(other[index], step));

const isEqualStep = (one: PlanPathStep | undefined, other: PlanPathStep): boolean =>
  one === other ||
  (typeof one === 'object' && typeof other === 'object' && one.types.join() === other.types.join());
