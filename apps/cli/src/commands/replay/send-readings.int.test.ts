import { expect, test } from 'vitest';
import { createGraphQLClient } from '../../graphql/graphql-client.js';
import { startRecordingServer } from '../../testing/recording-server.js';
import type { ScheduledReading } from './parse-readings-csv.js';
import { createReplayPace, sendReadings } from './send-readings.js';

const AT = '2026-01-31T08:00:00.000Z';
const READINGS = ['a', 'b', 'c', 'd'].map((id): ScheduledReading => ({
  id,
  opening: 'Door',
  state: 'OPEN',
  at: AT,
  dueAt: AT,
}));
const createQuotaResponse = (message: string, details: object = {}) => ({
  data: null,
  errors: [{ message, extensions: { code: 'QUOTA_EXCEEDED', ...details } }],
});
const RECORDED = { data: { recordReadings: { accepted: 2, duplicates: 0, refused: [] } } };

/** Sends readings to a server that gives these responses, the last one again and again. */
async function sendToServer(
  responses: readonly object[],
  readings = READINGS,
  { batchSize = readings.length, pace = createReplayPace(0) } = {},
) {
  const server = await startRecordingServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(responses[server.requests.length - 1] ?? responses.at(-1)));
  });
  const waits: [string, number][] = [];
  const progress: number[] = [];
  try {
    const client = createGraphQLClient(new URL(server.origin), { authorize: () => Promise.resolve({}) });
    const sent = await sendReadings(client, readings, {
      userId: 'ana',
      batchSize,
      pace,
      signal: new AbortController().signal,
      onProgress: (sentCount) => void progress.push(sentCount),
      onWait: (message, seconds) => void waits.push([message, seconds]),
    });
    return { ...sent, waits, progress, requestCount: server.requests.length };
  } finally {
    await server.close();
  }
}

test('after the readings of a minute, it waits and sends the same batch again', async () => {
  const tooMany = createQuotaResponse('A user may send 600 readings per minute.', { retryAfter: 0.01 });
  const allRecorded = { data: { recordReadings: { accepted: 4, duplicates: 0, refused: [] } } };
  expect(await sendToServer([tooMany, allRecorded])).toMatchObject({
    accepted: 4,
    requestCount: 2,
    waits: [['A user may send 600 readings per minute.', 0.01]],
  });
});

test('a batch that can raise too many alarms is sent in two halves', async () => {
  const tooManyAlarms = createQuotaResponse('These readings can raise 100000 alarms.');
  expect(await sendToServer([tooManyAlarms, RECORDED])).toMatchObject({
    accepted: 4,
    requestCount: 3,
    waits: [],
  });
});

test('a quota that smaller batches exceed too is named', async () => {
  const tooManyOpenings = createQuotaResponse('A user may have 1000 openings.');
  await expect(sendToServer([tooManyOpenings])).rejects.toMatchObject({
    message: 'The readings are refused (QUOTA_EXCEEDED): A user may have 1000 openings.',
    code: 'QUOTA_EXCEEDED',
  });
});

const INTERVALS = [
  { opening: 'Door', state: 'OPEN', dueAt: '2026-01-31T08:05:00.000Z' },
  { opening: 'Door', state: 'OPEN', dueAt: '2026-01-31T08:05:00.000Z' },
  { opening: 'Door', state: 'CLOSED', dueAt: '2026-01-31T08:05:00.000Z' },
  { opening: 'Safe', state: 'OPEN', dueAt: '2026-01-31T08:05:00.000Z' },
  { opening: 'Safe', state: 'CLOSED', dueAt: '2026-01-31T08:05:00.000Z' },
].map((reading, index): ScheduledReading => ({ id: String(index), at: AT, ...reading }) as ScheduledReading);

test.each([
  [5, [5]],
  [4, [3, 5]],
  [3, [3, 5]],
  // No batch has room for the three readings of the first interval.
  [2, [2, 3, 5]],
])(
  'a batch of at most %d readings does not split an interval if it has room for it',
  async (batchSize, progress) => {
    expect(await sendToServer([RECORDED], INTERVALS, { batchSize })).toMatchObject({ progress });
  },
);

test('intervals are sent one by one until one is new', async () => {
  const duplicates = { data: { recordReadings: { accepted: 0, duplicates: 3, refused: [] } } };
  const sent = await sendToServer([duplicates, RECORDED], [...INTERVALS, ...READINGS], {
    pace: createReplayPace(1_000_000),
  });
  expect(sent).toMatchObject({ progress: [3, 5, 9] });
});
