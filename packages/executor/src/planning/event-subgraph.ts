import {
  Kind,
  OperationTypeNode,
  type DefinitionNode,
  type FieldDefinitionNode,
  type ObjectTypeDefinitionNode,
  type TypeDefinitionNode,
} from 'graphql';
import { createSubgraphView, type SubgraphView } from '../supergraph/subgraph-view.js';
import {
  getFieldGraphs,
  getGraphEnum,
  getNamedTypeName,
  getRootType,
  replaceTypeDefinitions,
  type Subgraph,
  type SupergraphDocument,
} from '../supergraph/supergraph-document.js';
import { findSnapshotKeys, readSnapshotFields, type SnapshotFields } from './event-snapshot.js';
import type { SubscriptionSourceTraits, EventSubgraph } from './query-planner.js';
import {
  addGraph,
  chooseGraphName,
  createFieldJoin,
  findInputTypes,
  joinType,
  type VirtualGraph,
  type VirtualType,
} from './virtual-graph.js';

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
  const graph = chooseGraphName(supergraph, `EVENT__${fieldName}`);
  const graphs: VirtualGraph = { virtual: graph, owner: owner.graph };
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
  types.set(graphEnum.name.value, addGraph(graphEnum, { graph, name: serviceName, url: '' }));
  for (const [name, fields] of snapshotFields) {
    const eventType: VirtualType = {
      fields,
      // Entities cannot be fetched from an event.
      isResolvable: false,
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

/** Adds a root type to the event graph and moves one of its fields there from all other graphs. */
function moveField(type: TypeDefinitionNode, fieldName: string, graphs: VirtualGraph): TypeDefinitionNode {
  const joinedType = joinType(type, graphs);
  if (joinedType.kind !== Kind.OBJECT_TYPE_DEFINITION) return joinedType;
  const fields = (joinedType.fields ?? []).map((field) => {
    if (field.name.value !== fieldName) return field;
    const otherDirectives = field.directives?.filter(({ name }) => name.value !== 'join__field') ?? [];
    return { ...field, directives: [...otherDirectives, createFieldJoin(field, graphs)] };
  });
  return { ...joinedType, fields };
}
