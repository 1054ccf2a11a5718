import { authorizer } from '../../identity.mjs';
import { SERVICES } from '../../services.mjs';
import { endpoint, OPERATOR } from '../client/endpoint.mjs';
import { createHttpClient } from '../client/http-client.mjs';
import { askHealth } from './health.mjs';
import { askProcess } from './process.mjs';
import { askRedis } from './redis.mjs';

/** What is well answers in milliseconds. */
const TIMEOUT_MS = 3_000;

/**
 * Everything that can be known of an installation at this moment, whatever of it runs: of one elsewhere that is its
 * health.
 *
 * @param {URL} url of the gateway's GraphQL endpoint
 * @param {import('../../settings.mjs').Settings} settings
 * @returns {Promise<import('./state.mjs').State>}
 */
export async function gather(url, settings) {
  const authorize = authorizer(settings, OPERATOR);
  // Before the slowest of them: times are told from the moment when the monitor is asked.
  const at = new Date().toISOString();
  const isOwn = url.host === endpoint(undefined, settings).host;
  const [health, redis, ...processes] = await Promise.all([
    askHealth(createHttpClient(url, { authorize, timeoutMs: TIMEOUT_MS })),
    isOwn ? askRedis(settings, TIMEOUT_MS) : undefined,
    ...(isOwn ? SERVICES : []).map((service) => askProcess(service, settings, TIMEOUT_MS)),
  ]);
  return { at, gateway: url.href, ...health, processes, ...(redis && { redis }) };
}
