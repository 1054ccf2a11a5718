import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../failure.mjs';
import { sendPatiently } from '../client/send-patiently.mjs';

/**
 * @typedef {import('./read-openings.mjs').Due} Due
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
 * @param {readonly Due[]} readings
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
      const waitMs = pace.waitMs(readings[from]?.dueAt ?? '');
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      continue;
    }
    /** @type {import('../client/http-client.mjs').Answer<{ recordReadings: Outcome }>} */
    const { data, errors, extensions } = await sendPatiently(
      () => client.ask(RECORD, { input: { userId, readings: some.map(readingOf) } }),
      signal,
    );
    if (!data) throw new Failure(`The readings are refused: ${errors?.[0]?.message ?? 'no reason is given'}`);
    const { accepted, duplicates, refused } = data.recordReadings;
    total.accepted += accepted;
    total.duplicates += duplicates;
    total.refused.push(...refused.map((one) => ({ ...one, index: one.index + from })));
    if (accepted > 0) pace.begin(first.dueAt);
    token = extensions?.consistencyToken ?? token;
    from += some.length;
    onProgress?.(from);
  }
  return { ...total, token };
}

/**
 * Those that are due, of each row both where they fit.
 *
 * @param {readonly Due[]} readings
 * @param {number} from
 * @param {number} batch
 * @param {ReturnType<import('./pace.mjs').createPace>} pace
 */
function dueFrom(readings, from, batch, pace) {
  const isDue = (/** @type {number} */ index) => pace.waitMs(readings[index]?.dueAt ?? '') === 0;
  // Until a first one was new, nobody knows which are: a row at a time, so that none goes before its time.
  const most = pace.rowByRow ? 2 : batch;
  let to = from;
  while (to < readings.length && to - from < Math.min(most, batch) && isDue(to)) to += 1;
  const [last, next] = [readings[to - 1], readings[to]];
  const isCut = last?.state === 'OPEN' && next?.state === 'CLOSED' && last.opening === next.opening;
  return readings.slice(from, isCut && to - from > 1 ? to - 1 : to);
}

/** @param {Due} due */
const readingOf = ({ id, opening, state, at }) => ({ id, opening, state, at });
