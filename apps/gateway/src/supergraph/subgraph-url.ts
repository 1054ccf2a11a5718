import type { GatewayConfig } from '../config.js';

type Ports = Pick<GatewayConfig, 'MONITORING_PORT' | 'REPORTS_PORT' | 'HEARTBEAT_PORT'>;

/** Where a subgraph is asked: its routing URL, or the port that the settings give for its name. */
export function subgraphUrl({ name, url }: { name: string; url: string }, config: Ports): string {
  const ports = new Map([
    ['monitoring', config.MONITORING_PORT],
    ['reports', config.REPORTS_PORT],
    ['heartbeat', config.HEARTBEAT_PORT],
  ]);
  const port = ports.get(name);
  return port === undefined ? url : `http://127.0.0.1:${port}/graphql`;
}
