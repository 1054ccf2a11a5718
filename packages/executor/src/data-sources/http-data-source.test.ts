import { describe, expect, test } from 'vitest';
import { parseSubgraphResponse } from './http-data-source.js';

test('data, errors and extensions are returned unchanged', () => {
  const response = {
    data: { a: 1 },
    errors: [{ message: 'no', path: ['a'], extensions: { code: 'NO', faults: [1] } }],
    extensions: { x: 1 },
  };
  expect(parseSubgraphResponse(JSON.stringify(response), undefined)).toEqual(response);
});

test('a body with only errors, or with null data, is valid', () => {
  expect(parseSubgraphResponse('{"errors":[{"message":"no"}]}', 3)).toEqual({ errors: [{ message: 'no' }] });
  expect(parseSubgraphResponse('{"data":null}', 3)).toEqual({ data: null });
});

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
    ['errors that are nulls', '{"errors":[null]}', 'The errors are not a list of errors.'],
    ['errors that are texts', '{"errors":["no"]}', 'The errors are not a list of errors.'],
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
