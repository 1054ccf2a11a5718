import { Kind, parseType, type TypeDefinitionNode } from 'graphql';
import {
  getDirectiveArguments,
  getFieldGraphs,
  getNamedTypeName,
  getRootTypeNames,
  getStringArgument,
  type SupergraphDocument,
} from './supergraph-document.js';

/** A field as one subgraph defines it. */
export interface SubgraphField {
  /** Name of its type without list and non-null wrappers. It can be narrower than the type in the supergraph. */
  readonly typeName: string;
  readonly hasArguments: boolean;
  /** The field set of `@requires(fields:)`. */
  readonly requires: string | undefined;
}

/** The part of a supergraph that one subgraph defines. */
export interface SubgraphView {
  /** The fields of an object type or interface that this subgraph resolves, except those that return a root type. */
  getFields(typeName: string): ReadonlyMap<string, SubgraphField>;
  /** The possible object types of a composite type in this subgraph; empty for scalars and enums. */
  getObjectTypes(typeName: string): readonly string[];
  /** The interfaces that a type implements in this subgraph. */
  getInterfaces(typeName: string): readonly string[];
  /** Whether this subgraph defines the interface as an object type (`@interfaceObject`). */
  isInterfaceObject(typeName: string): boolean;
  /** The field sets of the `@key` directives of a type in this subgraph. */
  getKeys(typeName: string): readonly string[];
}

/** @param graph the subgraph's value of the enum `join__Graph` */
export function createSubgraphView(supergraph: SupergraphDocument, graph: string): SubgraphView {
  const { types } = supergraph;
  const rootTypeNames = getRootTypeNames(supergraph);
  const fieldsByType = new Map<string, ReadonlyMap<string, SubgraphField>>();
  const getTypeJoins = (name: string) => {
    const type = types.get(name);
    return type
      ? getDirectiveArguments(type, 'join__type').filter((join) => getStringArgument(join, 'graph') === graph)
      : [];
  };
  const isInterfaceObject = (name: string) =>
    getTypeJoins(name).some((join) => join['isInterfaceObject'] === true);
  const getInterfaces = (name: string) => {
    const type = types.get(name);
    return type ? readJoinedTypes(type, 'join__implements', 'interface', graph) : [];
  };

  return {
    isInterfaceObject,
    getInterfaces,
    getFields(name) {
      let fields = fieldsByType.get(name);
      if (!fields) fieldsByType.set(name, (fields = readFields(types.get(name), graph, rootTypeNames)));
      return fields;
    },
    getObjectTypes(name) {
      const type = types.get(name);
      if (type?.kind === Kind.OBJECT_TYPE_DEFINITION || isInterfaceObject(name)) return [name];
      if (type?.kind === Kind.UNION_TYPE_DEFINITION) {
        return readJoinedTypes(type, 'join__unionMember', 'member', graph);
      }
      if (type?.kind !== Kind.INTERFACE_TYPE_DEFINITION) return [];
      return [...types.values()]
        .filter(({ kind }) => kind === Kind.OBJECT_TYPE_DEFINITION)
        .map((object) => object.name.value)
        .filter((object) => getInterfaces(object).includes(name));
    },
    getKeys: (name) => getTypeJoins(name).flatMap((join) => getStringArgument(join, 'key') ?? []),
  };
}

/** Reads the interfaces or union members that one graph gives to a type. */
const readJoinedTypes = (
  type: TypeDefinitionNode,
  directive: 'join__implements' | 'join__unionMember',
  argument: 'interface' | 'member',
  graph: string,
): string[] =>
  getDirectiveArguments(type, directive)
    .filter((args) => getStringArgument(args, 'graph') === graph)
    .flatMap((args) => getStringArgument(args, argument) ?? []);

function readFields(
  type: TypeDefinitionNode | undefined,
  graph: string,
  rootTypeNames: ReadonlySet<string>,
): Map<string, SubgraphField> {
  if (type?.kind !== Kind.OBJECT_TYPE_DEFINITION && type?.kind !== Kind.INTERFACE_TYPE_DEFINITION) {
    return new Map();
  }
  const fields = (type.fields ?? []).filter(
    (field) =>
      getFieldGraphs(type, field).includes(graph) && !rootTypeNames.has(getNamedTypeName(field.type)),
  );
  return new Map(
    fields.map((field): [string, SubgraphField] => {
      const join = getDirectiveArguments(field, 'join__field').find(
        (args) => getStringArgument(args, 'graph') === graph,
      );
      const subgraphType = join && getStringArgument(join, 'type');
      return [
        field.name.value,
        {
          typeName: getNamedTypeName(subgraphType === undefined ? field.type : parseType(subgraphType)),
          hasArguments: (field.arguments?.length ?? 0) > 0,
          requires: join && getStringArgument(join, 'requires'),
        },
      ];
    }),
  );
}
