import {
  Kind,
  type ConstDirectiveNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  type TypeDefinitionNode,
} from 'graphql';
import {
  annotate,
  application,
  applicationsOf,
  booleanValue,
  enumValue,
  stringValue,
  textOf,
} from '../supergraph/directives.js';
import { graphsOf, graphsOfField } from '../supergraph/supergraph-document.js';

/** A new graph, and the one that it is made after. */
export interface Pair {
  readonly graph: string;
  readonly owner: string;
}

/** What an object type or interface is in the new graph. */
export interface Composite {
  readonly fields: ReadonlySet<string>;
  readonly keys?: readonly string[];
  readonly interfaces?: readonly string[];
  readonly isInterfaceObject?: boolean;
}

/** Puts a type into the new graph: of its fields the given ones, of anything else what the owner has of it. */
export function joinType(type: TypeDefinitionNode, pair: Pair, composite?: Composite): TypeDefinitionNode {
  const graph = enumValue(pair.graph);
  const inGraph = [application('join__type', { graph })];
  switch (type.kind) {
    case Kind.SCALAR_TYPE_DEFINITION:
      return annotate(type, inGraph);
    case Kind.ENUM_TYPE_DEFINITION: {
      const values = (type.values ?? []).map((value) =>
        graphsOf(value, 'join__enumValue').includes(pair.owner)
          ? annotate(value, [application('join__enumValue', { graph })])
          : value,
      );
      return { ...annotate(type, inGraph), values };
    }
    case Kind.UNION_TYPE_DEFINITION: {
      const members = applicationsOf(type, 'join__unionMember')
        .filter((given) => textOf(given, 'graph') === pair.owner)
        .flatMap((given) => textOf(given, 'member') ?? []);
      return annotate(type, [
        ...inGraph,
        ...members.map((member) => application('join__unionMember', { graph, member: stringValue(member) })),
      ]);
    }
    case Kind.INPUT_OBJECT_TYPE_DEFINITION: {
      const fields = (type.fields ?? []).map((field) =>
        isSilent(field) || !graphsOfField(type, field).includes(pair.owner)
          ? field
          : annotate(field, [joinField(field, pair)]),
      );
      return { ...annotate(type, inGraph), fields };
    }
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_DEFINITION: {
      const present = graphsOf(type);
      const fields = (type.fields ?? []).map((field) =>
        annotate(field, [
          ...(isSilent(field)
            ? present.map((each) => application('join__field', { graph: enumValue(each) }))
            : []),
          ...(composite?.fields.has(field.name.value) === true ? [joinField(field, pair)] : []),
        ]),
      );
      return { ...annotate(type, joinsOf(composite, pair)), fields };
    }
  }
}

/**
 * A field that says nothing of graphs is in all graphs of its type. Where its type joins one more, it has to name them,
 * or it would be in the new one too.
 */
const isSilent = (field: FieldDefinitionNode | InputValueDefinitionNode): boolean =>
  applicationsOf(field, 'join__field').length === 0;

/** Puts a field into the new graph, with the type that it has in the owner. */
export function joinField(
  field: FieldDefinitionNode | InputValueDefinitionNode,
  pair: Pair,
): ConstDirectiveNode {
  const owners = applicationsOf(field, 'join__field').find((given) => textOf(given, 'graph') === pair.owner);
  const type = owners && textOf(owners, 'type');
  return application('join__field', {
    graph: enumValue(pair.graph),
    type: type === undefined ? undefined : stringValue(type),
  });
}

/** Entities of the new graph are known by their keys and never fetched from it. */
function joinsOf(composite: Composite | undefined, pair: Pair): ConstDirectiveNode[] {
  const graph = enumValue(pair.graph);
  const isInterfaceObject = composite?.isInterfaceObject === true ? booleanValue(true) : undefined;
  const keys = composite?.keys ?? [];
  const joins =
    keys.length === 0
      ? [application('join__type', { graph, isInterfaceObject })]
      : keys.map((key) =>
          application('join__type', {
            graph,
            key: stringValue(key),
            resolvable: booleanValue(false),
            isInterfaceObject,
          }),
        );
  return [
    ...joins,
    ...(composite?.interfaces ?? []).map((name) =>
      application('join__implements', { graph, interface: stringValue(name) }),
    ),
  ];
}
