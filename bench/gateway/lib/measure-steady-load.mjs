import { setTimeout as sleep } from 'node:timers/promises';
import { computePercentile, formatMedianWithRange } from '../../lib/statistics.mjs';
import { createLoadClient } from './load-client.mjs';

const STEADY_PER_SECOND = 200;
const NEW_DOCUMENTS_PER_SECOND = 20;
const SECONDS_PER_ROUND = 5;
/** The p99 of the steady load beside new documents, divided by that without them. */
const TARGET = 1.5;

/** @typedef {import('./measure-workload.mjs').RunningGateway} RunningGateway */
/** @typedef {import('../workloads.mjs').Workload} Workload */

/**
 * Measures the latency of a known document at a fixed rate, alone and beside documents that were not seen before.
 * @param {RunningGateway} gateway
 * @param {{ known: Workload, unknown: Workload }} workloads
 * @param {{ rounds: number, getAuthorization: (n: number) => string }} options
 * @returns {Promise<string>} a line of the report
 */
export async function measureSteadyLoad({ name, url }, { known, unknown }, { rounds, getAuthorization }) {
  const client = createLoadClient(url, getAuthorization);
  const newDocuments = createLoadClient(url, getAuthorization);
  const sendKnown = () => sendAtRate(client, known, STEADY_PER_SECOND);
  /** @type {{ alone: number, beside: number, ratio: number }[]} */
  const samples = [];
  try {
    // Warms both up.
    await Promise.all([sendKnown(), sendAtRate(newDocuments, unknown, NEW_DOCUMENTS_PER_SECOND)]);
    for (let round = 0; round < rounds; round += 1) {
      const alone = computePercentile(await sendKnown(), 99);
      const [latencies] = await Promise.all([
        sendKnown(),
        sendAtRate(newDocuments, unknown, NEW_DOCUMENTS_PER_SECOND),
      ]);
      const beside = computePercentile(latencies, 99);
      samples.push({ alone, beside, ratio: beside / alone });
    }
  } finally {
    await Promise.all([client.close(), newDocuments.close()]);
  }
  const column = (/** @type {'alone' | 'beside' | 'ratio'} */ key) =>
    formatMedianWithRange(
      samples.map((sample) => sample[key]),
      1,
    );
  return `  ${name.padEnd(12)}p99 alone ${column('alone')} ms, beside ${column('beside')} ms, ratio ${column('ratio')}, target at most ${TARGET}`;
}

/**
 * Sends requests when they are due, also if earlier ones are not answered.
 * @param {ReturnType<typeof createLoadClient>} client
 * @param {Workload} workload
 * @param {number} perSecond
 * @returns {Promise<number[]>} latencies in milliseconds, from when each request was due
 */
async function sendAtRate(client, { createRequest }, perSecond) {
  const count = perSecond * SECONDS_PER_ROUND;
  const startedAt = performance.now();
  return Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const dueAt = startedAt + (n * 1_000) / perSecond;
      await sleep(dueAt - performance.now());
      await client.send(createRequest(n), n);
      return performance.now() - dueAt;
    }),
  );
}
