import { localAddress } from '@seguridad-abc/platform';
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
  return port === undefined ? url : `http://${localAddress(config.HOST, port)}/graphql`;
}
