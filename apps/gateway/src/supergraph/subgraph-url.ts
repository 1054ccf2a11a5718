import { localHostAndPort } from '@seguridad-abc/platform';
import type { GatewayConfig } from '../config.js';

type Places = Pick<GatewayConfig, 'HOST' | 'MONITORING_PORT' | 'REPORTS_PORT' | 'HEARTBEAT_PORT'>;

/** Where a subgraph is asked: its routing URL, or on this machine, at the port that the settings give for its name. */
export function subgraphUrl({ name, url }: { name: string; url: string }, config: Places): string {
  const ports = new Map([
    ['monitoring', config.MONITORING_PORT],
    ['reports', config.REPORTS_PORT],
    ['heartbeat', config.HEARTBEAT_PORT],
  ]);
  const port = ports.get(name);
  return port === undefined ? url : `http://${localHostAndPort(config.HOST, port)}/graphql`;
}

/**
 * What a subgraph's process serves beside GraphQL.
 * @param graphqlUrl undefined: the supergraph has no such subgraph
 */
export function besideGraphql(graphqlUrl: string | undefined, path: string): URL {
  if (graphqlUrl === undefined) throw new Error('the supergraph has no such subgraph');
  return new URL(path, graphqlUrl);
}
