/* The options of `ApolloGateway` that `createApolloGateway` does not have, or accepts without effect. */

/** Options of `ApolloGateway` that are accepted and have no effect. A warning is logged for those that are set. */
export interface IgnoredApolloGatewayOptions {
  /** Set `subgraphHealthCheck` of `IntrospectAndCompose` instead. */
  readonly serviceHealthCheck?: boolean;
  /** Query plans are not shown to clients. */
  readonly __exposeQueryPlanExperimental?: boolean;
  /** Supergraphs are always validated. */
  readonly validateSupergraph?: boolean;
  readonly telemetry?: object;
  readonly fetcher?: unknown;
  readonly experimental_didResolveQueryPlan?: unknown;
  /** Use `onSchemaLoadOrUpdate` of the gateway instead. */
  readonly experimental_didUpdateSupergraph?: unknown;
  /** Set `maxCachedOperations` instead. */
  readonly experimental_approximateQueryPlanStoreMiB?: number;
  readonly experimental_autoFragmentization?: boolean;
}

/** The option `queryPlannerConfig` of `ApolloGateway`. A warning is logged for properties that have no effect. */
export interface ApolloQueryPlannerConfig {
  readonly debug?: {
    /** The same as the option `maxEvaluatedPlans`. */
    readonly maxEvaluatedPlans?: number;
    /** Without effect. */
    readonly bypassPlannerForSingleSubgraph?: boolean;
    /** The same as the option `maxPlanPaths`. */
    readonly pathsLimit?: number | null;
  };
  /** Not needed: data sources always receive the `document`. */
  readonly exposeDocumentNodeInFetchNode?: boolean;
  /** Without effect: use `maxCachedOperations`. */
  readonly cache?: object;
  /** Without effect. */
  readonly reuseQueryFragments?: boolean;
  /** Without effect. */
  readonly generateQueryFragments?: boolean;
  /** Without effect: deferred fields are sent with all others. */
  readonly incrementalDelivery?: { readonly enableDefer?: boolean };
  /** Without effect. */
  readonly typeConditionedFetching?: boolean;
}

const REPLACEMENTS_OF_OPTIONS = {
  serviceList: 'supergraphSdl: new IntrospectAndCompose({ subgraphs })',
  localServiceList: 'supergraphSdl: new LocalCompose({ localServiceList })',
  introspectionHeaders: 'introspectionHeaders of IntrospectAndCompose',
  pollIntervalInMs: 'pollIntervalInMs of IntrospectAndCompose',
  fallbackPollIntervalInMs: 'fallbackPollIntervalInMs of UplinkSupergraphManager',
  uplinkEndpoints: 'uplinkEndpoints of UplinkSupergraphManager',
  uplinkMaxRetries: 'maxRetries of UplinkSupergraphManager',
  schemaConfigDeliveryEndpoint: 'uplinkEndpoints of UplinkSupergraphManager',
  experimental_updateSupergraphSdl: 'supergraphSdl: async ({ update }) => ({ supergraphSdl })',
  experimental_updateServiceDefinitions: 'supergraphSdl: async ({ update }) => ({ supergraphSdl })',
};

/** @throws Error for an option without which the gateway would not do what its user expects */
export function rejectReplacedOptions(options: object): void {
  for (const [name, replacement] of Object.entries(REPLACEMENTS_OF_OPTIONS)) {
    if (!isSet(options, name)) continue;
    throw new Error(`createApolloGateway does not have the option ${name}. Use ${replacement} instead.`);
  }
}

const IGNORED_OPTIONS: readonly (keyof IgnoredApolloGatewayOptions)[] = [
  'serviceHealthCheck',
  '__exposeQueryPlanExperimental',
  'validateSupergraph',
  'telemetry',
  'fetcher',
  'experimental_didResolveQueryPlan',
  'experimental_didUpdateSupergraph',
  'experimental_approximateQueryPlanStoreMiB',
  'experimental_autoFragmentization',
];

/** Properties of `queryPlannerConfig` for which no warning is logged. */
const ACCEPTED_PLANNER_OPTIONS = ['debug', 'exposeDocumentNodeInFetchNode'];

/** Lists the options that are set and have no effect. Those that are `false` need none. */
export function listIgnoredOptions(
  options: object & { readonly queryPlannerConfig?: ApolloQueryPlannerConfig },
): string[] {
  const { debug = {}, ...plannerConfig } = options.queryPlannerConfig ?? {};
  const list = (owner: object, prefix: string, accepted: readonly string[]) =>
    Object.keys(owner).flatMap((name) =>
      isSet(owner, name) && !accepted.includes(name) ? [`${prefix}${name}`] : [],
    );
  return [
    ...IGNORED_OPTIONS.filter((name) => isSet(options, name)),
    ...list(plannerConfig, 'queryPlannerConfig.', ACCEPTED_PLANNER_OPTIONS),
    ...list(debug, 'queryPlannerConfig.debug.', ['maxEvaluatedPlans', 'pathsLimit']),
  ];
}

const isSet = (owner: object, name: string): boolean => {
  const value = (owner as Record<string, unknown>)[name];
  return value !== undefined && value !== null && value !== false;
};
