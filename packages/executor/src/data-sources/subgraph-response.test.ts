import { describe, expect, test } from 'vitest';
import { parseSubgraphResponse } from './subgraph-response.js';

test('data, errors and extensions are returned unchanged', () => {
  const response = {
    data: { a: 1 },
    errors: [{ message: 'no', path: ['a'], extensions: { code: 'NO', faults: [1] } }],
    extensions: { x: 1 },
  };
  expect(parseSubgraphResponse(JSON.stringify(response), undefined)).toEqual(response);
});

test.each(['{"errors":[{"message":"no"}]}', '{"data":null,"errors":[{"message":"no"}]}'])(
  'a body with errors and no data is valid: %s',
  (body) => {
    expect(parseSubgraphResponse(body, 3)).toEqual({ data: null, errors: [{ message: 'no' }] });
  },
);

test.each([
  ['errors that are null', { data: { a: 1 }, errors: null }, { data: { a: 1 } }],
  [
    'an error whose parts have the wrong types',
    { data: null, errors: [{ message: null, path: '/a', extensions: 'no' }] },
    { data: null, errors: [{ message: null, path: '/a', extensions: 'no' }] },
  ],
])('%s are accepted', (_, body, response) => {
  expect(parseSubgraphResponse(JSON.stringify(body), undefined)).toEqual(response);
});

describe('errors that are no list of objects', () => {
  test.each([null, false, 0, '', {}, []])('%j are none', (errors) => {
    expect(parseSubgraphResponse(JSON.stringify({ data: { a: 1 }, errors }), undefined)).toEqual({
      data: { a: 1 },
    });
  });

  test.each([
    ['a text', 'no', [{ message: 'no' }]],
    ['one error', { message: 'no', path: ['a'] }, [{ message: 'no', path: ['a'] }]],
    ['an object without a message', { a: ['no'] }, [{ a: ['no'] }]],
    ['a number', 7, [{ message: '7' }]],
    ['true', true, [{ message: '' }]],
    ['texts', ['no', 'never'], [{ message: 'no' }, { message: 'never' }]],
    ['nulls', [null], [{ message: '' }]],
    ['lists', [['no']], [{ message: '' }]],
    ['a text among objects', [{ message: 'no' }, 'never'], [{ message: 'no' }, { message: 'never' }]],
  ])('and are %s are all kept, and so is the data', (_, errors, expected) => {
    const body = JSON.stringify({ data: { a: 1 }, errors });
    expect(parseSubgraphResponse(body, undefined)).toEqual({ data: { a: 1 }, errors: expected });
  });
});

test.each([
  ['data that is a list', [1]],
  ['data that is a text', 'no'],
  ['data without _entities', {}],
  ['too few entities', { _entities: [null] }],
])('%s does not hide the errors beside it', (_, data) => {
  const errors = [{ message: 'no' }];
  expect(parseSubgraphResponse(JSON.stringify({ data, errors }), 2)).toEqual({ data: null, errors });
});

test('null _entities with errors are data that is null', () => {
  const errors = [{ message: 'no', path: ['_entities'] }];
  const body = JSON.stringify({ data: { _entities: null }, errors });
  expect(parseSubgraphResponse(body, 2)).toEqual({ data: null, errors });
});

describe('an invalid body is rejected', () => {
  test.each([
    ['text', '<html>', 'The body is not JSON.'],
    ['an empty body', '', 'The body is not JSON.'],
    ['a list', '[]', 'The body is not an object.'],
    ['an object that is no GraphQL response', '{"message":"nope"}', 'The body has neither data nor errors.'],
    ['data that is a list', '{"data":[1]}', 'The data is not an object.'],
    ['errors that are null, without data', '{"errors":null}', 'The body has neither data nor errors.'],
    ['data that is null, without errors', '{"data":null}', 'The body has neither data nor errors.'],
    [
      'data that is null, with no error',
      '{"data":null,"errors":[]}',
      'The body has neither data nor errors.',
    ],
  ])('%s', (_, body, message) => {
    expect(() => parseSubgraphResponse(body, undefined)).toThrow(message);
  });

  test.each([
    ['no _entities', '{"data":{}}', 'The _entities are not a list.'],
    ['null _entities', '{"data":{"_entities":null},"errors":[]}', 'The _entities are not a list.'],
    ['too few entities', '{"data":{"_entities":[null]}}', 'The response has 1 entities; 2 were requested.'],
  ])('%s, when entities were requested', (_, body, message) => {
    expect(() => parseSubgraphResponse(body, 2)).toThrow(message);
  });
});
