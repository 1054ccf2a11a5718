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

describe('an invalid body is rejected', () => {
  test.each([
    ['text', '<html>', 'The body is not JSON.'],
    ['an empty body', '', 'The body is not JSON.'],
    ['a list', '[]', 'The body is not an object.'],
    ['an object that is no GraphQL response', '{"message":"nope"}', 'The body has neither data nor errors.'],
    ['data that is a list', '{"data":[1]}', 'The data is not an object.'],
    ['errors that are texts', '{"errors":["no"]}', 'The errors are not a list of errors.'],
  ])('%s', (_, body, message) => {
    expect(() => parseSubgraphResponse(body, undefined)).toThrow(message);
  });

  test.each([
    ['no _entities', '{"data":{}}', 'The _entities are not a list.'],
    ['too few entities', '{"data":{"_entities":[null]}}', 'The response has 1 entities; 2 were requested.'],
  ])('%s, when entities were requested', (_, body, message) => {
    expect(() => parseSubgraphResponse(body, 2)).toThrow(message);
  });
});
