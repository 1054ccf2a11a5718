import { Supergraph } from '@apollo/federation-internals';
import {
  isAbstractType,
  isInterfaceType,
  isObjectType,
  type GraphQLSchema,
  type TypeDefinitionNode,
} from 'graphql';
import { createSubgraphView, type SubgraphView } from './subgraph-view.js';
import {
  getDirectiveArguments,
  parseSupergraph,
  type Subgraph,
  type SupergraphDocument,
} from './supergraph-document.js';

/** A supergraph and everything derived from it. Immutable: a reload creates a new one. */
export interface LoadedSupergraph {
  readonly document: SupergraphDocument;
  readonly subgraphs: readonly Subgraph[];
  /** By subgraph name. */
  readonly subgraphViews: ReadonlyMap<string, SubgraphView>;
  /** The schema that clients see. */
  readonly apiSchema: GraphQLSchema;
  readonly typeConditions: TypeConditionEvaluator;
  /** The interfaces that some subgraph defines as an object type (`@interfaceObject`). */
  readonly interfaceObjects: ReadonlySet<string>;
}

/** Evaluates type conditions on data of subgraphs. It knows all types, including those that clients do not see. */
export interface TypeConditionEvaluator {
  /** Whether an object with this `__typename` satisfies `... on typeName`. */
  isSatisfied(typename: unknown, typeName: string): boolean;
  isObjectType(typename: unknown): boolean;
}

/**
 * Parses a supergraph and builds its API schema.
 * @throws GraphQLError for a syntax error; Error if the SDL is not a valid supergraph
 */
export function loadSupergraph(sdl: string): LoadedSupergraph {
  const document = parseSupergraph(sdl);
  const { subgraphs } = document;
  const supergraph = Supergraph.build(document.document);
  return {
    document,
    subgraphs,
    subgraphViews: new Map(subgraphs.map(({ name, graph }) => [name, createSubgraphView(document, graph)])),
    apiSchema: supergraph.apiSchema().toGraphQLJSSchema(),
    typeConditions: createTypeConditionEvaluator(supergraph.schema.toGraphQLJSSchema()),
    interfaceObjects: findInterfaceObjects(document.types.values()),
  };
}

/** @param schema the full schema of the supergraph, not its API schema */
export function createTypeConditionEvaluator(schema: GraphQLSchema): TypeConditionEvaluator {
  const satisfyingTypes = new Map<string, ReadonlySet<string>>();
  const findSatisfyingTypes = (typeName: string): ReadonlySet<string> => {
    const type = schema.getType(typeName);
    const names = new Set([typeName]);
    if (isAbstractType(type)) for (const object of schema.getPossibleTypes(type)) names.add(object.name);
    // An entity from a subgraph with @interfaceObject can have an interface as its __typename.
    if (isInterfaceType(type)) {
      for (const { name } of schema.getImplementations(type).interfaces) names.add(name);
    }
    satisfyingTypes.set(typeName, names);
    return names;
  };
  return {
    isSatisfied: (typename, typeName) =>
      typename === typeName ||
      (satisfyingTypes.get(typeName) ?? findSatisfyingTypes(typeName)).has(typename as string),
    isObjectType: (typename) => typeof typename === 'string' && isObjectType(schema.getType(typename)),
  };
}

const findInterfaceObjects = (types: Iterable<TypeDefinitionNode>): ReadonlySet<string> =>
  new Set(
    [...types]
      .filter((type) =>
        getDirectiveArguments(type, 'join__type').some((args) => args['isInterfaceObject'] === true),
      )
      .map(({ name }) => name.value),
  );
