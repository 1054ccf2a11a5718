import { CLIENT_ADDRESS_HEADER, DEADLINE_HEADER } from '@seguridad-abc/contracts';
import {
  createDataSource,
  parseEndpointUrl,
  parseSubscriptionUrl,
  type DataSource,
} from '@seguridad-abc/executor';
import {
  getUrlHost,
  INSTALLATION_SECRET_HEADER,
  isLoopbackHost,
  normalizeHost,
  type Logger,
} from '@seguridad-abc/platform';
import {
  getSubgraphSubscriptionOptions,
  type SubgraphSubscriptionSettings,
} from './subgraph-subscriptions.js';
import { getSubgraphUrls, type SubgraphAddresses } from './subgraph-url.js';

/** Settings that say which hosts belong to this installation. */
export interface InternalHostSettings extends Pick<SubgraphAddresses, 'HOST'> {
  /** Hosts as `normalizeHost` returns them. */
  readonly INTERNAL_HOSTS: readonly string[];
}

/** Whether a URL is on this machine or on a configured host of this installation. */
export function isInternalUrl(url: string, { HOST, INTERNAL_HOSTS }: InternalHostSettings): boolean {
  const endpoint = parseEndpointUrl(url.replace(/^ws/i, 'http'));
  if (!endpoint) return false;
  const host = getUrlHost(endpoint);
  return isLoopbackHost(host) || host === normalizeHost(HOST) || INTERNAL_HOSTS.includes(host);
}

/** Settings of the connections to subgraphs. */
export interface SubgraphConnectionSettings {
  /** Certificates of authorities to trust besides those of Node.js, in PEM format. @default none */
  readonly SUBGRAPH_CA_FILE?: readonly string[] | undefined;
  /** How long requests that are not sent yet wait while a subgraph is being replaced, in ms. @default 0 */
  readonly SUBGRAPH_WAIT_MS?: number;
}

/** How long the gateway waits for a response of a subgraph. */
const SUBGRAPH_TIMEOUT_MS = 10_000;

/**
 * Creates the data source of a subgraph. It sends the installation secret and the client's address only to
 * internal hosts. It follows redirects within the origin of the URL, so that no other host receives a header either.
 * @param installationHeaders of requests that check whether an internal instance is ready
 */
export function createSubgraphDataSource(
  subgraph: { readonly name: string; readonly url: string },
  settings: InternalHostSettings &
    SubgraphAddresses &
    SubgraphConnectionSettings &
    SubgraphSubscriptionSettings,
  logger: Logger,
  installationHeaders: Readonly<Record<string, string>> = {},
): DataSource {
  const urls = getSubgraphUrls(subgraph, settings);
  const subscriptions = getSubgraphSubscriptionOptions(subgraph.name, settings);
  // An instance on another host makes the subgraph external: which one answers must not matter.
  const externalUrl = urls.every(parseEndpointUrl)
    ? urls.find((url) => !isInternalUrl(url, settings))
    : undefined;
  const externalSubscriptionUrl =
    subscriptions &&
    urls
      .map((url) => parseSubscriptionUrl(subscriptions, url)?.href)
      .find((url) => url !== undefined && !isInternalUrl(url, settings));
  const isFetchExternal = externalUrl !== undefined;
  const isSubscribeExternal = externalSubscriptionUrl !== undefined;
  const dataSource = createDataSource({
    name: subgraph.name,
    url: urls,
    // The services of this product, and many others, answer it. A subgraph without it answers with 404, which counts as ready.
    instanceChecks: { path: '/ready', headers: isFetchExternal ? {} : installationHeaders },
    timeoutMs: SUBGRAPH_TIMEOUT_MS,
    // Subgraphs stop when the gateway no longer waits.
    deadlineHeader: DEADLINE_HEADER,
    certificateAuthorities: settings.SUBGRAPH_CA_FILE ?? [],
    maxReplacementWaitMs: settings.SUBGRAPH_WAIT_MS ?? 0,
    subscriptions,
    logger,
  });
  if (externalUrl === undefined && externalSubscriptionUrl === undefined) return dataSource;
  logger.warn(
    { service: subgraph.name, url: externalUrl ?? externalSubscriptionUrl },
    'the subgraph is on another host and gets no installation secret. If it belongs to this installation, add its host to INTERNAL_HOSTS',
  );
  const { problem } = dataSource;
  const subscribe = dataSource.subscribe?.bind(dataSource);
  return {
    ...(problem !== undefined && { problem }),
    get circuitBreakerState() {
      return dataSource.circuitBreakerState ?? 'closed';
    },
    get instances() {
      return dataSource.instances ?? [];
    },
    statistics: dataSource.statistics,
    close: () => dataSource.close?.() ?? Promise.resolve(),
    hold: () => dataSource.hold?.() ?? Promise.resolve(),
    release: () => dataSource.release?.(),
    ...(subscribe && {
      subscribe: (request, context) =>
        subscribe(request, {
          ...context,
          ...(isSubscribeExternal && {
            headers: () => omitInternalHeaders(context.headers?.()),
            traceHeaders: () => omitInternalHeaders(context.traceHeaders?.()),
          }),
        }),
    }),
    fetch(request, context) {
      if (!isFetchExternal) return dataSource.fetch(request, context);
      return dataSource.fetch(request, {
        headers: omitInternalHeaders(context.headers),
        traceHeaders: omitInternalHeaders(context.traceHeaders),
        operationContext: context.operationContext,
        logger: context.logger,
        signal: context.signal,
        get abortSignal() {
          return context.abortSignal;
        },
      });
    },
  };
}

/** Headers that only processes of this installation receive. */
const INTERNAL_HEADERS = [INSTALLATION_SECRET_HEADER, CLIENT_ADDRESS_HEADER];

const omitInternalHeaders = (
  headers: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => !INTERNAL_HEADERS.includes(name.toLowerCase())),
  );
