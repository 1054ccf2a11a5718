import { isDeepStrictEqual } from 'node:util';
import { createClient } from './client.mjs';

/** How many requests of a workload are compared. */
const COMPARED = 25;
const CALLER = { query: '{ caller }', variables: {} };

/**
 * @param {string} url
 * @param {readonly import('../workloads.mjs').Workload[]} workloads that are to be answered
 * @param {(request: import('../workloads.mjs').Request) => Promise<unknown>} rightAnswer
 * @param {(n: number) => string} authorization
 * @returns {Promise<Map<string, string>>} by the name of the workload, how an answer is wrong; what is wrong with all is
 *   under an empty name
 */
export async function check(url, workloads, rightAnswer, authorization) {
  const client = createClient(url, authorization);
  /** @type {Map<string, string>} */
  const faults = new Map();
  try {
    const { data } = JSON.parse(await client.send(CALLER, 0));
    if (data?.caller !== authorization(0)) faults.set('', 'it does not pass the authorization header on');
    for (const { name, request } of workloads) {
      for (let n = 0; n < COMPARED && !faults.has(name); n += 1) {
        const each = request(n);
        const answer = JSON.parse(await client.send(each, n));
        const right = JSON.parse(JSON.stringify(await rightAnswer(each)));
        if (isDeepStrictEqual(answer.data, right.data) && !answer.errors) continue;
        faults.set(name, `${each.query}\n    is    ${shown(answer)}\n    ought ${shown(right)}`);
      }
    }
  } catch (error) {
    faults.set('', error instanceof Error ? error.message : String(error));
  } finally {
    await client.close();
  }
  return faults;
}

/** @param {unknown} answer */
const shown = (answer) => JSON.stringify(answer).slice(0, 400);
