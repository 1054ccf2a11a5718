import {
  Kind,
  OperationTypeNode,
  type ConstDirectiveNode,
  type DefinitionNode,
  type EnumValueDefinitionNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  type ObjectTypeDefinitionNode,
  type TypeDefinitionNode,
} from 'graphql';
import { createSubgraphView, type SubgraphView } from '../supergraph/subgraph-view.js';
import {
  addDirectives,
  createBooleanValue,
  createDirective,
  createEnumValueNode,
  createStringValue,
  getDirectiveArguments,
  getFieldGraphs,
  getGraphEnum,
  getGraphs,
  getNamedTypeName,
  getRootType,
  getStringArgument,
  replaceTypeDefinitions,
  type Subgraph,
  type SupergraphDocument,
} from '../supergraph/supergraph-document.js';
import { findSnapshotKeys, readSnapshotFields, type SnapshotFields } from './event-snapshot.js';
import type { SubscriptionSourceTraits, EventSubgraph } from './query-planner.js';

/** An event subgraph before its schema is built. */
export interface EventSubgraphDefinition extends Omit<EventSubgraph, 'schema'> {
  /** The view of the subgraph that owns the subscription field. */
  readonly ownerView: SubgraphView;
  /** The fields that events carry, by object type and by interface. */
  readonly snapshotFields: SnapshotFields;
}

/**
 * Adds a virtual subgraph to a supergraph, with one subscription field and the fields that its events carry. The field moves
 * there from the subgraph that owns it. A planner then reads these fields from the event and fetches all others, with no
 * knowledge of events.
 * @returns `undefined` if the supergraph has no such field, or has it with another type
 * @throws Error if the snapshot does not fit the supergraph
 */
export function addEventSubgraph(
  supergraph: SupergraphDocument,
  fieldName: string,
  { snapshot, type: expectedType }: SubscriptionSourceTraits,
): { readonly supergraph: SupergraphDocument; readonly eventSubgraph: EventSubgraphDefinition } | undefined {
  const subscriptionType = getRootType(supergraph, OperationTypeNode.SUBSCRIPTION);
  const field = subscriptionType?.fields?.find(({ name }) => name.value === fieldName);
  if (!subscriptionType || !field) return undefined;
  if (expectedType !== undefined && getNamedTypeName(field.type) !== expectedType) return undefined;
  if (!supergraph.document.definitions.some(isUnionMemberDirective)) {
    throw new Error(
      `Subscription.${fieldName} has a source of events. This needs a supergraph of Federation 2.3 or later: compose it again.`,
    );
  }

  const owner = findOwner(supergraph, subscriptionType, field);
  const serviceName = `event:${fieldName}`;
  const graphs: EventGraphs = { event: chooseGraphName(supergraph, fieldName), owner: owner.graph };
  const ownerView = createSubgraphView(supergraph, owner.graph);
  const typeName = ownerView.getFields(subscriptionType.name.value).get(fieldName)?.typeName ?? '';
  const objectFields = readSnapshot(ownerView, typeName, snapshot, fieldName);
  const snapshotFields: SnapshotFields = new Map([
    ...objectFields,
    ...findInterfaceFields(ownerView, objectFields),
  ]);

  const types = new Map(supergraph.types);
  const changeType = (name: string, change: (type: TypeDefinitionNode) => TypeDefinitionNode) => {
    const type = types.get(name);
    if (type) types.set(name, change(type));
  };
  const graphEnum = getGraphEnum(types);
  types.set(graphEnum.name.value, {
    ...graphEnum,
    values: [...(graphEnum.values ?? []), createGraphEnumValue(graphs.event, serviceName)],
  });
  for (const [name, fields] of snapshotFields) {
    const eventType: EventType = {
      fields,
      keys: findSnapshotKeys(ownerView, name, snapshotFields),
      interfaces: ownerView.getInterfaces(name).filter((each) => snapshotFields.has(each)),
      isInterfaceObject: ownerView.isInterfaceObject(name),
    };
    changeType(name, (type) => joinType(type, graphs, eventType));
  }
  const otherTypes = new Set([
    ...findReturnedTypes(supergraph, ownerView, typeName, objectFields),
    ...findInputTypes(supergraph, field.arguments ?? []),
  ]);
  for (const name of otherTypes) changeType(name, (type) => joinType(type, graphs));
  const queryType = getRootType(supergraph, OperationTypeNode.QUERY);
  if (queryType) changeType(queryType.name.value, (type) => joinType(type, graphs));
  changeType(subscriptionType.name.value, (type) => moveField(type, fieldName, graphs));
  return {
    supergraph: replaceTypeDefinitions(supergraph, types),
    eventSubgraph: { fieldName, serviceName, owner, ownerView, snapshotFields },
  };
}

/** Supergraphs before Federation 2.3 do not say which subgraph has which union members and enum values. */
const isUnionMemberDirective = (definition: DefinitionNode): boolean =>
  definition.kind === Kind.DIRECTIVE_DEFINITION && definition.name.value === 'join__unionMember';

function findOwner(
  supergraph: SupergraphDocument,
  subscriptionType: ObjectTypeDefinitionNode,
  field: FieldDefinitionNode,
): Subgraph {
  const graphs = getFieldGraphs(subscriptionType, field);
  const owner = supergraph.subgraphs.find(({ graph }) => graphs.includes(graph));
  if (!owner) throw new Error(`No subgraph resolves Subscription.${field.name.value}.`);
  return owner;
}

function readSnapshot(
  ownerView: SubgraphView,
  typeName: string,
  snapshot: string | undefined,
  fieldName: string,
): SnapshotFields {
  try {
    return readSnapshotFields(ownerView, typeName, snapshot);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The snapshot of Subscription.${fieldName} is invalid: ${reason}`, { cause: error });
  }
}

function chooseGraphName({ subgraphs }: SupergraphDocument, fieldName: string): string {
  let name = `EVENT__${fieldName}`;
  while (subgraphs.some(({ graph }) => graph === name)) name += '_';
  return name;
}

/** The interfaces of the object types in a snapshot, with the fields that all their object types have in the snapshot. */
function findInterfaceFields(
  ownerView: SubgraphView,
  objectFields: SnapshotFields,
): Map<string, ReadonlySet<string>> {
  const interfaceFields = new Map<string, Set<string>>();
  for (const [objectType, names] of objectFields) {
    for (const name of ownerView.getInterfaces(objectType)) {
      const fields = interfaceFields.get(name) ?? new Set(ownerView.getFields(name).keys());
      interfaceFields.set(name, new Set([...fields].filter((field) => names.has(field))));
    }
  }
  return new Map([...interfaceFields].filter(([, names]) => names.size > 0));
}

/** The unions, enums and scalars that the subscription field and the fields of the snapshot return. */
function findReturnedTypes(
  { types }: SupergraphDocument,
  ownerView: SubgraphView,
  typeName: string,
  objectFields: SnapshotFields,
): string[] {
  const names = new Set([typeName]);
  for (const [objectType, fieldNames] of objectFields) {
    const fields = ownerView.getFields(objectType);
    for (const fieldName of fieldNames) {
      const field = fields.get(fieldName);
      if (field) names.add(field.typeName);
    }
  }
  const kinds: readonly (Kind | undefined)[] = [
    Kind.UNION_TYPE_DEFINITION,
    Kind.ENUM_TYPE_DEFINITION,
    Kind.SCALAR_TYPE_DEFINITION,
  ];
  return [...names].filter((name) => kinds.includes(types.get(name)?.kind));
}

/** The types of arguments and, for input objects, the types of their fields. */
function findInputTypes(
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

/** The graph of an event subgraph, and the graph of the subgraph that owns the subscription field. */
interface EventGraphs {
  readonly event: string;
  readonly owner: string;
}

/** An object type or interface as the event subgraph defines it. */
interface EventType {
  readonly fields: ReadonlySet<string>;
  readonly keys: readonly string[];
  readonly interfaces: readonly string[];
  readonly isInterfaceObject: boolean;
}

/**
 * Adds a type to the event graph by join directives.
 * @param eventType the fields that an object type or interface has there; none if omitted. Enum values, union members and
 *   input fields are those of the owner.
 */
function joinType(type: TypeDefinitionNode, graphs: EventGraphs, eventType?: EventType): TypeDefinitionNode {
  const graph = createEnumValueNode(graphs.event);
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
          ...(eventType?.fields.has(field.name.value) === true ? [createFieldJoin(field, graphs)] : []),
        ]),
      );
      return { ...addDirectives(type, createTypeJoins(eventType, graphs)), fields };
    }
  }
}

/**
 * A field without `@join__field` is in all graphs of its type. When its type joins another graph, the field must list its
 * graphs; otherwise it would be in the other graph too.
 */
const isInAllGraphs = (field: FieldDefinitionNode | InputValueDefinitionNode): boolean =>
  getDirectiveArguments(field, 'join__field').length === 0;

/** Adds a field to the event graph with the type that the owner gives it. */
function createFieldJoin(
  field: FieldDefinitionNode | InputValueDefinitionNode,
  graphs: EventGraphs,
): ConstDirectiveNode {
  const ownerJoin = getDirectiveArguments(field, 'join__field').find(
    (args) => getStringArgument(args, 'graph') === graphs.owner,
  );
  const type = ownerJoin && getStringArgument(ownerJoin, 'type');
  return createDirective('join__field', {
    graph: createEnumValueNode(graphs.event),
    type: type === undefined ? undefined : createStringValue(type),
  });
}

/** The event graph has the keys of its entities, but entities cannot be fetched from it. */
function createTypeJoins(eventType: EventType | undefined, graphs: EventGraphs): ConstDirectiveNode[] {
  const graph = createEnumValueNode(graphs.event);
  const isInterfaceObject = eventType?.isInterfaceObject === true ? createBooleanValue(true) : undefined;
  const keys = eventType?.keys ?? [];
  const typeJoins =
    keys.length === 0
      ? [createDirective('join__type', { graph, isInterfaceObject })]
      : keys.map((key) =>
          createDirective('join__type', {
            graph,
            key: createStringValue(key),
            resolvable: createBooleanValue(false),
            isInterfaceObject,
          }),
        );
  return [
    ...typeJoins,
    ...(eventType?.interfaces ?? []).map((name) =>
      createDirective('join__implements', { graph, interface: createStringValue(name) }),
    ),
  ];
}

const createGraphEnumValue = (graph: string, serviceName: string): EnumValueDefinitionNode => ({
  kind: Kind.ENUM_VALUE_DEFINITION,
  name: { kind: Kind.NAME, value: graph },
  directives: [
    createDirective('join__graph', { name: createStringValue(serviceName), url: createStringValue('') }),
  ],
});

/** Adds a root type to the event graph and moves one of its fields there from all other graphs. */
function moveField(type: TypeDefinitionNode, fieldName: string, graphs: EventGraphs): TypeDefinitionNode {
  const joinedType = joinType(type, graphs);
  if (joinedType.kind !== Kind.OBJECT_TYPE_DEFINITION) return joinedType;
  const fields = (joinedType.fields ?? []).map((field) => {
    if (field.name.value !== fieldName) return field;
    const otherDirectives = field.directives?.filter(({ name }) => name.value !== 'join__field') ?? [];
    return { ...field, directives: [...otherDirectives, createFieldJoin(field, graphs)] };
  });
  return { ...joinedType, fields };
}
