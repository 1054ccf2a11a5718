import { readGatewayConfig, type GatewayConfig } from '../config.js';

/**
 * Reads the settings of a gateway that runs in the process of a test. It plans operations on the calling thread, unless
 * PLAN_WORKERS is set: each planning thread loads the planner, which takes longer than all else that such a test does.
 */
export function readTestGatewayConfig(env: Readonly<Record<string, string>>): GatewayConfig {
  const config = readGatewayConfig(env);
  return env['PLAN_WORKERS'] === undefined ? { ...config, PLAN_WORKERS: 0 } : config;
}
