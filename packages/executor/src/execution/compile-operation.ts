import type { OperationPlan, PlanNode, PlanPath } from '../planning/query-planner.js';
import { getResponseKey, indexFragments } from '../shared/graphql-ast.js';
import type { JsonPath } from '../shared/json.js';
import type { AccessFilter } from '../supergraph/access-filter.js';
import type { LoadedSupergraph, TypeConditionEvaluator } from '../supergraph/load-supergraph.js';
import { compileFetch, type FetchCompilerContext } from './compile-fetch.js';
import { compileObjectProjection } from './compile-response-projection.js';
import { joinFetches, type CompiledPlanNode, type FetchGraph } from './fetch-graph.js';
import type { ObjectProjection } from './object-projection.js';

/** A part of a plan that is executed as a whole. */
export type CompiledStage = CompiledPlanNode | FetchGraph;

/** A planned operation that can be executed any number of times. */
export interface CompiledOperation {
  readonly typeConditions: TypeConditionEvaluator;
  /** Executed one after the other; see `OperationPlan.stages`. */
  readonly stages: readonly CompiledStage[];
  readonly responseProjection: ObjectProjection;
  /** Added to each response, as errors: the paths that the client may not access, if the operation is executed unchanged. */
  readonly reportedPaths: readonly JsonPath[];
}

/** What the client of an operation may not access. */
export interface DeniedAccess {
  /** `undefined` if the operation is executed unchanged. */
  readonly filter: AccessFilter | undefined;
  /** See `CompiledOperation`. */
  readonly reportedPaths: readonly JsonPath[];
}

/**
 * Compiles a plan and the response projection of its operation.
 * @param deniedAccess `undefined` if the client may access everything
 */
export function compileOperation(
  {
    apiSchema,
    typeConditions,
    subgraphViews,
  }: Pick<LoadedSupergraph, 'apiSchema' | 'typeConditions' | 'subgraphViews'>,
  { document, operation, clientResponseKeys, stages }: OperationPlan,
  deniedAccess?: DeniedAccess,
): CompiledOperation {
  const rootType = apiSchema.getRootType(operation.operation);
  if (!rootType) throw new Error(`The schema has no ${operation.operation} type.`);
  const fetchCompilerContext = {
    typeConditions,
    subgraphViews,
    equalFetchesByRequest: new Map(),
    conditionalPaths: stages.flatMap((stage) => listConditionalPaths(stage)),
    hasContext: stages.some(hasContextRewrites),
  };
  return {
    typeConditions,
    stages: stages.map((stage) => joinFetches(compilePlanNode(stage, [], fetchCompilerContext))),
    responseProjection: compileObjectProjection(
      {
        apiSchema,
        fragments: indexFragments(document),
        variableDefinitions: operation.variableDefinitions ?? [],
        getClientResponseKey: (field) => {
          const key = getResponseKey(field);
          return clientResponseKeys.get(key) ?? key;
        },
        accessFilter: deniedAccess?.filter,
      },
      rootType,
      [{ selectionSet: operation.selectionSet, typeName: rootType.name, isDenied: false }],
    ),
    reportedPaths: deniedAccess?.reportedPaths ?? [],
  };
}

const hasContextRewrites = (node: PlanNode): boolean => {
  if (node.kind === 'Fetch') return node.contextRewrites.length > 0;
  return node.kind === 'Flatten' ? hasContextRewrites(node.node) : node.nodes.some(hasContextRewrites);
};

/** The paths of fetches that have type conditions. */
function listConditionalPaths(node: PlanNode, path: PlanPath = []): PlanPath[] {
  switch (node.kind) {
    case 'Fetch':
      return path.some((step) => typeof step === 'object') ? [path] : [];
    case 'Flatten':
      return listConditionalPaths(node.node, [...path, ...node.path]);
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap((each) => listConditionalPaths(each, path));
  }
}

function compilePlanNode(
  node: PlanNode,
  path: PlanPath,
  compilerContext: FetchCompilerContext,
): CompiledPlanNode {
  switch (node.kind) {
    case 'Fetch':
      return { kind: 'Fetch', fetch: compileFetch(node, path, compilerContext) };
    case 'Flatten':
      return compilePlanNode(node.node, [...path, ...node.path], compilerContext);
    case 'Sequence':
    case 'Parallel':
      return {
        kind: node.kind,
        nodes: node.nodes.map((each) => compilePlanNode(each, path, compilerContext)),
      };
  }
}
