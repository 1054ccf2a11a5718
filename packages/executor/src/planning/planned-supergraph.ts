import { DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals';
import type { GraphQLSchema } from 'graphql';
import { readAccessModel } from '../supergraph/access-model.js';
import { createAccessRules, type AccessRules } from '../supergraph/access-rules.js';
import {
  findInterfaceObjects,
  parseSupergraph,
  type SupergraphDocument,
} from '../supergraph/supergraph-document.js';
import { addEventSubgraph, type EventSubgraphDefinition } from './event-subgraph.js';
import { readLiteralsExactly } from './exact-literals.js';
import { removeIgnoredDirectives } from './remove-ignored-directives.js';
import { preferResolvableKeys } from './prefer-resolvable-keys.js';
import type { FetchNode, PlannerInput, PlanNode, SubscriptionSourceTraits } from './query-planner.js';
import { separateChainedFields, type ChainedFields } from './separate-chained-fields.js';
import {
  createSeparatedFieldRestorer,
  separateRequiredArguments,
  type SeparatedSupergraph,
} from './separate-required-arguments.js';
import { findImplicitFields, type ImplicitFields } from './rename-colliding-names.js';

/** A supergraph as operations are planned on it: with a virtual subgraph for each source of events. */
export interface PlannedSupergraph {
  readonly supergraph: Supergraph;
  /** The schema that clients see. */
  readonly apiSchema: GraphQLSchema;
  readonly implicitFields: ImplicitFields;
  /** Replaces the fields and subgraphs of a fetch that were added for planning by the real ones. */
  readonly restoreFetch: (fetch: FetchNode) => PlanNode;
  /** `undefined` if the supergraph has no authorization directives. */
  readonly accessRules: AccessRules | undefined;
  /** The interfaces that some subgraph defines as an object type (`@interfaceObject`). */
  readonly interfaceObjects: ReadonlySet<string>;
  /** See `PlanningLimits`. */
  readonly maxDeferredFragments: number;
  /** By subscription field. */
  readonly eventSubgraphs: ReadonlyMap<string, EventSubgraphDefinition>;
}

/**
 * The features that a supergraph may link with `for: SECURITY` or `for: EXECUTION`. A supergraph with another one is refused,
 * because its fields could not be protected or executed as it demands.
 */
const SUPPORTED_FEATURES: ReadonlySet<string> = new Set([
  ...DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES,
  'https://specs.apollo.dev/authenticated/v0.1',
  'https://specs.apollo.dev/requiresScopes/v0.1',
  'https://specs.apollo.dev/policy/v0.1',
  // The planner plans `@fromContext`, and the executor follows these plans.
  'https://specs.apollo.dev/context/v0.1',
  // Names entries of a cache for their removal. The executor caches no responses.
  'https://specs.apollo.dev/cacheTag/v0.1',
]);

const CONNECT_URL = 'https://specs.apollo.dev/connect/';

/** @throws Error if the supergraph is invalid, or the snapshot of an event source does not fit it */
export function buildPlannedSupergraph(
  {
    eventSources,
    supergraphSdl,
    maxDeferredFragments,
  }: Pick<PlannerInput, 'eventSources' | 'supergraphSdl' | 'maxDeferredFragments'>,
  document = parseSupergraph(supergraphSdl),
): PlannedSupergraph {
  const separated = separateRequiredArguments(preferResolvableKeys(document));
  const withEvents = addEventSubgraphs(separated.supergraph, eventSources);
  const chained = separateChainedFields(withEvents.document);
  const supergraph = buildSupergraph(chained.supergraph);
  const clientSupergraph =
    separated.separatedFields.size === 0
      ? supergraph
      : buildSupergraph(addEventSubgraphs(document, eventSources).document);
  const apiSchema = readLiteralsExactly(
    clientSupergraph.apiSchema().toGraphQLJSSchema({ includeDefer: true }),
  );
  const accessModel = readAccessModel(document);
  return {
    supergraph,
    apiSchema,
    accessRules: accessModel && createAccessRules(apiSchema, accessModel),
    restoreFetch: createFetchRestorer(separated, chained),
    implicitFields: findImplicitFields(chained.supergraph.document),
    interfaceObjects: findInterfaceObjects(document),
    maxDeferredFragments,
    eventSubgraphs: new Map(withEvents.eventSubgraphs.map((event) => [event.fieldName, event])),
  };
}

function createFetchRestorer(
  separated: SeparatedSupergraph,
  { serviceNames }: ChainedFields,
): (fetch: FetchNode) => PlanNode {
  const restoreSeparatedFields = createSeparatedFieldRestorer(separated);
  return (fetch) => {
    const serviceName = serviceNames.get(fetch.serviceName);
    return restoreSeparatedFields(serviceName === undefined ? fetch : { ...fetch, serviceName });
  };
}

/**
 * Builds the supergraph as Apollo's library reads it. It is not validated, as in ApolloGateway in production: composition has done that, and
 * the rules of one composer would refuse supergraphs of others.
 * @throws Error that says what cannot be served, and what to do
 */
function buildSupergraph({ document }: SupergraphDocument): Supergraph {
  try {
    const supergraph = Supergraph.build(removeIgnoredDirectives(document), {
      supportedFeatures: new Set(SUPPORTED_FEATURES),
      validateSupergraph: false,
    });
    supergraph.subgraphs();
    return supergraph;
  } catch (error) {
    throw explainRefusal(error);
  }
}

/**
 * Says what to do. Apollo's library reports an invalid supergraph as its own bug, and adds where it noticed it and the schema of a
 * subgraph.
 */
function explainRefusal(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  const [, featureUrl, purpose = ''] = /feature (\S+) is for: (\w+) but is unsupported/.exec(message) ?? [];
  if (featureUrl === undefined) {
    const details = /\n\nDetails:\n(?:Error: )?([^\n]+)/.exec(message)?.[1] ?? message;
    const sentence = details.replace(/[.\s]+$/, '');
    return new Error(`The supergraph is not valid: ${sentence}. Compose the subgraphs again.`, {
      cause: error,
    });
  }
  const explanation = featureUrl.startsWith(CONNECT_URL)
    ? `The supergraph uses Apollo Connectors (${featureUrl}): fields that are fetched from REST services. This executor asks ` +
      'GraphQL subgraphs only. Serve these fields from a subgraph, and compose again.'
    : `The supergraph needs the feature ${featureUrl} (for: ${purpose}), which this executor does not support. Remove it from the ` +
      'subgraphs, and compose again.';
  return new Error(explanation, { cause: error });
}

function addEventSubgraphs(
  supergraph: SupergraphDocument,
  eventSources: Readonly<Record<string, SubscriptionSourceTraits>>,
): { readonly document: SupergraphDocument; readonly eventSubgraphs: readonly EventSubgraphDefinition[] } {
  let document = supergraph;
  const eventSubgraphs: EventSubgraphDefinition[] = [];
  for (const [fieldName, traits] of Object.entries(eventSources)) {
    const added = addEventSubgraph(document, fieldName, traits);
    if (!added) continue;
    document = added.supergraph;
    eventSubgraphs.push(added.eventSubgraph);
  }
  return { document, eventSubgraphs };
}
