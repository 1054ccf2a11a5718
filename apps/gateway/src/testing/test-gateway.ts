import type { Service } from '@seguridad-abc/platform';
import { freePort, temporaryFolder } from '@seguridad-abc/platform/testing';
import { createGatewayService, type GatewayServiceOverrides } from '../service.js';
import { readTestGatewayConfig } from './gateway-config.js';

const PRODUCT_SUPERGRAPH = new URL('../../../../supergraph.graphql', import.meta.url).pathname;

/** A gateway that runs in the process of a test. */
export interface TestGateway {
  readonly gateway: Service;
  /** For example `http://127.0.0.1:4000`. */
  readonly origin: string;
  /** The data folder of the gateway. It has the keys that sign tokens. */
  readonly dataFolder: string;
  /** Stops the gateway, and removes its folder. */
  stop(): Promise<void>;
}

/**
 * Starts a gateway with an empty data folder on a free port.
 * @param settings by default the gateway serves the product's supergraph, and no Redis answers it
 */
export async function startTestGateway(
  settings: Readonly<Record<string, string>> = {},
  overrides: GatewayServiceOverrides = {},
): Promise<TestGateway> {
  const folder = temporaryFolder();
  const port = await freePort();
  const gateway = createGatewayService(
    readTestGatewayConfig({
      GATEWAY_PORT: String(port),
      DATA_DIR: folder.path,
      REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
      LOG_LEVEL: 'silent',
      SUPERGRAPH: PRODUCT_SUPERGRAPH,
      ...settings,
    }),
    overrides,
  );
  const stop = async () => {
    await gateway.stop();
    folder.remove();
  };
  try {
    await gateway.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { gateway, origin: `http://127.0.0.1:${port}`, dataFolder: folder.path, stop };
}
