import { isDeepStrictEqual } from 'node:util';
import { createClient } from './client.mjs';

/** How many requests of a workload are compared. */
const COMPARED = 25;
const CALLER = { query: '{ caller }', variables: {} };

/**
 * @param {{ url: string, onlyForwards?: boolean }} gateway
 * @param {readonly import('../workloads.mjs').Workload[]} workloads that it is to answer
 * @param {(request: import('../workloads.mjs').Request) => Promise<unknown>} rightAnswer
 * @param {(n: number) => string} authorization
 * @returns {Promise<string[]>} what is wrong with its answers
 */
export async function check({ url }, workloads, rightAnswer, authorization) {
  const client = createClient(url, authorization);
  /** @type {string[]} */
  const faults = [];
  try {
    const { data } = JSON.parse(await client.send(CALLER, 0));
    if (data?.caller !== authorization(0)) faults.push('it does not pass the authorization header on');
    for (const { name, request } of workloads) {
      for (let n = 0; n < COMPARED; n += 1) {
        const each = request(n);
        const answer = JSON.parse(await client.send(each, n));
        const right = JSON.parse(JSON.stringify(await rightAnswer(each)));
        if (isDeepStrictEqual(answer.data, right.data) && !answer.errors) continue;
        faults.push(
          `${name}: ${JSON.stringify(answer).slice(0, 300)}\n  ought to be ${JSON.stringify(right).slice(0, 300)}`,
        );
        break;
      }
    }
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
  } finally {
    await client.close();
  }
  return faults;
}
