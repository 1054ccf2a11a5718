import { computePercentile } from '../../lib/statistics.mjs';
import { createLoadClient } from './load-client.mjs';

/** Length of the warm-up in rounds. After it, JIT compilers have compiled the hot code. */
const WARM_UP_ROUNDS = 2;
const MIN_REQUESTS = 20;

/**
 * @typedef {object} RoundSample the result of one gateway in one round
 * @property {number} cpuMs CPU of the gateway's process per request, in milliseconds
 * @property {number} perSecond requests per second
 * @property {number} p50 latency in milliseconds
 * @property {number} p99 latency in milliseconds
 */

/** @typedef {{ name: string, url: string, readCpu: () => Promise<number> }} RunningGateway */

/**
 * Sends the same requests to each gateway in turn. The order of gateways changes each round.
 * @param {readonly RunningGateway[]} gateways
 * @param {import('../workloads.mjs').Workload} workload
 * @param {{ rounds: number, scale: number, getAuthorization: (n: number) => string }} options
 * @returns {Promise<Map<string, RoundSample[]>>} by gateway name
 */
export async function measureWorkload(
  gateways,
  { createRequest, requestsPerRound },
  { rounds, scale, getAuthorization },
) {
  const count = Math.max(MIN_REQUESTS, Math.round(requestsPerRound * scale));
  const clients = gateways.map((gateway) => ({
    ...gateway,
    client: createLoadClient(gateway.url, getAuthorization),
  }));
  /** @type {Map<string, RoundSample[]>} */
  const samples = new Map(gateways.map(({ name }) => [name, []]));
  let from = 0;
  for (const { client } of clients) {
    await client.sendAll(createRequest, { from, count: count * WARM_UP_ROUNDS });
  }
  for (let round = 0; round < rounds; round += 1) {
    from += count;
    const firstIndex = round % clients.length;
    for (const { name, client, readCpu } of [...clients.slice(firstIndex), ...clients.slice(0, firstIndex)]) {
      const cpuBefore = await readCpu();
      const { seconds, latencies } = await client.sendAll(createRequest, { from, count });
      const cpuMicroseconds = (await readCpu()) - cpuBefore;
      samples.get(name)?.push({
        cpuMs: cpuMicroseconds / 1_000 / count,
        perSecond: count / seconds,
        p50: computePercentile(latencies, 50),
        p99: computePercentile(latencies, 99),
      });
    }
  }
  await Promise.all(clients.map(({ client }) => client.close()));
  return samples;
}
