import { isAbstractType, isInterfaceType, isObjectType, type GraphQLSchema } from 'graphql';
import type { AccessRules } from './access-rules.js';
import { readCostModel, type CostModel } from './cost-model.js';
import { createSubgraphView, type SubgraphView } from './subgraph-view.js';
import type { Subgraph, SupergraphDocument } from './supergraph-document.js';

/** The schemas that are built from a supergraph. */
export interface SupergraphSchemas {
  /** The schema that clients see. */
  readonly apiSchema: GraphQLSchema;
  /** The schema with all types and fields, also those that clients do not see. */
  readonly fullSchema: GraphQLSchema;
  /** What clients need to select fields; `undefined` if the supergraph has no authorization directives. */
  readonly accessRules: AccessRules | undefined;
}

/** A supergraph and everything derived from it that executions need. Immutable: a reload creates a new one. */
export interface LoadedSupergraph {
  readonly subgraphs: readonly Subgraph[];
  /** By subgraph name. */
  readonly subgraphViews: ReadonlyMap<string, SubgraphView>;
  /** The schema that clients see. */
  readonly apiSchema: GraphQLSchema;
  readonly typeConditions: TypeConditionEvaluator;
  /** What the supergraph declares about the costs of its fields. */
  readonly costModel: CostModel;
  /** What clients need to select fields; `undefined` if the supergraph has no authorization directives. */
  readonly accessRules: AccessRules | undefined;
}

/** Evaluates type conditions on data of subgraphs. It knows all types, including those that clients do not see. */
export interface TypeConditionEvaluator {
  /** Whether an object with the `__typename` `objectTypename` satisfies `... on conditionTypeName`. */
  isSatisfied(objectTypename: unknown, conditionTypeName: string): boolean;
  /** Whether a `__typename` is the name of an object type. */
  isObjectType(typename: unknown): boolean;
}

/**
 * Derives what executions need from a parsed supergraph.
 * @param schemas the schemas of the supergraph and its access rules. The query planner provides them, because it builds them for itself and
 *   building them blocks the event loop.
 */
export function loadSupergraph(
  document: SupergraphDocument,
  { apiSchema, fullSchema, accessRules }: SupergraphSchemas,
): LoadedSupergraph {
  const { subgraphs } = document;
  return {
    subgraphs,
    subgraphViews: new Map(subgraphs.map(({ name, graph }) => [name, createSubgraphView(document, graph)])),
    apiSchema,
    typeConditions: createTypeConditionEvaluator(fullSchema),
    costModel: readCostModel(document),
    accessRules,
  };
}

/**
 * Creates an evaluator for the types of a schema.
 * @param schema the full schema of the supergraph, not its API schema
 */
export function createTypeConditionEvaluator(schema: GraphQLSchema): TypeConditionEvaluator {
  const satisfyingTypes = new Map<string, ReadonlySet<string>>();
  const findSatisfyingTypes = (conditionTypeName: string): ReadonlySet<string> => {
    const type = schema.getType(conditionTypeName);
    const names = new Set([conditionTypeName]);
    if (isAbstractType(type)) for (const object of schema.getPossibleTypes(type)) names.add(object.name);
    // An entity from a subgraph with @interfaceObject can have an interface as its __typename.
    if (isInterfaceType(type)) {
      for (const { name } of schema.getImplementations(type).interfaces) names.add(name);
    }
    satisfyingTypes.set(conditionTypeName, names);
    return names;
  };
  return {
    isSatisfied: (objectTypename, conditionTypeName) =>
      objectTypename === conditionTypeName ||
      (satisfyingTypes.get(conditionTypeName) ?? findSatisfyingTypes(conditionTypeName)).has(
        objectTypename as string,
      ),
    isObjectType: (typename) => typeof typename === 'string' && isObjectType(schema.getType(typename)),
  };
}
