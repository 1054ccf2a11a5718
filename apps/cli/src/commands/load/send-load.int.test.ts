import { EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { startRecordingServer, type RecordingServer } from '../../testing/recording-server.js';
import { sendLoad } from './send-load.js';

let server: RecordingServer | undefined;
afterEach(() => server?.close());

const createOptions = (origin: string, connections = 4) => ({
  url: new URL(`${origin}/graphql`),
  headers: { authorization: 'Bearer x' },
  createBody: () => '{}',
  connections,
  timeoutMs: 10_000,
  signal: new AbortController().signal,
  onProgress: () => undefined,
});
const createRequests = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ kind: 'queries' as const, dueMs: index }));

test('each request gets the code of its response', async () => {
  const answers: ((response: ServerResponse) => void)[] = [
    (response) => response.end('{"data":{"viewer":null}}'),
    (response) => response.end('{"data":null,"errors":[{"message":"x","extensions":{"code":"FORBIDDEN"}}]}'),
    (response) => response.end('{"errors":[{"message":"x"}]}'),
    (response) => response.writeHead(502).end('<html>'),
    (response) => response.destroy(),
  ];
  server = await startRecordingServer((_, response) => answers.shift()?.(response));
  // With one connection the requests arrive in order.
  const results = await sendLoad(createRequests(5), createOptions(server.origin, 1));
  expect(results.map(({ errorCode }) => errorCode)).toEqual([
    undefined,
    'FORBIDDEN',
    'UNKNOWN_ERROR',
    'HTTP_502',
    'ECONNRESET',
  ]);
  expect(server.requests[0]?.headers.authorization).toBe('Bearer x');
});

test('requests are sent when they are due, although earlier ones have no response', async () => {
  const waiting: ServerResponse[] = [];
  server = await startRecordingServer((_, response) => {
    waiting.push(response);
    // No request is answered before all have arrived.
    if (waiting.length === 4) for (const each of waiting) each.end('{"data":{}}');
  });
  const results = await sendLoad(createRequests(4), createOptions(server.origin));
  expect(results.map(({ errorCode }) => errorCode)).toEqual([undefined, undefined, undefined, undefined]);
});

test('the time in which a request waits for a connection is part of its latency', async () => {
  let arrived = 0;
  const gate = new EventEmitter();
  const allDue = once(gate, 'open');
  server = await startRecordingServer((_, response) => {
    arrived += 1;
    void allDue.then(() => response.end('{"data":{}}'));
  });
  const options = createOptions(server.origin, 1);
  let created = 0;
  const results = await sendLoad(createRequests(3), {
    ...options,
    createBody() {
      created += 1;
      if (created === 3) gate.emit('open');
      return '{}';
    },
  });
  expect(arrived).toBe(3);
  const [first, , third] = results;
  expect(third!.startedMs).toBeLessThan(first!.endedMs);
  expect(third!.endedMs).toBeGreaterThan(first!.endedMs);
});

test('a server that does not listen is an error of the connection', async () => {
  const stopped = await startRecordingServer(() => undefined);
  await stopped.close();
  const results = await sendLoad(createRequests(1), createOptions(stopped.origin));
  expect(results.map(({ errorCode }) => errorCode)).toEqual(['ECONNREFUSED']);
});
