import {
  isTypeDefinitionNode,
  Kind,
  parse,
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
import { applicationsOf, textOf, type Annotated } from './directives.js';

/** A subgraph as its supergraph names it. */
export interface Subgraph {
  readonly name: string;
  /** The routing URL. */
  readonly url: string;
  /** Its value of the enum `join__Graph`. */
  readonly graph: string;
}

/** A supergraph as it is written, before anything is built of it. */
export interface SupergraphDocument {
  readonly document: DocumentNode;
  readonly subgraphs: readonly Subgraph[];
  readonly types: ReadonlyMap<string, TypeDefinitionNode>;
}

const GRAPH_ENUM = 'join__Graph';

/**
 * Reads what a composition has written.
 * @throws GraphQLError for a fault of syntax; Error where it is no supergraph
 */
export function readSupergraph(sdl: string): SupergraphDocument {
  const document = parse(sdl, { noLocation: true });
  const types = new Map(
    document.definitions.filter(isTypeDefinitionNode).map((type) => [type.name.value, type]),
  );
  return { document, types, subgraphs: subgraphsOf(graphEnum(types)) };
}

/** The subgraphs that a supergraph names. */
export const listSubgraphs = (sdl: string): readonly Subgraph[] => readSupergraph(sdl).subgraphs;

/** The same supergraph with types exchanged for others of the same names. */
export function withTypes(
  supergraph: SupergraphDocument,
  types: ReadonlyMap<string, TypeDefinitionNode>,
): SupergraphDocument {
  const definitions = supergraph.document.definitions.map((definition) =>
    isTypeDefinitionNode(definition) ? (types.get(definition.name.value) ?? definition) : definition,
  );
  return {
    document: { ...supergraph.document, definitions },
    types,
    subgraphs: subgraphsOf(graphEnum(types)),
  };
}

export function graphEnum(types: ReadonlyMap<string, TypeDefinitionNode>): EnumTypeDefinitionNode {
  const type = types.get(GRAPH_ENUM);
  if (type?.kind !== Kind.ENUM_TYPE_DEFINITION) {
    throw new Error(`This is no supergraph: it has no enum ${GRAPH_ENUM}.`);
  }
  return type;
}

const subgraphsOf = ({ values = [] }: EnumTypeDefinitionNode): Subgraph[] =>
  values.map((value) => {
    const [graph = {}] = applicationsOf(value, 'join__graph');
    return {
      name: textOf(graph, 'name') ?? value.name.value,
      url: textOf(graph, 'url') ?? '',
      graph: value.name.value,
    };
  });

/** The type at the root of an operation, if the supergraph has such operations. */
export function rootType(
  supergraph: SupergraphDocument,
  operation: OperationTypeNode,
): ObjectTypeDefinitionNode | undefined {
  const root = rootsOf(supergraph).find((each) => each.operation === operation);
  const type = root && supergraph.types.get(root.type.name.value);
  return type?.kind === Kind.OBJECT_TYPE_DEFINITION ? type : undefined;
}

/** The names of all root types. */
export const rootTypes = (supergraph: SupergraphDocument): ReadonlySet<string> =>
  new Set(rootsOf(supergraph).map(({ type }) => type.name.value));

function rootsOf({ document }: SupergraphDocument): readonly OperationTypeDefinitionNode[] {
  const schema = document.definitions.find(({ kind }) => kind === Kind.SCHEMA_DEFINITION);
  return schema?.kind === Kind.SCHEMA_DEFINITION ? schema.operationTypes : [];
}

/** The graphs that know a type, or a value of an enum. */
export const graphsOf = (node: Annotated, directive = 'join__type'): string[] => [
  ...new Set(applicationsOf(node, directive).flatMap((given) => textOf(given, 'graph') ?? [])),
];

/** The graphs that answer for a field of a type. */
export function graphsOfField(
  type: TypeDefinitionNode,
  field: FieldDefinitionNode | InputValueDefinitionNode,
): string[] {
  const given = applicationsOf(field, 'join__field');
  if (given.length === 0) return graphsOf(type);
  return given
    .filter((args) => args['external'] !== true && args['usedOverridden'] !== true)
    .flatMap((args) => textOf(args, 'graph') ?? []);
}

/** The type's name without lists and non-nulls around it. */
export const namedType = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
