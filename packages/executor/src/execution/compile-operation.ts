import { OperationTypeNode } from 'graphql';
import type {
  DeferralPlan,
  DeferredBlock,
  OperationPlan,
  PlanNode,
  PlanPath,
} from '../planning/query-planner.js';
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
  /** Of all data, with deferred fragments. */
  readonly responseProjection: ObjectProjection;
  /** `undefined` if all data is sent in one response. */
  readonly deferral: CompiledDeferral | undefined;
  /** Added to each response, as errors: the paths that the client may not access, if the operation is executed unchanged. */
  readonly reportedPaths: readonly JsonPath[];
}

/** How the response of an operation is sent in parts. */
export interface CompiledDeferral {
  /** Of the first part. It leads to the projections of deferred fragments. */
  readonly primaryProjection: ObjectProjection;
  readonly fragments: DeferralPlan['fragments'];
  readonly blocks: readonly CompiledBlock[];
  /** Whether no block begins before all stages are complete: that of a mutation would see a part of its effects. */
  readonly isSerial: boolean;
}

/** The fetches that one deferred fragment needs besides those of others. */
export interface CompiledBlock extends Pick<DeferredBlock, 'fragment' | 'dependsOn'> {
  readonly stage: CompiledStage | undefined;
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
  { document, operation, clientResponseKeys, stages, deferral }: OperationPlan,
  deniedAccess?: DeniedAccess,
): CompiledOperation {
  const rootType = apiSchema.getRootType(operation.operation);
  if (!rootType) throw new Error(`The schema has no ${operation.operation} type.`);
  const nodes = deferral ? [...stages, ...deferral.blocks.flatMap(({ node }) => node ?? [])] : stages;
  const fetchCompilerContext = {
    typeConditions,
    subgraphViews,
    equalFetchesByRequest: new Map(),
    conditionalPaths: nodes.flatMap((node) => listConditionalPaths(node)),
    hasContext: nodes.some(hasContextRewrites),
  };
  // A join of fetches cannot tell when one of them is complete.
  const compileStage = (node: PlanNode): CompiledStage => {
    const compiled = compilePlanNode(node, [], fetchCompilerContext);
    return deferral && hasFetchIds(node) ? compiled : joinFetches(compiled);
  };
  const compileProjection = (isDeferring: boolean): ObjectProjection =>
    compileObjectProjection(
      {
        apiSchema,
        fragments: indexFragments(document),
        variableDefinitions: operation.variableDefinitions ?? [],
        getClientResponseKey: (field) => {
          const key = getResponseKey(field);
          return clientResponseKeys.get(key) ?? key;
        },
        accessFilter: deniedAccess?.filter,
        isDeferring,
      },
      rootType,
      [{ selectionSet: operation.selectionSet, typeName: rootType.name, isDenied: false }],
    );
  return {
    typeConditions,
    stages: stages.map(compileStage),
    responseProjection: compileProjection(false),
    deferral: deferral && {
      primaryProjection: compileProjection(true),
      fragments: deferral.fragments,
      blocks: deferral.blocks.map(({ fragment, dependsOn, node }) => ({
        fragment,
        dependsOn,
        stage: node && compileStage(node),
      })),
      isSerial: operation.operation === OperationTypeNode.MUTATION,
    },
    reportedPaths: deniedAccess?.reportedPaths ?? [],
  };
}

const hasFetchIds = (node: PlanNode): boolean => {
  if (node.kind === 'Fetch') return node.id !== undefined;
  return node.kind === 'Flatten' ? hasFetchIds(node.node) : node.nodes.some(hasFetchIds);
};

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
      return { kind: 'Fetch', fetch: compileFetch(node, path, compilerContext), id: node.id };
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
