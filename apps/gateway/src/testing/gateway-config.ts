import { readGatewayConfig, type GatewayConfig } from '../config.js';

/**
 * Reads the settings of a gateway that runs in the process of a test. Two defaults differ:
 * - It plans operations on the calling thread: each planning thread loads the planner, which takes longer than all else that such a
 *   test does.
 * - Requests to a subgraph that the test has stopped fail at once.
 */
export function readTestGatewayConfig(env: Readonly<Record<string, string>>): GatewayConfig {
  const config = readGatewayConfig({ SUBGRAPH_WAIT_MS: '0', ...env });
  return env['PLAN_WORKERS'] === undefined ? { ...config, PLAN_WORKERS: 0 } : config;
}
