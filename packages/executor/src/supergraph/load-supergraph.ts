import { Supergraph, type Schema } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import type { ReadFields } from '../planning/rename-colliding-names.js';
import { addEventGraph, type EventSubgraph } from '../planning/event-subgraph.js';
import type { SubscriptionSource } from '../subscriptions/subscription-source.js';
import { readSupergraph, type Subgraph } from './supergraph-document.js';
import { findInterfaceObjects } from './interface-objects.js';
import { findReadFields } from '../planning/read-fields.js';
import { viewSubgraph, type SubgraphView } from './subgraph-view.js';
import { typeConditions, type TypeConditions } from './type-conditions.js';

/** The events of a subscription field, and the schema that answers selections on them. */
export interface LoadedEvents extends EventSubgraph {
  readonly schema: GraphQLSchema;
}

/** Everything that is made of one supergraph. A new supergraph gives a new one; nothing in it is changed. */
export interface LoadedSupergraph {
  /** As the supergraph names them; the graphs of events are not among them. */
  readonly subgraphs: readonly Subgraph[];
  /** By the name of the subgraph. */
  readonly views: ReadonlyMap<string, SubgraphView>;
  /** What clients see. */
  readonly api: Schema;
  /** The same, for graphql-js. */
  readonly apiSchema: GraphQLSchema;
  /** Of the supergraph's own schema, for the execution of plans. */
  readonly types: TypeConditions;
  readonly planner: QueryPlanner;
  readonly readFields: ReadFields;
  /** The interfaces that some subgraph knows as one object type. */
  readonly interfaceObjects: ReadonlySet<string>;
  /** By subscription field: those that can be served. */
  readonly events: ReadonlyMap<string, LoadedEvents>;
}

/** What is to be known of a source of events. */
export type EventTraits = Pick<SubscriptionSource, 'snapshot' | 'type'>;

/**
 * @param sources by subscription field. A field that the supergraph does not have, or has of another type, is passed over.
 * @throws Error where the text is no supergraph, or a snapshot does not fit it
 */
export function loadSupergraph(
  sdl: string,
  sources: Readonly<Record<string, EventTraits>>,
  { maxEvaluatedPlans }: { readonly maxEvaluatedPlans: number } = { maxEvaluatedPlans: 1_000 },
): LoadedSupergraph {
  const written = readSupergraph(sdl);
  let withEvents = written;
  const graphs: EventSubgraph[] = [];
  for (const [field, { snapshot, type }] of Object.entries(sources)) {
    const added = addEventGraph(withEvents, field, snapshot, type);
    if (!added) continue;
    withEvents = added.supergraph;
    graphs.push(added.event);
  }

  const supergraph = Supergraph.build(withEvents.document);
  const api = supergraph.apiSchema();
  const subgraphs = supergraph.subgraphs();
  const events = graphs.map((event): [string, LoadedEvents] => {
    const subgraph = subgraphs.get(event.serviceName);
    if (!subgraph) throw new Error(`The events of Subscription.${event.fieldName} have no schema.`);
    return [event.fieldName, { ...event, schema: subgraph.schema.toGraphQLJSSchema() }];
  });
  return {
    subgraphs: written.subgraphs,
    views: new Map(written.subgraphs.map(({ name, graph }) => [name, viewSubgraph(written, graph)])),
    api,
    apiSchema: api.toGraphQLJSSchema(),
    types: typeConditions(supergraph.schema.toGraphQLJSSchema()),
    readFields: findReadFields(withEvents.document),
    interfaceObjects: findInterfaceObjects(withEvents.types.values()),
    // What events change in the fetches of a plan they change in one selection, without named fragments.
    planner: new QueryPlanner(supergraph, { reuseQueryFragments: false, debug: { maxEvaluatedPlans } }),
    events: new Map(events),
  };
}
