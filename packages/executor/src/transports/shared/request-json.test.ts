import { expect, test } from 'vitest';
import { checkVariableValues, DEFAULT_OPERATION_LIMITS } from '../../operations/operation-limits.js';
import { createRequestJsonParser, readSubscribeId } from './request-json.js';

/** Makes a request large enough to be judged before it is parsed. The parser ignores it. */
const PADDING = ' '.repeat(2_048);
const LIMITS = {
  ...DEFAULT_OPERATION_LIMITS,
  maxDocumentBytes: 40,
  maxTextBytes: 8,
  maxVariableDepth: 3,
  maxVariableValues: 10,
};
const parse = createRequestJsonParser(LIMITS, 1);
const parseMessage = createRequestJsonParser(LIMITS, 2);
const read = (json: string, parser = parse) => parser(Buffer.from(json + PADDING));

test.each([
  ['a text of the largest size', { variables: { a: '12345678' } }],
  ['a text of the largest size, written with escape sequences', '{"variables":{"a":"\\u0031\\n\\"45678"}}'],
  ['a document that is longer than a text', { query: '{ a }'.repeat(8) }],
  ['values at the largest depth', { variables: { a: [[[1]]], b: [[[]]] } }],
  [
    'as many values as the variables and the rest may have',
    { v: { l: Array.from({ length: 1_007 }, () => 1) } },
  ],
  ['names, which are no values', Object.fromEntries(Array.from({ length: 1_009 }, (_, i) => [i, null]))],
  ['brackets, quotes and commas in texts', { a: '[{"\\,:]' }],
  ['other characters than ASCII', { a: 'aé€😀' }],
  ['characters of Latin-1 alone', { a: 'éÿ' }],
])('%s: is parsed', (_, value) => {
  const json = typeof value === 'string' ? value : JSON.stringify(value);
  expect(read(json)).toEqual(JSON.parse(json));
});

test.each([
  ['a longer text', { variables: { a: '123456789' } }, 'has a text with more than 8 bytes'],
  [
    'a longer text of escape sequences',
    `{"variables":{"a":"${'\\u0031'.repeat(9)}"}}`,
    'a text with more than 8',
  ],
  ['a text with escaped quotes', { variables: { a: '"'.repeat(9) } }, 'a text with more than 8'],
  ['a long name', { variables: { ['n'.repeat(9)]: 1 } }, 'a text with more than 8'],
  ['a longer document', { query: '{ a }'.repeat(9) }, 'a text with more than 40'],
  ['a text without an end', '{"a":{"b":"' + 'x'.repeat(3_000), 'a text with more than 8'],
  ['more levels', { variables: { a: [[[[[]]]]] } }, 'nests more than 6 lists and objects'],
  ['many open lists', '['.repeat(3_000), 'nests more than 6'],
  ['more values', { v: { l: Array.from({ length: 1_009 }, () => 1) } }, 'has more than 1010 values'],
  ['more empty objects', [...Array.from({ length: 1_010 }, () => ({}))], 'has more than 1010 values'],
  ['more members', Object.fromEntries(Array.from({ length: 1_010 }, (_, i) => [i, 1])), 'has more than 1010'],
])('%s: is refused before it is parsed', (_, value, message) => {
  const json = typeof value === 'string' ? value : JSON.stringify(value);
  expect(() => read(json)).toThrow(
    expect.objectContaining({
      message: expect.stringContaining(message) as string,
      extensions: { code: 'OPERATION_TOO_COMPLEX' },
    }),
  );
});

test('a message of a WebSocket has the parameters one level deeper', () => {
  const message = { id: '1', payload: { query: '{ a }'.repeat(8), variables: { a: [[[]]] } } };
  expect(read(JSON.stringify(message), parseMessage)).toEqual(message);
  expect(() => read(JSON.stringify(message))).toThrow('more than 8 bytes');
});

test('what is not JSON is a syntax error', () => {
  for (const text of ['{"a":}', 'x', '{"a" "b"}', ']]]', '']) {
    expect(() => read(text)).toThrow(SyntaxError);
  }
});

test('small requests are parsed at once: their variables are checked later', () => {
  const variables = { a: 'x'.repeat(100) };
  expect(parse(Buffer.from(JSON.stringify({ variables })))).toEqual({ variables });
});

test('nothing is refused that the check of variables accepts', () => {
  const limits = { ...LIMITS, maxVariableDepth: 6, maxVariableValues: 5_000 };
  const parser = createRequestJsonParser(limits, 1);
  // A linear congruential generator: the same values in each run.
  let seed = 1;
  const random = (count: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % count;
  };
  const createValue = (depth: number): unknown => {
    const kind = random(depth > 5 ? 4 : 8);
    if (kind === 0) return random(2) === 0 ? null : random(2) === 0;
    if (kind === 1) return -random(100_000) / 7;
    if (kind < 4) return '\n"é€😀\\'.slice(0, random(5));
    const children = Array.from({ length: random(4) }, () => createValue(depth + 1));
    return kind < 6 ? children : Object.fromEntries(children.map((child, index) => [`n${index}`, child]));
  };
  let acceptedCount = 0;
  for (let round = 0; round < 300; round += 1) {
    const variables = { a: createValue(0), b: createValue(0) };
    if (checkVariableValues(variables, limits)) continue;
    acceptedCount += 1;
    const body = { query: '{ a }', variables };
    expect(parser(Buffer.from(JSON.stringify(body, null, random(3)) + PADDING))).toEqual(body);
  }
  expect(acceptedCount).toBeGreaterThan(200);
});

test.each([
  [{ id: '1', type: 'subscribe', payload: {} }, '1'],
  [{ type: 'subscribe', id: 'a b', payload: {} }, 'a b'],
  [{ id: '1', type: 'ping', payload: {} }, undefined],
  [{ payload: {}, id: '1', type: 'subscribe' }, undefined],
  [{ id: 1, type: 'subscribe', payload: {} }, undefined],
  [{ id: 'x'.repeat(600), type: 'subscribe', payload: {} }, undefined],
  [['"payload":'], undefined],
])('the id of a message is read before its payload is parsed: %#', (message, id) => {
  expect(readSubscribeId(Buffer.from(JSON.stringify(message)))).toBe(id);
});
