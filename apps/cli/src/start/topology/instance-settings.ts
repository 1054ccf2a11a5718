import { SERVICES, type ServiceName } from '../../shared/installation-settings.js';
import type { TopologyPorts } from './topology-ports.js';

export const TOPOLOGY_HOST = '127.0.0.1';

export interface InstanceSettingsOptions {
  readonly service: ServiceName;
  /** From 1. */
  readonly index: number;
  readonly ports: TopologyPorts;
  /** The data folder of this instance. */
  readonly dataDir: string;
  readonly databaseUrl: string;
  /** `REDIS_URL` and what belongs to it. */
  readonly redis: Readonly<Record<string, string>>;
  readonly installationSecret: string;
}

/** The settings of one process of a topology: where the others are. Further settings come from the environment and `.env`. */
export function createInstanceSettings(options: InstanceSettingsOptions): Record<string, string> {
  const { service, index, ports, dataDir, databaseUrl, redis, installationSecret } = options;
  const getOrigins = (name: ServiceName) =>
    ports.services[name].map((port) => `http://${TOPOLOGY_HOST}:${port}`);
  const subgraphs = SERVICES.map(({ name }) => name).filter((name) => name !== 'gateway');
  const port = ports.services[service][index - 1] ?? 0;
  const own = SERVICES.find(({ name }) => name === service)?.portSetting ?? '';
  return {
    HOST: TOPOLOGY_HOST,
    DATA_DIR: dataDir,
    INSTANCE_ID: `${service}-${index}`,
    INSTALLATION_SECRET: installationSecret,
    ...redis,
    DATABASE_URL: databaseUrl,
    // The ports in .env are those of npm start. An empty variable counts as absent.
    ...Object.fromEntries(SERVICES.map(({ portSetting }) => [portSetting, ''])),
    [own]: String(port),
    ...(service === 'reports' && {
      MONITORING_URL: getOrigins('monitoring').join(','),
      REPORTS_PEERS: getOrigins('reports')
        .filter((_, peer) => peer !== index - 1)
        .join(','),
    }),
    ...(service === 'gateway' && {
      SUBGRAPH_URLS: subgraphs
        .map(
          (name) =>
            `${name}=${getOrigins(name)
              .map((origin) => `${origin}/graphql`)
              .join(',')}`,
        )
        .join(';'),
      // The balancer names the addresses of clients.
      TRUSTED_PROXIES: 'loopback',
    }),
  };
}
