import { expect, test } from 'vitest';
import { createAcceptParser, parseAccept, readSearchParameters } from './http-request.js';

const JSON_TYPE = 'application/json';
const RESPONSE = 'application/graphql-response+json';

test.each([
  ['any type', '*/*', JSON_TYPE, undefined],
  ['JSON', 'application/json; charset=utf-8', JSON_TYPE, undefined],
  ['the newer type with a higher quality', `${RESPONSE}, application/json;q=0.9`, RESPONSE, undefined],
  ['the older type with a higher quality', `${RESPONSE};q=0.5, application/json`, JSON_TYPE, undefined],
  ['the first of two types with equal quality', `application/json, ${RESPONSE}`, JSON_TYPE, undefined],
  ['JSON excluded', 'application/json;q=0, text/plain', undefined, undefined],
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
  ['a quoted subscriptionSpec', 'multipart/mixed; subscriptionSpec="1.0"', undefined, 'multipart'],
  ['another multipart specification', 'multipart/mixed;deferSpec=20220824', undefined, undefined],
  [
    'both kinds of stream',
    'text/event-stream;q=0.1, multipart/mixed;subscriptionSpec=1.0',
    undefined,
    'multipart',
  ],
  ['text/*', 'text/*', undefined, undefined],
  ['a name that every object inherits', 'constructor', undefined, undefined],
  ['an invalid quality', 'application/json;q=much', undefined, undefined],
])('parses the Accept header of %s', (_, header, json, stream) => {
  expect(parseAccept(header)).toMatchObject({ json, stream, html: false });
});

const OLD_FORMAT = 'multipart/mixed;deferSpec=20220824';
test.each([
  [`${OLD_FORMAT}, ${RESPONSE}, application/json;q=0.9`, { stream: 'multipart', spec: '20220824' }],
  ['multipart/mixed; incrementalSpec="v0.2", */*', { stream: 'multipart', spec: 'v0.2' }],
  [`application/json, ${OLD_FORMAT}`, { stream: 'multipart', spec: '20220824' }],
  [`application/json, ${OLD_FORMAT};q=0.9`, undefined],
  [`application/json;q=0, ${OLD_FORMAT};q=0.9`, { stream: 'multipart', spec: '20220824' }],
  ['text/event-stream', { stream: 'sse', spec: '20220824' }],
  ['text/event-stream;incrementalSpec=v0.2, application/json', { stream: 'sse', spec: 'v0.2' }],
  ['text/event-stream, application/json', undefined],
  ['multipart/mixed;subscriptionSpec=1.0', undefined],
  ['multipart/mixed', undefined],
  ['application/json', undefined],
])('a client that accepts "%s" receives parts as it asks for', (header, parts) => {
  expect(parseAccept(header).parts).toStrictEqual(parts);
});

test('a browser that opens a page accepts HTML', () => {
  expect(parseAccept('text/html,application/xhtml+xml,*/*;q=0.8')).toMatchObject({
    json: JSON_TYPE,
    stream: undefined,
    html: true,
  });
});

test('a missing header accepts anything; equal headers are parsed once', () => {
  const read = createAcceptParser();
  expect(read(undefined).json).toBe(JSON_TYPE);
  expect(read('text/event-stream')).toBe(read('text/event-stream'));
});

test.each(['', 'query=', 'operationName=A&extensions={}'])(
  'rejects the parameters "%s" without a document',
  (text) => {
    expect(() => readSearchParameters(new URLSearchParams(text))).toThrow('The request has no "query"');
  },
);

test('accepts a persisted query without a document', () => {
  const persistedQuery = { version: 1, sha256Hash: 'abc' };
  const search = new URLSearchParams({ extensions: JSON.stringify({ persistedQuery }) });
  expect(readSearchParameters(search)).toMatchObject({ query: '', documentId: 'abc' });
});
