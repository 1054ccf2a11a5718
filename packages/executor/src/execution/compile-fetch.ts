import { OperationTypeNode } from 'graphql';
import { createSubgraphOperation, type SubgraphOperation } from '../data-sources/data-source.js';
import type { FetchNode, PlanPath } from '../planning/query-planner.js';
import { removeFetchField } from './remove-fetch-field.js';
import { splitEntityFetch } from './split-entity-fetch.js';
import type { JsonPath } from '../shared/json.js';
import type { SubgraphView } from '../supergraph/subgraph-view.js';
import type { TypeConditionEvaluator } from '../supergraph/load-supergraph.js';
import {
  compileRequiredFields,
  compileEntityDeduplicationKeys,
  type CopyRequiredFields,
  type GetEntityDeduplicationKeys,
} from './compile-representation.js';
import {
  compileDataRewrites,
  deriveFetchSelection,
  renamePathKeys,
  type FetchSelection,
  type RewriteData,
} from './fetch-data-rewrites.js';

/** A fetch of a plan with everything that does not change between executions. */
export interface CompiledFetch {
  /** The name of the subgraph in the plan. */
  readonly serviceName: string;
  readonly operation: SubgraphOperation;
  /** The path of the objects that the fetch is for. */
  readonly path: PlanPath;
  /** The client's variables that the operation uses, each with its key as JSON text: `"name":`. */
  readonly variableKeys: readonly (readonly [name: string, jsonKey: string])[];
  /** Present if the fetch is for entities. */
  readonly representation: CompiledRepresentation | undefined;
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
}

/** @param path the path of the enclosing `Flatten` nodes */
export function compileFetch(
  node: FetchNode,
  path: PlanPath,
  compilerContext: FetchCompilerContext,
): CompiledFetch {
  const { typeConditions, subgraphViews, equalFetchesByRequest } = compilerContext;
  const operation = createSubgraphOperation(
    node.operationKind === OperationTypeNode.MUTATION ? 'mutation' : 'query',
    node.operation,
    node.operationName,
    path,
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
  return {
    serviceName: node.serviceName,
    operation,
    path,
    variableKeys: node.variableUsages.map((name) => [name, `${JSON.stringify(name)}:`]),
    representation: node.requires && {
      copyRequiredFields: compileRequiredFields(node.requires, typeConditions),
      getRequiredLeafKeys: compileEntityDeduplicationKeys(node.requires, typeConditions),
      rewriteInput: compileDataRewrites(node.inputRewrites, typeConditions),
    },
    equalFetches,
    rewriteOutput: compileDataRewrites(node.outputRewrites, typeConditions),
    renameErrorPath: (errorPath) => renamePathKeys(errorPath, node.outputRewrites),
    getSelection: () => (selection ??= deriveFetchSelection(node)),
    getSplitFetches: () => (splitFetches ??= compileSplitFetches()),
    getFetchWithout(keys) {
      const key = keys.join('.');
      if (!reducedFetches.has(key)) reducedFetches.set(key, compileFetchWithout(keys));
      return reducedFetches.get(key);
    },
  };
}
