import {
  executeSync,
  Kind,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { OperationPlan, PlanNode, PlanPath, VariableValues } from '../planning/query-planner.js';
import { filterRootFields, getResponseKey, indexFragments } from '../shared/graphql-ast.js';
import type { JsonObject } from '../shared/json.js';
import type { LoadedSupergraph, TypeConditionEvaluator } from '../supergraph/load-supergraph.js';
import { compileFetch, type FetchCompilerContext } from './compile-fetch.js';
import { compileObjectProjection } from './compile-response-projection.js';
import { executeFetch } from './execute-fetch.js';
import type { PlanStep } from './execution-state.js';
import type { ObjectProjection } from './response-projection.js';

/** A planned operation that can be executed any number of times. */
export interface CompiledOperation {
  readonly typeConditions: TypeConditionEvaluator;
  /** Executes all fetches; `undefined` if there are none. */
  readonly executePlan: PlanStep | undefined;
  /** `undefined` if the operation selects neither `__schema` nor `__type`. */
  readonly introspect: Introspect | undefined;
  readonly responseProjection: ObjectProjection;
}

/** Compiles a plan and the response projection of its operation. */
export function compileOperation(
  {
    apiSchema,
    typeConditions,
    subgraphViews,
  }: Pick<LoadedSupergraph, 'apiSchema' | 'typeConditions' | 'subgraphViews'>,
  { document, operation, clientResponseKeys, stages }: OperationPlan,
): CompiledOperation {
  const rootType = apiSchema.getRootType(operation.operation);
  if (!rootType) throw new Error(`The schema has no ${operation.operation} type.`);
  return {
    typeConditions,
    executePlan:
      stages.length > 0
        ? compileStages(stages, { typeConditions, subgraphViews, equalFetchesByRequest: new Map() })
        : undefined,
    introspect: compileIntrospection(apiSchema, document, operation),
    responseProjection: compileObjectProjection(
      {
        apiSchema,
        fragments: indexFragments(document),
        getClientResponseKey: (field) => {
          const key = getResponseKey(field);
          return clientResponseKeys.get(key) ?? key;
        },
      },
      rootType,
      [operation.selectionSet],
    ),
  };
}

/**
 * Executes the stages one after the other. After an error a stage is repeated as long as it requests further entities: a
 * field that one fetch failed to provide may have come from another. No fetch requests the same entity twice.
 */
function compileStages(nodes: readonly PlanNode[], compilerContext: FetchCompilerContext): PlanStep {
  const stages = nodes.map((node) => compilePlanNode(node, [], compilerContext));
  const [onlyStage] = stages;
  if (onlyStage && stages.length === 1 && nodes[0]?.kind === 'Fetch') return onlyStage;
  return async (state) => {
    for (const stage of stages) {
      state.isRepeatedStage = false;
      await stage(state);
      state.isRepeatedStage = true;
      let previousCount = 0;
      while (state.fieldErrors && state.requestedEntityCount > previousCount) {
        previousCount = state.requestedEntityCount;
        await stage(state);
      }
    }
  };
}

function compilePlanNode(node: PlanNode, path: PlanPath, compilerContext: FetchCompilerContext): PlanStep {
  switch (node.kind) {
    case 'Fetch': {
      const fetch = compileFetch(node, path, compilerContext);
      return (state) => executeFetch(state, fetch);
    }
    case 'Flatten':
      return compilePlanNode(node.node, [...path, ...node.path], compilerContext);
    case 'Sequence': {
      const steps = node.nodes.map((each) => compilePlanNode(each, path, compilerContext));
      return async (state) => {
        for (const step of steps) await step(state);
      };
    }
    case 'Parallel': {
      const steps = node.nodes.map((each) => compilePlanNode(each, path, compilerContext));
      return async (state) => {
        await Promise.all(steps.map((step) => step(state)));
      };
    }
  }
}

/** Resolves `__schema` and `__type` at the root of an operation. */
type Introspect = (variables: VariableValues) => JsonObject;

function compileIntrospection(
  apiSchema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Introspect | undefined {
  const introspection = filterRootFields(
    document,
    operation,
    ({ name }) => name.value === '__schema' || name.value === '__type',
  );
  if (introspection.selectionSet.selections.length === 0) return undefined;
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  const introspectionDocument: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [introspection, ...fragments],
  };
  const introspect: Introspect = (variableValues) =>
    executeSync({ schema: apiSchema, document: introspectionDocument, rootValue: {}, variableValues }).data ??
    {};
  if (operation.variableDefinitions?.length) return introspect;
  let cachedResult: JsonObject | undefined;
  return (variables) => (cachedResult ??= introspect(variables));
}
