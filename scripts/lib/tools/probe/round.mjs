import { messageOf } from '../../failure.mjs';
import { concurrently } from '../cli/concurrently.mjs';
import { NotReachable } from '../cli/exit.mjs';
import { judge } from './judge.mjs';
import { VALID } from './kinds.mjs';
import { untilReadable } from './readable.mjs';

/** What a rule's way to reports is called in a table. */
export const READABLE = 'readable in reports';

/**
 * @typedef {{ kind: string, ms: number, wrong: string | undefined }} Result
 *
 * @typedef {object} Round
 * @property {Result[]} results of a probe each, and of the way of each rule to reports
 * @property {string[]} created ids of rules that are there now
 * @property {boolean} unsure whether there may be more: a command's answer was lost
 */

/**
 * @param {import('../client/http-client.mjs').HttpClient} client
 * @param {readonly import('./mix.mjs').Probe[]} probes
 * @param {{ concurrency: number, signal: AbortSignal, onProgress?: (done: number) => void }} options
 * @returns {Promise<Round>}
 */
export async function runRound(client, probes, { concurrency, signal, onProgress }) {
  /** @type {Round} */
  const round = { results: [], created: [], unsure: false };
  let done = 0;
  await concurrently(probes, { concurrency, signal }, async (probe) => {
    const { kind, input } = probe;
    const began = performance.now();
    try {
      const response = await client.send(kind.exchange(input));
      const ms = performance.now() - began;
      const { rule, wrong } = judge(kind.expected, response, input);
      round.results.push({ kind: kind.name, ms, wrong });
      if (rule?.id) round.created.push(rule.id);
      if (rule?.id && kind.name === VALID) {
        round.results.push({ kind: READABLE, ...(await readable(client, rule.id)) });
      }
    } catch (error) {
      if (!(error instanceof NotReachable)) throw error;
      round.unsure = true;
      round.results.push({ kind: kind.name, ms: performance.now() - began, wrong: messageOf(error) });
    }
    onProgress?.(++done);
  });
  return round;
}

/** @param {import('../client/http-client.mjs').HttpClient} client @param {string} id */
async function readable(client, id) {
  const began = performance.now();
  try {
    return await untilReadable(client, id);
  } catch (error) {
    if (!(error instanceof NotReachable)) throw error;
    return { ms: performance.now() - began, wrong: messageOf(error) };
  }
}
