import {
  Kind,
  type ConstDirectiveNode,
  type EnumTypeDefinitionNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  type TypeDefinitionNode,
} from 'graphql';
import {
  addDirectives,
  createBooleanValue,
  createDirective,
  createEnumValueNode,
  createStringValue,
  getDirectiveArguments,
  getFieldGraphs,
  getGraphs,
  getNamedTypeName,
  getStringArgument,
  type Subgraph,
  type SupergraphDocument,
} from '../supergraph/supergraph-document.js';

/*
 * A virtual graph is a part of a real subgraph that the planner sees as another subgraph. It is added to the supergraph by join
 * directives.
 */

/** The values of the enum `join__Graph` of a virtual graph and of the subgraph that it is a part of. */
export interface VirtualGraph {
  readonly virtual: string;
  readonly owner: string;
}

/** An object type or interface as the virtual graph defines it. */
export interface VirtualType {
  readonly fields: ReadonlySet<string>;
  /** Those of the fields that the virtual graph does not resolve. @default none */
  readonly externalFields?: ReadonlySet<string>;
  readonly keys: readonly string[];
  /** Whether entities can be fetched from it by the keys. */
  readonly isResolvable: boolean;
  readonly interfaces: readonly string[];
  readonly isInterfaceObject: boolean;
}

/** Chooses a value of the enum `join__Graph` that no subgraph has. */
export function chooseGraphName({ subgraphs }: SupergraphDocument, wanted: string): string {
  let name = wanted;
  while (subgraphs.some(({ graph }) => graph === name)) name += '_';
  return name;
}

/** Adds a value to the enum `join__Graph`. */
export const addGraph = (
  graphEnum: EnumTypeDefinitionNode,
  { graph, name, url }: Subgraph,
): EnumTypeDefinitionNode => ({
  ...graphEnum,
  values: [
    ...(graphEnum.values ?? []),
    {
      kind: Kind.ENUM_VALUE_DEFINITION,
      name: { kind: Kind.NAME, value: graph },
      directives: [
        createDirective('join__graph', { name: createStringValue(name), url: createStringValue(url) }),
      ],
    },
  ],
});

/** The types of arguments and, for input objects, the types of their fields. */
export function findInputTypes(
  { types }: SupergraphDocument,
  inputValues: readonly InputValueDefinitionNode[],
): string[] {
  const names = new Set<string>();
  const visitInput = (input: InputValueDefinitionNode): void => {
    const name = getNamedTypeName(input.type);
    const type = types.get(name);
    if (!type || names.has(name)) return;
    names.add(name);
    if (type.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) type.fields?.forEach(visitInput);
  };
  inputValues.forEach(visitInput);
  return [...names];
}

/**
 * Adds a type to a virtual graph by join directives.
 * @param virtualType the fields that an object type or interface has there; none if omitted. Enum values, union members and
 *   input fields are those of the owner.
 */
export function joinType(
  type: TypeDefinitionNode,
  graphs: VirtualGraph,
  virtualType?: VirtualType,
): TypeDefinitionNode {
  const graph = createEnumValueNode(graphs.virtual);
  const typeJoin = createDirective('join__type', { graph });
  switch (type.kind) {
    case Kind.SCALAR_TYPE_DEFINITION:
      return addDirectives(type, [typeJoin]);
    case Kind.ENUM_TYPE_DEFINITION: {
      const values = (type.values ?? []).map((value) =>
        getGraphs(value, 'join__enumValue').includes(graphs.owner)
          ? addDirectives(value, [createDirective('join__enumValue', { graph })])
          : value,
      );
      return { ...addDirectives(type, [typeJoin]), values };
    }
    case Kind.UNION_TYPE_DEFINITION: {
      const members = getDirectiveArguments(type, 'join__unionMember')
        .filter((args) => getStringArgument(args, 'graph') === graphs.owner)
        .flatMap((args) => getStringArgument(args, 'member') ?? []);
      return addDirectives(type, [
        typeJoin,
        ...members.map((member) =>
          createDirective('join__unionMember', { graph, member: createStringValue(member) }),
        ),
      ]);
    }
    case Kind.INPUT_OBJECT_TYPE_DEFINITION: {
      const fields = (type.fields ?? []).map((field) =>
        isInAllGraphs(field) || !getFieldGraphs(type, field).includes(graphs.owner)
          ? field
          : addDirectives(field, [createFieldJoin(field, graphs)]),
      );
      return { ...addDirectives(type, [typeJoin]), fields };
    }
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_DEFINITION: {
      const existingGraphs = getGraphs(type);
      const fields = (type.fields ?? []).map((field) =>
        addDirectives(field, [
          ...(isInAllGraphs(field)
            ? existingGraphs.map((name) =>
                createDirective('join__field', { graph: createEnumValueNode(name) }),
              )
            : []),
          ...(virtualType?.fields.has(field.name.value) === true
            ? [createFieldJoin(field, graphs, virtualType.externalFields?.has(field.name.value))]
            : []),
        ]),
      );
      return { ...addDirectives(type, createTypeJoins(virtualType, graphs)), fields };
    }
  }
}

/**
 * A field without `@join__field` is in all graphs of its type. When its type joins another graph, the field must list its
 * graphs; otherwise it would be in the other graph too.
 */
const isInAllGraphs = (field: FieldDefinitionNode | InputValueDefinitionNode): boolean =>
  getDirectiveArguments(field, 'join__field').length === 0;

/** Adds a field to a virtual graph with the type that the owner gives it. */
export function createFieldJoin(
  field: FieldDefinitionNode | InputValueDefinitionNode,
  graphs: VirtualGraph,
  isExternal = false,
): ConstDirectiveNode {
  const ownerJoin = getDirectiveArguments(field, 'join__field').find(
    (args) => getStringArgument(args, 'graph') === graphs.owner,
  );
  const type = ownerJoin && getStringArgument(ownerJoin, 'type');
  return createDirective('join__field', {
    graph: createEnumValueNode(graphs.virtual),
    type: type === undefined ? undefined : createStringValue(type),
    external: isExternal ? createBooleanValue(true) : undefined,
  });
}

function createTypeJoins(virtualType: VirtualType | undefined, graphs: VirtualGraph): ConstDirectiveNode[] {
  const graph = createEnumValueNode(graphs.virtual);
  const isInterfaceObject = virtualType?.isInterfaceObject === true ? createBooleanValue(true) : undefined;
  const keys = virtualType?.keys ?? [];
  const typeJoins =
    keys.length === 0
      ? [createDirective('join__type', { graph, isInterfaceObject })]
      : keys.map((key) =>
          createDirective('join__type', {
            graph,
            key: createStringValue(key),
            resolvable: virtualType?.isResolvable === true ? undefined : createBooleanValue(false),
            isInterfaceObject,
          }),
        );
  return [
    ...typeJoins,
    ...(virtualType?.interfaces ?? []).map((name) =>
      createDirective('join__implements', { graph, interface: createStringValue(name) }),
    ),
  ];
}
