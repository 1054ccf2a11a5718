import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../failure.mjs';
import { sendPatiently } from '../client/send-patiently.mjs';

/**
 * @typedef {import('./read-openings.mjs').Reading} Reading
 * @typedef {{ id: string, index: number, code: string, message: string }} Refused
 * @typedef {{ accepted: number, duplicates: number, refused: Refused[] }} Outcome
 */

const RECORD = `mutation ($input: RecordReadingsInput!) {
  recordReadings(input: $input) { accepted duplicates refused { id index code message } }
}`;

/**
 * Sends readings in order, in batches of those that are due, and each batch again until it is answered: the ids make a
 * second time harmless.
 *
 * @param {import('../client/http-client.mjs').HttpClient} client
 * @param {readonly Reading[]} readings
 * @param {object} options
 * @param {string} options.userId
 * @param {number} options.batch at most so many at once
 * @param {ReturnType<import('./pace.mjs').createPace>} options.pace
 * @param {AbortSignal} options.signal
 * @param {(sent: number) => void} [options.onProgress]
 * @returns {Promise<Outcome & { token: string | undefined }>} with the token of the last answer
 * @throws {Failure} where the gateway refuses a batch as a whole
 */
export async function sendReadings(client, readings, { userId, batch, pace, signal, onProgress }) {
  /** @type {Outcome} */
  const total = { accepted: 0, duplicates: 0, refused: [] };
  /** @type {string | undefined} */
  let token;
  for (let from = 0; from < readings.length && !signal.aborted;) {
    const some = dueFrom(readings, from, batch, pace);
    const [first] = some;
    if (!first) {
      const waitMs = pace.waitMs(readings[from]?.at ?? '');
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      continue;
    }
    /** @type {import('../client/http-client.mjs').Answer<{ recordReadings: Outcome }>} */
    const { data, errors, extensions } = await sendPatiently(
      () => client.ask(RECORD, { input: { userId, readings: some } }),
      signal,
    );
    if (!data) throw new Failure(`The readings are refused: ${errors?.[0]?.message ?? 'no reason is given'}`);
    const { accepted, duplicates, refused } = data.recordReadings;
    total.accepted += accepted;
    total.duplicates += duplicates;
    total.refused.push(...refused.map((one) => ({ ...one, index: one.index + from })));
    if (accepted > 0) pace.begin(first.at);
    token = extensions?.consistencyToken ?? token;
    from += some.length;
    onProgress?.(from);
  }
  return { ...total, token };
}

/**
 * @param {readonly Reading[]} readings
 * @param {number} from
 * @param {number} batch
 * @param {ReturnType<import('./pace.mjs').createPace>} pace
 */
function dueFrom(readings, from, batch, pace) {
  let to = from;
  while (to < readings.length && to - from < batch && pace.waitMs(readings[to]?.at ?? '') === 0) to += 1;
  return readings.slice(from, to);
}
