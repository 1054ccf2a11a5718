import { fileURLToPath } from 'node:url';
import type { Actor } from '@seguridad-abc/contracts';
import { createGatewayService } from '@seguridad-abc/gateway';
import { readTestGatewayConfig } from '@seguridad-abc/gateway/testing';
import { createHeartbeatService, readHeartbeatConfig } from '@seguridad-abc/heartbeat';
import { createMonitoringService, readMonitoringConfig } from '@seguridad-abc/monitoring';
import { issueEmbeddedToken, type Service } from '@seguridad-abc/platform';
import { freePort, temporaryFolder } from '@seguridad-abc/platform/testing';
import { createReportsService, readReportsConfig } from '@seguridad-abc/reports';
import { setDefaultAuthorization } from './graphql-clients.js';
import type { ServiceName } from './test-platform.js';

const TOKEN_LIFETIME_MS = 3_600_000; // 1 hour

/** The four services of an installation, in the process of the test. */
export interface RunningServices {
  /** The gateway's GraphQL endpoint. */
  readonly url: string;
  readonly webSocketUrl: string;
  getUrl(name: ServiceName): string;
  createAuthorization(actor: Actor): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts the four services in this process, with their own data folder and ports. The default caller of the GraphQL clients becomes
 * an operator.
 * @param getVariables the settings of a service besides folder and ports
 */
export async function startServices(
  getVariables: (name: ServiceName) => Readonly<Record<string, string>>,
): Promise<RunningServices> {
  const folder = temporaryFolder();
  const ports = {
    monitoring: await freePort(),
    reports: await freePort(),
    heartbeat: await freePort(),
    gateway: await freePort(),
  };
  const getSettings = (name: ServiceName) => ({
    DATA_DIR: folder.path,
    LOG_LEVEL: 'silent',
    INSTANCE_ID: name,
    SUPERGRAPH: fileURLToPath(new URL('../../supergraph.graphql', import.meta.url)),
    ...Object.fromEntries(
      Object.entries(ports).map(([service, port]) => [`${service.toUpperCase()}_PORT`, String(port)]),
    ),
    ...getVariables(name),
  });
  const services: Service[] = [
    createMonitoringService(readMonitoringConfig(getSettings('monitoring'))),
    createReportsService(readReportsConfig(getSettings('reports'))),
    createHeartbeatService(readHeartbeatConfig(getSettings('heartbeat'))),
    createGatewayService(readTestGatewayConfig(getSettings('gateway'))),
  ];
  for (const service of services) await service.start();
  const url = `http://127.0.0.1:${ports.gateway}/graphql`;
  const createAuthorization = async (actor: Actor) =>
    `Bearer ${await issueEmbeddedToken(folder.path, actor, TOKEN_LIFETIME_MS)}`;
  setDefaultAuthorization(url, await createAuthorization({ id: 'olga', role: 'operator' }));
  return {
    url,
    webSocketUrl: url.replace('http', 'ws'),
    getUrl: (name) => `http://127.0.0.1:${ports[name]}`,
    createAuthorization,
    async stop() {
      for (const service of services.reverse()) await service.stop();
      folder.remove();
    },
  };
}
