import {
  isTypeDefinitionNode,
  Kind,
  parse,
  valueFromASTUntyped,
  type ConstDirectiveNode,
  type ConstValueNode,
  type DocumentNode,
  type EnumTypeDefinitionNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  type ObjectTypeDefinitionNode,
  type OperationTypeDefinitionNode,
  type OperationTypeNode,
  type TypeDefinitionNode,
  type TypeNode,
} from 'graphql';
import { completeSupergraph } from './complete-supergraph.js';

/*
 * Reads and changes supergraph SDL at the level of its AST. The directives are those of the join specification:
 * https://specs.apollo.dev/join/v0.3/
 */

/** A subgraph as the supergraph describes it. */
export interface Subgraph {
  readonly name: string;
  /** The routing URL. */
  readonly url: string;
  /** Its value of the enum `join__Graph`, which the join directives use. */
  readonly graph: string;
}

/** A parsed supergraph. */
export interface SupergraphDocument {
  readonly document: DocumentNode;
  readonly subgraphs: readonly Subgraph[];
  readonly types: ReadonlyMap<string, TypeDefinitionNode>;
}

const GRAPH_ENUM = 'join__Graph';

/** @throws GraphQLError for a syntax error; Error if the SDL is not a supergraph */
export function parseSupergraph(sdl: string): SupergraphDocument {
  if (sdl.trimStart().startsWith('{')) {
    throw new Error(
      "The supergraph is not SDL. A configuration in JSON, such as that of Cosmo's router, cannot be used: compose the subgraphs to SDL.",
    );
  }
  const document = completeSupergraph(parse(sdl, { noLocation: true }));
  const types = new Map(
    document.definitions.filter(isTypeDefinitionNode).map((type) => [type.name.value, type]),
  );
  return { document, types, subgraphs: readSubgraphs(getGraphEnum(types)) };
}

/**
 * Lists the subgraphs of a supergraph without building its schema.
 * @throws GraphQLError for a syntax error; Error if the SDL is not a supergraph
 */
export const listSubgraphs = (sdl: string): readonly Subgraph[] => parseSupergraph(sdl).subgraphs;

/** Returns the supergraph with its type definitions replaced by those of the same names. */
export function replaceTypeDefinitions(
  supergraph: SupergraphDocument,
  types: ReadonlyMap<string, TypeDefinitionNode>,
): SupergraphDocument {
  const definitions = supergraph.document.definitions.map((definition) =>
    isTypeDefinitionNode(definition) ? (types.get(definition.name.value) ?? definition) : definition,
  );
  return {
    document: { ...supergraph.document, definitions },
    types,
    subgraphs: readSubgraphs(getGraphEnum(types)),
  };
}

/** @throws Error if the types are not those of a supergraph */
export function getGraphEnum(types: ReadonlyMap<string, TypeDefinitionNode>): EnumTypeDefinitionNode {
  const type = types.get(GRAPH_ENUM);
  if (type?.kind !== Kind.ENUM_TYPE_DEFINITION) {
    throw new Error(
      `The SDL is not a supergraph: it has no enum ${GRAPH_ENUM}, so it does not say which subgraph resolves a field. ` +
        'This is so for the schema of one subgraph, and for what Cosmo composes. Compose the subgraphs with ' +
        '@apollo/composition, rover or @theguild/federation-composition.',
    );
  }
  return type;
}

const readSubgraphs = ({ values = [] }: EnumTypeDefinitionNode): Subgraph[] =>
  values.map((value) => {
    const [graph = {}] = getDirectiveArguments(value, 'join__graph');
    return {
      name: getStringArgument(graph, 'name') ?? value.name.value,
      url: getStringArgument(graph, 'url') ?? '',
      graph: value.name.value,
    };
  });

/** The root type of an operation kind; `undefined` if the supergraph has none. */
export function getRootType(
  supergraph: SupergraphDocument,
  kind: OperationTypeNode,
): ObjectTypeDefinitionNode | undefined {
  const root = getRootOperationTypes(supergraph).find(({ operation }) => operation === kind);
  const type = root && supergraph.types.get(root.type.name.value);
  return type?.kind === Kind.OBJECT_TYPE_DEFINITION ? type : undefined;
}

export const getRootTypeNames = (supergraph: SupergraphDocument): ReadonlySet<string> =>
  new Set(getRootOperationTypes(supergraph).map(({ type }) => type.name.value));

function getRootOperationTypes({ document }: SupergraphDocument): readonly OperationTypeDefinitionNode[] {
  const schema = document.definitions.find(({ kind }) => kind === Kind.SCHEMA_DEFINITION);
  return schema?.kind === Kind.SCHEMA_DEFINITION ? schema.operationTypes : [];
}

/** The graphs that define a type; with `join__enumValue` as `directive`, those that define an enum value. */
export const getGraphs = (node: NodeWithDirectives, directive = 'join__type'): string[] => [
  ...new Set(
    getDirectiveArguments(node, directive).flatMap((args) => getStringArgument(args, 'graph') ?? []),
  ),
];

/** The graphs that resolve a field of a type. A field without `@join__field` is resolved by all graphs of its type. */
export function getFieldGraphs(
  type: TypeDefinitionNode,
  field: FieldDefinitionNode | InputValueDefinitionNode,
): string[] {
  const joins = getDirectiveArguments(field, 'join__field');
  if (joins.length === 0) return getGraphs(type);
  return joins
    .filter((args) => args['external'] !== true && args['usedOverridden'] !== true)
    .flatMap((args) => getStringArgument(args, 'graph') ?? []);
}

/** The name of a type without its list and non-null wrappers. */
export const getNamedTypeName = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : getNamedTypeName(type.type);

/** A node of a supergraph that can have directives. */
export interface NodeWithDirectives {
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
}

/** The argument values of one directive application. */
export type DirectiveArguments = Readonly<Record<string, unknown>>;

/** The argument values of each application of a directive, in document order. */
export const getDirectiveArguments = (node: NodeWithDirectives, directive: string): DirectiveArguments[] =>
  (node.directives ?? [])
    .filter(({ name }) => name.value === directive)
    .map(({ arguments: args = [] }) =>
      Object.fromEntries(
        args.map(({ name, value }): [string, unknown] => [name.value, valueFromASTUntyped(value)]),
      ),
    );

/** The value of a string or enum argument; `undefined` for any other value. */
export const getStringArgument = (args: DirectiveArguments, name: string): string | undefined => {
  const value = args[name];
  return typeof value === 'string' ? value : undefined;
};

export const createEnumValueNode = (value: string): ConstValueNode => ({ kind: Kind.ENUM, value });
export const createStringValue = (value: string): ConstValueNode => ({ kind: Kind.STRING, value });
export const createBooleanValue = (value: boolean): ConstValueNode => ({ kind: Kind.BOOLEAN, value });

/** Creates a directive application. Arguments that are `undefined` are omitted. */
export const createDirective = (
  directive: string,
  args: Readonly<Record<string, ConstValueNode | undefined>>,
): ConstDirectiveNode => ({
  kind: Kind.DIRECTIVE,
  name: { kind: Kind.NAME, value: directive },
  arguments: Object.entries(args).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [{ kind: Kind.ARGUMENT as const, name: { kind: Kind.NAME as const, value: name }, value }],
  ),
});

/** Returns the node with directives added after its existing ones. */
export const addDirectives = <Node extends NodeWithDirectives>(
  node: Node,
  directives: readonly ConstDirectiveNode[],
): Node => ({
  ...node,
  directives: [...(node.directives ?? []), ...directives],
});

/** Finds the interfaces that some subgraph defines as an object type (`@interfaceObject`). */
export const findInterfaceObjects = ({ types }: SupergraphDocument): ReadonlySet<string> =>
  new Set(
    [...types.values()]
      .filter((type) =>
        getDirectiveArguments(type, 'join__type').some((args) => args['isInterfaceObject'] === true),
      )
      .map(({ name }) => name.value),
  );
