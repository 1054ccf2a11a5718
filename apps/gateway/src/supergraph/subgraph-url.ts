import { getLocalHostAndPort } from '@seguridad-abc/platform';

/** Settings that override the URLs of this product's subgraphs. */
export interface SubgraphPorts {
  /** The address that the subgraphs listen on. */
  readonly HOST: string;
  readonly MONITORING_PORT?: number | undefined;
  readonly REPORTS_PORT?: number | undefined;
  readonly HEARTBEAT_PORT?: number | undefined;
}

/**
 * The GraphQL URL of a subgraph: on this machine if the settings have a port for the subgraph's name, otherwise its
 * routing URL in the supergraph.
 */
export function getSubgraphUrl(
  { name, url }: { readonly name: string; readonly url: string },
  { HOST, MONITORING_PORT, REPORTS_PORT, HEARTBEAT_PORT }: SubgraphPorts,
): string {
  const ports = new Map([
    ['monitoring', MONITORING_PORT],
    ['reports', REPORTS_PORT],
    ['heartbeat', HEARTBEAT_PORT],
  ]);
  const port = ports.get(name);
  return port === undefined ? url : `http://${getLocalHostAndPort(HOST, port)}/graphql`;
}

/**
 * The URL of another route of a subgraph's process, beside GraphQL.
 * @param graphqlUrl undefined if the supergraph has no such subgraph
 * @param path such as `/report`
 * @throws Error without a `graphqlUrl`
 */
export function getSubgraphRouteUrl(graphqlUrl: string | undefined, path: string): URL {
  if (graphqlUrl === undefined) throw new Error(`the supergraph has no subgraph that serves ${path}`);
  return new URL(path, graphqlUrl);
}
