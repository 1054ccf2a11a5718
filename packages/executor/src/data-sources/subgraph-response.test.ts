import { describe, expect, test } from 'vitest';
import { readAnswer } from './subgraph-response.js';

test('data, errors and extensions are taken as they are', () => {
  const answer = {
    data: { a: 1 },
    errors: [{ message: 'no', path: ['a'], extensions: { code: 'NO', faults: [1] } }],
    extensions: { x: 1 },
  };
  expect(readAnswer(JSON.stringify(answer), undefined)).toEqual(answer);
});

test('an answer of errors alone is one, and null data too', () => {
  expect(readAnswer('{"errors":[{"message":"no"}]}', 3)).toEqual({ errors: [{ message: 'no' }] });
  expect(readAnswer('{"data":null}', 3)).toEqual({ data: null });
});

describe('what is no answer', () => {
  test.each([
    ['text', '<html>', 'it is not JSON'],
    ['nothing', '', 'it is not JSON'],
    ['a list', '[]', 'it is not an object'],
    ['another object', '{"message":"nope"}', 'it has neither data nor errors'],
    ['data of another kind', '{"data":[1]}', 'its data is not an object'],
    ['errors of another kind', '{"errors":["no"]}', 'its errors are not a list of errors'],
  ])('%s', (_, body, why) => {
    expect(() => readAnswer(body, undefined)).toThrow(why);
  });

  test.each([
    ['no list of entities', '{"data":{}}', 'its _entities are not a list'],
    ['too few', '{"data":{"_entities":[null]}}', 'it has 1 entities where 2 were asked for'],
  ])('%s, where entities were asked for', (_, body, why) => {
    expect(() => readAnswer(body, 2)).toThrow(why);
  });
});
