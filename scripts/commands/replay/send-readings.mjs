import { setTimeout as sleep } from 'node:timers/promises';
import { getResponseData, sendWithRetries } from '../../graphql/graphql-client.mjs';

/**
 * @typedef {import('./parse-openings-csv.mjs').ScheduledReading} ScheduledReading
 * @typedef {{ id: string, index: number, code: string, message: string }} RefusedReading
 * @typedef {{ accepted: number, duplicates: number, refused: RefusedReading[] }} RecordedReadings
 * @typedef {ReturnType<typeof createReplayPace>} ReplayPace
 */

const RECORD_READINGS = `mutation ($input: RecordReadingsInput!) {
  recordReadings(input: $input) { accepted duplicates refused { id index code message } }
}`;

/**
 * Sends readings in order, in batches of those that are due. A batch is repeated until it is answered; the ids make that
 * harmless.
 *
 * @param {import('../../graphql/graphql-client.mjs').GraphQLClient} client
 * @param {readonly ScheduledReading[]} readings ordered by `dueAt`
 * @param {object} options
 * @param {string} options.userId
 * @param {number} options.batchSize largest number of readings in a request
 * @param {ReplayPace} options.pace
 * @param {AbortSignal} options.signal
 * @param {(sent: number) => void} [options.onProgress]
 * @returns {Promise<RecordedReadings & { consistencyToken: string | undefined }>} with the token of the last response
 * @throws {import('../../graphql/graphql-client.mjs').GraphQLRequestError} if a batch as a whole is refused
 */
export async function sendReadings(client, readings, { userId, batchSize, pace, signal, onProgress }) {
  /** @type {RecordedReadings} */
  const total = { accepted: 0, duplicates: 0, refused: [] };
  /** @type {string | undefined} */
  let consistencyToken;
  for (let from = 0; from < readings.length && !signal.aborted;) {
    const batch = takeDueReadings(readings, from, batchSize, pace);
    const [first] = batch;
    if (!first) {
      const delayMs = pace.getDelayMs(readings[from]?.dueAt ?? '');
      await sleep(delayMs, undefined, { signal }).catch(() => undefined);
      continue;
    }
    const input = { userId, readings: batch.map(toReadingInput) };
    /** @type {import('../../graphql/graphql-client.mjs').GraphQLResponse<{ recordReadings: RecordedReadings }>} */
    const response = await sendWithRetries(() => client.execute(RECORD_READINGS, { input }), signal);
    const { recordReadings } = getResponseData(response, 'The readings are refused');
    const { accepted, duplicates, refused } = recordReadings;
    total.accepted += accepted;
    total.duplicates += duplicates;
    total.refused.push(...refused.map((reading) => ({ ...reading, index: reading.index + from })));
    if (accepted > 0) pace.begin(first.dueAt);
    consistencyToken = response.extensions?.consistencyToken ?? consistencyToken;
    from += batch.length;
    onProgress?.(from);
  }
  return { ...total, consistencyToken };
}

/**
 * Takes the readings that are due, and keeps the two readings of a row together if the batch has room.
 *
 * @param {readonly ScheduledReading[]} readings
 * @param {number} from
 * @param {number} batchSize
 * @param {ReplayPace} pace
 */
function takeDueReadings(readings, from, batchSize, pace) {
  const isDue = (/** @type {number} */ index) => pace.getDelayMs(readings[index]?.dueAt ?? '') === 0;
  // Until one row is new, any row may be a duplicate: single rows make sure that no new row is sent early.
  const maxReadings = Math.min(pace.isSearchingStart ? 2 : batchSize, batchSize);
  let to = from;
  while (to < readings.length && to - from < maxReadings && isDue(to)) to += 1;
  const [last, next] = [readings[to - 1], readings[to]];
  const isRowSplit = last?.state === 'OPEN' && next?.state === 'CLOSED' && last.opening === next.opening;
  return readings.slice(from, isRowSplit && to - from > 1 ? to - 1 : to);
}

/** @param {ScheduledReading} reading */
const toReadingInput = ({ id, opening, state, at }) => ({ id, opening, state, at });

/**
 * Creates the pace of a replay: the distances between readings, divided by the speed. Readings that an earlier replay
 * has recorded take no time, so an interrupted replay continues where it stopped.
 *
 * @param {number} speed a factor; 0: no delays
 * @param {() => number} now in ms, monotonic
 */
export function createReplayPace(speed, now = () => performance.now()) {
  /** The first new reading, in event time and in the time of `now`. @type {{ at: number, sentAt: number } | undefined} */
  let start;
  return {
    /** Whether no new reading has been sent yet. */
    get isSearchingStart() {
      return speed > 0 && !start;
    },
    /** Time to wait before a reading with this instant is sent. @param {string} at */
    getDelayMs(at) {
      if (speed === 0 || !start) return 0;
      return Math.max(0, start.sentAt + (Date.parse(at) - start.at) / speed - now());
    },
    /** Reports that a new reading with this instant was sent. Only the first call has an effect. @param {string} at */
    begin(at) {
      start ??= { at: Date.parse(at), sentAt: now() };
    },
  };
}
