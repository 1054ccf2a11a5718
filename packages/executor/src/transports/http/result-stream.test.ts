import { expect, test } from 'vitest';
import { multipart, serverSentEvents } from './result-stream.js';

const retryable = { errors: [{ message: 'Later.', extensions: { code: 'SERVER_SHUTTING_DOWN' } }] };
const permanent = { errors: [{ message: 'No.', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] };

test('server-sent events carry results and a completion that EventSource delivers', () => {
  expect(serverSentEvents.formatResult('{"data":1}') + serverSentEvents.formatEnd({})).toBe(
    'event: next\ndata: {"data":1}\n\nevent: complete\ndata:\n\n',
  );
});

test('server-sent events end with the errors; retryable errors are not followed by a completion', () => {
  expect(serverSentEvents.formatEnd(permanent)).toBe(
    serverSentEvents.formatResult(JSON.stringify(permanent)) + serverSentEvents.formatEnd({}),
  );
  expect(serverSentEvents.formatEnd(retryable)).toBe(
    serverSentEvents.formatResult(JSON.stringify(retryable)),
  );
});

test('a multipart stream sends each part with the delimiter that follows it', () => {
  const parts = [
    multipart.opening,
    multipart.formatResult('{"data":1}'),
    multipart.heartbeat,
    multipart.formatEnd({}),
  ];
  expect(parts.join('')).toBe(
    [
      '',
      '--graphql',
      'content-type: application/json; charset=utf-8',
      '',
      '{"payload":{"data":1}}',
      '--graphql',
      'content-type: application/json; charset=utf-8',
      '',
      '{}',
      '--graphql--',
      '',
    ].join('\r\n'),
  );
});

test('a multipart stream ends with errors beside a null payload', () => {
  expect(multipart.formatEnd(retryable)).toMatch(
    /\r\n\r\n\{"payload":null,"errors":\[.*\]\}\r\n--graphql--\r\n$/,
  );
});
