import { setTimeout as sleep } from 'node:timers/promises';
import { RecordReadingsDocument, type RecordReadingsMutation } from '../../graphql/generated.js';
import { getResponseData, sendWithRetries, type GraphQLClient } from '../../graphql/graphql-client.js';
import type { ScheduledReading } from './parse-readings-csv.js';

/** The smallest batch that keeps an opening and its closing together. */
const READINGS_PER_INTERVAL = 2;

type RecordedReadings = RecordReadingsMutation['recordReadings'];
/** A reading that the server refused. Its index is that among the readings to send. */
export type RefusedReading = RecordedReadings['refused'][number];

export interface SendReadingsOptions {
  readonly userId: string;
  /** Largest number of readings in a request. */
  readonly batchSize: number;
  readonly pace: ReplayPace;
  readonly signal: AbortSignal;
  readonly onProgress?: (sent: number) => void;
  /** Called before the replay waits, because the user has sent all readings that a minute allows. */
  readonly onWait?: (message: string, seconds: number) => void;
}

export interface SentReadings {
  readonly accepted: number;
  readonly duplicates: number;
  readonly refused: readonly RefusedReading[];
  /** The token of the last response. */
  readonly consistencyToken: string | undefined;
}

/**
 * Sends readings in order, in batches of those that are due. A batch is repeated until it is answered; the ids make that
 * harmless. After the readings that a customer may send in a minute it waits. A batch that can raise too many alarms is split.
 * @param readings ordered by `dueAt`
 * @throws GraphQLRequestError if a batch as a whole is refused
 */
export async function sendReadings(
  client: GraphQLClient,
  readings: readonly ScheduledReading[],
  { userId, batchSize, pace, signal, onProgress, onWait }: SendReadingsOptions,
): Promise<SentReadings> {
  const total = { accepted: 0, duplicates: 0 };
  const refused: RefusedReading[] = [];
  let consistencyToken: string | undefined;
  let maxBatchSize = batchSize;
  for (let from = 0; from < readings.length && !signal.aborted;) {
    const batch = takeDueReadings(readings, from, maxBatchSize, pace);
    const [first] = batch;
    if (!first) {
      const delayMs = pace.getDelayMs(readings[from]?.dueAt ?? '');
      await sleep(delayMs, undefined, { signal }).catch(() => undefined);
      continue;
    }
    const input = {
      userId,
      readings: batch.map(({ id, opening, state, at }) => ({ id, opening, state, at })),
    };
    const response = await sendWithRetries(() => client.execute(RecordReadingsDocument, { input }), signal);
    const quotaError = response.errors?.find(({ extensions }) => extensions?.code === 'QUOTA_EXCEEDED');
    const retryAfter = quotaError?.extensions?.retryAfter;
    if (quotaError && retryAfter !== undefined) {
      onWait?.(quotaError.message, retryAfter);
      await sleep(retryAfter * 1_000, undefined, { signal }).catch(() => undefined);
      continue;
    }
    if (quotaError && batch.length > READINGS_PER_INTERVAL) {
      maxBatchSize = Math.ceil(batch.length / 2);
      continue;
    }
    const { recordReadings } = getResponseData(response, 'The readings are refused');
    total.accepted += recordReadings.accepted;
    total.duplicates += recordReadings.duplicates;
    const offset = from;
    refused.push(...recordReadings.refused.map((reading) => ({ ...reading, index: reading.index + offset })));
    if (recordReadings.accepted > 0) pace.begin(first.dueAt);
    consistencyToken = response.extensions?.consistencyToken ?? consistencyToken;
    from += batch.length;
    onProgress?.(from);
  }
  return { ...total, refused, consistencyToken };
}

/** Takes the readings that are due, and keeps those of an interval together if the batch has room. */
function takeDueReadings(
  readings: readonly ScheduledReading[],
  from: number,
  batchSize: number,
  pace: ReplayPace,
): readonly ScheduledReading[] {
  let to = from;
  while (to < readings.length && pace.getDelayMs(readings[to]?.dueAt ?? '') === 0) {
    const end = findIntervalEnd(readings, to);
    if (end - from > batchSize) return readings.slice(from, to > from ? to : from + batchSize);
    to = end;
    // Until one reading is new, any may be a duplicate: single intervals make sure that no new reading is sent early.
    if (pace.isSearchingStart) break;
  }
  return readings.slice(from, to);
}

/** @returns the position after the readings of the same opening that are due together */
function findIntervalEnd(readings: readonly ScheduledReading[], from: number): number {
  const first = readings[from];
  let to = from + 1;
  while (readings[to]?.opening === first?.opening && readings[to]?.dueAt === first?.dueAt) to += 1;
  return to;
}

/** When readings are sent. */
export interface ReplayPace {
  /** Whether no new reading has been sent yet. */
  readonly isSearchingStart: boolean;
  /** Time to wait before a reading with this instant is sent. */
  getDelayMs(at: string): number;
  /** Reports that a new reading with this instant was sent. Only the first call has an effect. */
  begin(at: string): void;
}

/**
 * Creates the pace of a replay: the distances between readings, divided by the speed. Readings that an earlier replay has
 * recorded take no time, so an interrupted replay continues where it stopped.
 * @param speed a factor; 0: no delays
 * @param now a monotonic clock in ms
 */
export function createReplayPace(speed: number, now = () => performance.now()): ReplayPace {
  /** The first new reading, in event time and in the time of `now`. */
  let start: { readonly at: number; readonly sentAt: number } | undefined;
  return {
    get isSearchingStart() {
      return speed > 0 && !start;
    },
    getDelayMs(at) {
      if (speed === 0 || !start) return 0;
      return Math.max(0, start.sentAt + (Date.parse(at) - start.at) / speed - now());
    },
    begin(at) {
      start ??= { at: Date.parse(at), sentAt: now() };
    },
  };
}
