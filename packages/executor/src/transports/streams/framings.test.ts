import { expect, test } from 'vitest';
import { multipart } from './multipart.js';
import { sse } from './sse.js';

const passing = { errors: [{ message: 'Later.', extensions: { code: 'SERVER_SHUTTING_DOWN' } }] };
const lasting = { errors: [{ message: 'No.', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] };

test('an event stream: results, and a completion that EventSource tells its page', () => {
  expect(sse.next('{"data":1}') + sse.end({})).toBe(
    'event: next\ndata: {"data":1}\n\nevent: complete\ndata:\n\n',
  );
});

test('an event stream that fails tells why; it is not complete where the client is to come back', () => {
  expect(sse.end(lasting)).toBe(sse.next(JSON.stringify(lasting)) + sse.end({}));
  expect(sse.end(passing)).toBe(sse.next(JSON.stringify(passing)));
});

test('a multipart stream: every part comes with the delimiter after it', () => {
  const parts = [multipart.opening, multipart.next('{"data":1}'), multipart.signOfLife, multipart.end({})];
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

test('a multipart stream that fails says so beside a payload that is null', () => {
  expect(multipart.end(passing)).toMatch(/\r\n\r\n\{"payload":null,"errors":\[.*\]\}\r\n--graphql--\r\n$/);
});
