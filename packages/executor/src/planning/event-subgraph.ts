import {
  Kind,
  OperationTypeNode,
  type DefinitionNode,
  type EnumValueDefinitionNode,
  type FieldDefinitionNode,
  type ObjectTypeDefinitionNode,
  type TypeDefinitionNode,
} from 'graphql';
import { application, stringValue } from '../supergraph/directives.js';
import {
  graphEnum,
  graphsOfField,
  namedType,
  rootType,
  withTypes,
  type Subgraph,
  type SupergraphDocument,
} from '../supergraph/supergraph-document.js';
import { inputTypesOf, viewSubgraph, type SubgraphView } from '../supergraph/subgraph-view.js';
import { joinField, joinType, type Pair } from './join.js';
import { carriedKeys } from './keys.js';
import { reachOf } from './reach.js';
import { carriedBy, type Carried } from './event-snapshot.js';

/** The events of one subscription field, as a subgraph that plans are made with and nobody serves. */
export interface EventSubgraph {
  /** Of `Subscription`. */
  readonly fieldName: string;
  /** What plans call it. */
  readonly serviceName: string;
  /** The subgraph that defines the field: its events are told as its. */
  readonly owner: Subgraph;
  readonly view: SubgraphView;
  /** Of object types and interfaces. */
  readonly carried: Carried;
}

/**
 * Adds a subgraph to a supergraph that has nothing but one subscription field and what its events carry, and takes the
 * field from its owner. A planner then takes from the event what it has, and fetches whatever else an operation selects
 * from the subgraphs that have it, by its own rules.
 * @param type of the field; undefined: any
 * @returns undefined where the supergraph has no such field of that type
 * @throws Error where the snapshot does not fit the supergraph
 */
export function addEventGraph(
  supergraph: SupergraphDocument,
  fieldName: string,
  snapshot: string | undefined,
  type?: string,
): { supergraph: SupergraphDocument; event: EventSubgraph } | undefined {
  const subscription = rootType(supergraph, OperationTypeNode.SUBSCRIPTION);
  const field = subscription?.fields?.find(({ name }) => name.value === fieldName);
  if (!subscription || !field) return undefined;
  if (type !== undefined && namedType(field.type) !== type) return undefined;
  if (!supergraph.document.definitions.some(saysWhoHasMembers)) {
    throw new Error(
      `Subscription.${fieldName} has events here: that takes a supergraph of federation 2.3 or later.`,
    );
  }

  const owner = ownerOf(supergraph, subscription, field);
  const service = `event:${fieldName}`;
  const pair = { graph: unusedGraph(supergraph, fieldName), owner: owner.graph };
  const view = viewSubgraph(supergraph, owner.graph);
  const payload = view.fieldsOf(subscription.name.value).get(fieldName)?.type ?? '';
  const carried = readSnapshot(view, payload, snapshot, fieldName);

  const types = new Map(supergraph.types);
  const change = (name: string, to: (type: TypeDefinitionNode) => TypeDefinitionNode) => {
    const type = types.get(name);
    if (type) types.set(name, to(type));
  };
  const joinedGraph = graphValue(pair.graph, service);
  const graphs = graphEnum(types);
  types.set(graphs.name.value, { ...graphs, values: [...(graphs.values ?? []), joinedGraph] });

  const { composites, unions, leaves } = reachOf(supergraph, view, payload, carried);
  for (const [name, fields] of composites) {
    const composite = {
      fields,
      keys: carriedKeys(view, name, composites),
      interfaces: view.interfacesOf(name).filter((each) => composites.has(each)),
      isInterfaceObject: view.isInterfaceObject(name),
    };
    change(name, (type) => joinType(type, pair, composite));
  }
  for (const name of new Set([...unions, ...leaves, ...inputTypesOf(supergraph, field.arguments ?? [])])) {
    change(name, (type) => joinType(type, pair));
  }
  const query = rootType(supergraph, OperationTypeNode.QUERY);
  if (query) change(query.name.value, (type) => joinType(type, pair));
  change(subscription.name.value, (type) => moveField(type, fieldName, pair));
  const event = { fieldName, serviceName: service, owner, view, carried: composites };
  return { supergraph: withTypes(supergraph, types), event };
}

/** Earlier supergraphs leave out which subgraph has which members of unions and values of enums. */
const saysWhoHasMembers = (definition: DefinitionNode): boolean =>
  definition.kind === Kind.DIRECTIVE_DEFINITION && definition.name.value === 'join__unionMember';

function ownerOf(
  supergraph: SupergraphDocument,
  subscription: ObjectTypeDefinitionNode,
  field: FieldDefinitionNode,
): Subgraph {
  const graphs = graphsOfField(subscription, field);
  const owner = supergraph.subgraphs.find(({ graph }) => graphs.includes(graph));
  if (!owner) throw new Error(`No subgraph answers for Subscription.${field.name.value}.`);
  return owner;
}

function readSnapshot(
  view: SubgraphView,
  payload: string,
  snapshot: string | undefined,
  field: string,
): Carried {
  try {
    return carriedBy(view, payload, snapshot);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`The snapshot of Subscription.${field} cannot be used: ${why}`, { cause: error });
  }
}

function unusedGraph({ subgraphs }: SupergraphDocument, field: string): string {
  let name = `EVENT__${field}`;
  while (subgraphs.some(({ graph }) => graph === name)) name += '_';
  return name;
}

const graphValue = (graph: string, service: string): EnumValueDefinitionNode => ({
  kind: Kind.ENUM_VALUE_DEFINITION,
  name: { kind: Kind.NAME, value: graph },
  directives: [application('join__graph', { name: stringValue(service), url: stringValue('') })],
});

/** Joins the root type to the new graph, with one field that leaves its owner for it. */
function moveField(type: TypeDefinitionNode, fieldName: string, pair: Pair): TypeDefinitionNode {
  const joined = joinType(type, pair);
  if (joined.kind !== Kind.OBJECT_TYPE_DEFINITION) return joined;
  const fields = (joined.fields ?? []).map((field) => {
    if (field.name.value !== fieldName) return field;
    const others = field.directives?.filter(({ name }) => name.value !== 'join__field') ?? [];
    return { ...field, directives: [...others, joinField(field, pair)] };
  });
  return { ...joined, fields };
}
