import { expect, test } from 'vitest';
import { createAcceptParser, parseAccept } from './accept-header.js';

const JSON_TYPE = 'application/json';
const RESPONSE = 'application/graphql-response+json';

test.each([
  ['nothing in particular', '*/*', JSON_TYPE, undefined],
  ['JSON', 'application/json; charset=utf-8', JSON_TYPE, undefined],
  ['the newer type first', `${RESPONSE}, application/json;q=0.9`, RESPONSE, undefined],
  ['the older type more', `${RESPONSE};q=0.5, application/json`, JSON_TYPE, undefined],
  ['what it names first of what it likes equally', `application/json, ${RESPONSE}`, JSON_TYPE, undefined],
  ['not JSON', 'application/json;q=0, text/plain', undefined, undefined],
  ['graphql-sse', 'text/event-stream', undefined, 'sse'],
  [
    'urql',
    `${RESPONSE}, application/graphql+json, application/json, text/event-stream, multipart/mixed`,
    RESPONSE,
    'sse',
  ],
  [
    'Apollo Client',
    `multipart/mixed;boundary=graphql;subscriptionSpec=1.0,${RESPONSE},application/json;q=0.9`,
    RESPONSE,
    'multipart',
  ],
  ['a quoted specification', 'multipart/mixed; subscriptionSpec="1.0"', undefined, 'multipart'],
  ['another specification', 'multipart/mixed;deferSpec=20220824', undefined, undefined],
  ['both streams', 'text/event-stream;q=0.1, multipart/mixed;subscriptionSpec=1.0', undefined, 'multipart'],
  ['any text', 'text/*', undefined, undefined],
  ['a quality that is none', 'application/json;q=much', undefined, undefined],
])('%s', (_, header, json, stream) => {
  expect(parseAccept(header)).toStrictEqual({ json, stream, html: false });
});

test('a browser that opens the address', () => {
  expect(parseAccept('text/html,application/xhtml+xml,*/*;q=0.8')).toStrictEqual({
    json: JSON_TYPE,
    stream: undefined,
    html: true,
  });
});

test('without a header anything is accepted; the same header is read once', () => {
  const read = createAcceptParser();
  expect(read(undefined).json).toBe(JSON_TYPE);
  expect(read('text/event-stream')).toBe(read('text/event-stream'));
});
