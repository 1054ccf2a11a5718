import { createClient } from './client.mjs';
import { quantile } from './statistics.mjs';

/** Requests before the first round, in rounds, so that everything is compiled. */
const WARM_UP = 2;

/**
 * @typedef {object} Sample of one round
 * @property {number} cpuMs of the gateway's process, a request
 * @property {number} perSecond
 * @property {number} p50 in milliseconds
 * @property {number} p99
 */

/** @typedef {{ name: string, url: string, cpu: () => Promise<number> }} Running */

/**
 * Lets gateways answer the same requests in turn, in another order each round.
 * @param {readonly Running[]} running
 * @param {import('../workloads.mjs').Workload} workload
 * @param {{ rounds: number, scale: number, authorization: (n: number) => string }} options
 * @returns {Promise<Map<string, Sample[]>>} by the gateway's name
 */
export async function measure(running, { request, requests }, { rounds, scale, authorization }) {
  const count = Math.max(20, Math.round(requests * scale));
  const clients = running.map((each) => ({ ...each, client: createClient(each.url, authorization) }));
  /** @type {Map<string, Sample[]>} */
  const samples = new Map(running.map(({ name }) => [name, []]));
  let from = 0;
  for (const { client } of clients) await client.load(request, { from, count: Math.ceil(count * WARM_UP) });
  for (let round = 0; round < rounds; round += 1) {
    from += count;
    const turn = round % clients.length;
    for (const { name, client, cpu } of [...clients.slice(turn), ...clients.slice(0, turn)]) {
      const before = await cpu();
      const { seconds, latencies } = await client.load(request, { from, count });
      const used = (await cpu()) - before;
      samples.get(name)?.push({
        cpuMs: used / 1_000 / count,
        perSecond: count / seconds,
        p50: quantile(latencies, 0.5),
        p99: quantile(latencies, 0.99),
      });
    }
  }
  await Promise.all(clients.map(({ client }) => client.close()));
  return samples;
}
