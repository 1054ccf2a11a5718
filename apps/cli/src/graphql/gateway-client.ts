import { getLocalHostAndPort, getUrlHost, isLoopbackHost } from '@seguridad-abc/platform/installation';
import { UsageError } from '../shared/errors.js';
import { createAuthorizer, OPERATOR_ACTOR } from '../shared/identity.js';
import type { InstallationSettings } from '../shared/installation-settings.js';
import { createGraphQLClient, type GraphQLClient, type GraphQLClientOptions } from './graphql-client.js';

/**
 * The URL of the gateway's GraphQL endpoint.
 * @param url the value of `--url`; undefined: the installation of `settings`
 * @throws UsageError
 */
export function resolveGatewayUrl(url: string | undefined, { host, ports }: InstallationSettings): URL {
  const text = url ?? `http://${getLocalHostAndPort(host, ports.GATEWAY_PORT)}/graphql`;
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (parsed && /^https?:$/.test(parsed.protocol)) return parsed;
  throw new UsageError(`The gateway's URL must be like http://127.0.0.1:4000/graphql (it is "${text}").`);
}

/** The installation whose operator the client acts as. */
export interface GatewayClientContext {
  readonly settings: InstallationSettings;
}

/**
 * Creates a client of the gateway that acts as an operator. A token of this installation goes to this machine and to HOST
 * only: the operator of any other server could use it here.
 * @param url the value of `--url`
 * @throws UsageError if the URL is not valid, or if it is on another host and AUTH_TOKEN is not set
 */
export function createOperatorClient(
  url: string | undefined,
  { settings }: GatewayClientContext,
  options: Omit<GraphQLClientOptions, 'authorize'> = {},
): GraphQLClient {
  const gatewayUrl = resolveGatewayUrl(url, settings);
  const { required, token } = settings.identity;
  const issuesToken = required && token === undefined;
  if (url !== undefined && issuesToken && !isOnInstallationHost(gatewayUrl, settings)) {
    throw new UsageError(
      `${gatewayUrl.host} is not a host of this installation, so it gets no token of this installation: ` +
        'set AUTH_TOKEN to a token that it accepts.',
    );
  }
  return createGraphQLClient(gatewayUrl, {
    ...options,
    authorize: createAuthorizer(settings, OPERATOR_ACTOR),
  });
}

/** Whether a URL is on this machine, by a loopback name, or on this installation's HOST. */
function isOnInstallationHost(url: URL, { host }: Pick<InstallationSettings, 'host'>): boolean {
  const name = getUrlHost(url);
  return isLoopbackHost(name) || name === host.toLowerCase();
}
