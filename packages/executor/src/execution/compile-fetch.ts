import type { FetchNode, ResponsePath } from '@apollo/query-planner';
import { OperationTypeNode } from 'graphql';
import { createSubgraphOperation, type SubgraphOperation } from '../data-sources/subgraph-request.js';
import type { SubgraphView } from '../supergraph/subgraph-view.js';
import type { TypeConditions } from '../supergraph/type-conditions.js';
import type { Path } from './field-errors.js';
import { compileRequires, type Project } from './compile-representation.js';
import { compileRequiredLeaves, type RequiredLeaves } from './required-leaves.js';
import { selectedBy, type Selected } from './selected.js';
import { splitFetch } from '../planning/split-entity-fetch.js';
import { compileRewrites, rewritePath, type Rewrite } from './fetch-data-rewrites.js';

/** How many fetches of a plan ask the same of their entities. */
export interface Repetition {
  places: number;
}

/** A fetch of a plan, with all that does not change from one execution to the next. */
export interface CompiledFetch {
  /** As the plan names the subgraph. */
  readonly source: string;
  readonly operation: SubgraphOperation;
  /** Where in the tree the answer is laid. */
  readonly path: ResponsePath;
  /** The client's variables among the operation's, each with its key in the JSON text of the variables. */
  readonly variables: readonly (readonly [name: string, key: string])[];
  /** For entities. */
  readonly representation:
    | { readonly project: Project; readonly leavesOf: RequiredLeaves; readonly rewrite: Rewrite | undefined }
    | undefined;
  readonly repetition: Repetition;
  /** Changes what comes, before it is laid on the tree. */
  readonly rewrite: Rewrite | undefined;
  /** An error's path within the answer, after the rewrites. */
  readonly rewritePath: (path: Path) => Path;
  /** What an answer gives to each object that it is for. */
  readonly selected: () => Selected;
  /** The same, in parts for entities that lack what some of its fields require; none where all require the same. */
  readonly parts: () => readonly CompiledFetch[];
}

export const REPRESENTATIONS = 'representations';
export const ENTITIES = '_entities';

/** What the fetches of one plan are compiled with. */
export interface Compiling {
  readonly types: TypeConditions;
  /** By the name of the subgraph. */
  readonly views: ReadonlyMap<string, SubgraphView>;
  /** By what they ask. */
  readonly repetitions: Map<string, Repetition>;
}

export function compileFetch(node: FetchNode, path: ResponsePath, compiling: Compiling): CompiledFetch {
  const { types, views, repetitions } = compiling;
  const operation = operationOf(node);
  const asked = JSON.stringify([node.serviceName, operation.bodyMembers, node.outputRewrites]);
  const repetition = repetitions.get(asked) ?? { places: 0 };
  repetitions.set(asked, repetition);
  repetition.places++;
  let selected: Selected | undefined;
  let parts: readonly CompiledFetch[] | undefined;
  const split = (): readonly CompiledFetch[] => {
    const view = views.get(node.serviceName);
    return view ? splitFetch(node, view).map((part) => compileFetch(part, path, compiling)) : [];
  };
  return {
    source: node.serviceName,
    operation,
    repetition,
    path,
    variables: (node.variableUsages ?? []).map((name) => [name, `${JSON.stringify(name)}:`]),
    representation: node.requires && {
      project: compileRequires(node.requires, types),
      leavesOf: compileRequiredLeaves(node.requires, types),
      rewrite: compileRewrites(node.inputRewrites, types),
    },
    rewrite: compileRewrites(node.outputRewrites, types),
    rewritePath: (within) => rewritePath(within, node.outputRewrites),
    // Asked only where something is missing.
    selected: () => (selected ??= selectedBy(node)),
    parts: () => (parts ??= split()),
  };
}

/** Planners number the names of operations: without the number, those that ask the same are the same. */
function operationOf({ operation, operationName: numbered, operationKind }: FetchNode): SubgraphOperation {
  const kind = operationKind === OperationTypeNode.MUTATION ? 'mutation' : 'query';
  const name = numbered?.replace(/__\d+$/, '');
  return createSubgraphOperation(
    kind,
    numbered === undefined || name === undefined ? operation : operation.replace(numbered, name),
    name,
  );
}
