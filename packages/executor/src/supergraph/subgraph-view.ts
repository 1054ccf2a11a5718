import { Kind, parseType, type InputValueDefinitionNode, type TypeDefinitionNode } from 'graphql';
import { applicationsOf, textOf } from './directives.js';
import { graphsOfField, namedType, rootTypes, type SupergraphDocument } from './supergraph-document.js';

export interface FieldView {
  /** The named type that this subgraph gives it: narrower than the supergraph's where the two differ. */
  readonly type: string;
  /** Written as in the supergraph's `@join__field(type:)`, where this subgraph gives the field a type of its own. */
  readonly ownType: string | undefined;
  readonly takesArguments: boolean;
  /** What it takes of its object beside a key, as `@requires(fields:)` says it. */
  readonly requires: string | undefined;
}

/** The part of a supergraph that one subgraph defines. */
export interface SubgraphView {
  /** The fields of an object type or interface that this subgraph answers for, by name, but those that lead to a root. */
  fieldsOf(type: string): ReadonlyMap<string, FieldView>;
  /** The object types that a value of a composite type may have here; none for a scalar or an enum. */
  objectTypesOf(type: string): readonly string[];
  /** The interfaces that a type implements here. */
  interfacesOf(type: string): readonly string[];
  isAbstract(type: string): boolean;
  /** An interface of which this subgraph knows no implementation: to it, an object type. */
  isInterfaceObject(type: string): boolean;
  /** The selection sets by which other subgraphs refer to entities of a type. */
  keysOf(type: string): readonly string[];
}

export function viewSubgraph(supergraph: SupergraphDocument, graph: string): SubgraphView {
  const { types } = supergraph;
  const roots = rootTypes(supergraph);
  const fields = new Map<string, ReadonlyMap<string, FieldView>>();
  const joinsOf = (name: string) => {
    const type = types.get(name);
    return type ? applicationsOf(type, 'join__type').filter((join) => textOf(join, 'graph') === graph) : [];
  };
  const isInterfaceObject = (name: string) =>
    joinsOf(name).some((join) => join['isInterfaceObject'] === true);
  const interfacesOf = (name: string) => {
    const type = types.get(name);
    return type ? joined(type, 'join__implements', 'interface', graph) : [];
  };

  return {
    isInterfaceObject,
    interfacesOf,
    fieldsOf(name) {
      let known = fields.get(name);
      if (!known) fields.set(name, (known = fieldViews(types.get(name), graph, roots)));
      return known;
    },
    objectTypesOf(name) {
      const type = types.get(name);
      if (type?.kind === Kind.OBJECT_TYPE_DEFINITION || isInterfaceObject(name)) return [name];
      if (type?.kind === Kind.UNION_TYPE_DEFINITION) {
        return joined(type, 'join__unionMember', 'member', graph);
      }
      if (type?.kind !== Kind.INTERFACE_TYPE_DEFINITION) return [];
      return [...types.values()]
        .filter(({ kind }) => kind === Kind.OBJECT_TYPE_DEFINITION)
        .map((object) => object.name.value)
        .filter((object) => interfacesOf(object).includes(name));
    },
    isAbstract(name) {
      const kind = types.get(name)?.kind;
      return (
        kind === Kind.UNION_TYPE_DEFINITION ||
        (kind === Kind.INTERFACE_TYPE_DEFINITION && !isInterfaceObject(name))
      );
    },
    keysOf: (name) => joinsOf(name).flatMap((join) => textOf(join, 'key') ?? []),
  };
}

/** What a graph says of a type by a directive: the interfaces it implements, the members it has. */
const joined = (type: TypeDefinitionNode, directive: string, argument: string, graph: string): string[] =>
  applicationsOf(type, directive)
    .filter((given) => textOf(given, 'graph') === graph)
    .flatMap((given) => textOf(given, argument) ?? []);

function fieldViews(
  type: TypeDefinitionNode | undefined,
  graph: string,
  roots: ReadonlySet<string>,
): Map<string, FieldView> {
  if (type?.kind !== Kind.OBJECT_TYPE_DEFINITION && type?.kind !== Kind.INTERFACE_TYPE_DEFINITION) {
    return new Map();
  }
  const own = (type.fields ?? []).filter(
    (field) => graphsOfField(type, field).includes(graph) && !roots.has(namedType(field.type)),
  );
  return new Map(
    own.map((field): [string, FieldView] => {
      const join = applicationsOf(field, 'join__field').find((given) => textOf(given, 'graph') === graph);
      const ownType = join && textOf(join, 'type');
      return [
        field.name.value,
        {
          type: namedType(ownType === undefined ? field.type : parseType(ownType)),
          ownType,
          takesArguments: (field.arguments?.length ?? 0) > 0,
          requires: join && textOf(join, 'requires'),
        },
      ];
    }),
  );
}

/** Everything that an argument's type brings with it: itself and, for an input object, the types of its fields. */
export function inputTypesOf(
  { types }: SupergraphDocument,
  given: readonly InputValueDefinitionNode[],
): string[] {
  const reached = new Set<string>();
  const visit = (input: InputValueDefinitionNode): void => {
    const name = namedType(input.type);
    const type = types.get(name);
    if (!type || reached.has(name)) return;
    reached.add(name);
    if (type.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) type.fields?.forEach(visit);
  };
  given.forEach(visit);
  return [...reached];
}
