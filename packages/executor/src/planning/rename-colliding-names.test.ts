import { parse, print } from 'graphql';
import { expect, test } from 'vitest';
import { renameCollidingResponseKeys } from './rename-colliding-names.js';

const plannerFields = {
  names: new Set(['__typename', 'id', 'price']),
  namesWithArguments: new Set(['price']),
};
const rename = (query: string) => {
  const { document, clientResponseKeys } = renameCollidingResponseKeys(
    parse(query, { noLocation: true }),
    plannerFields,
  );
  return [print(document).replace(/\s+/g, ' '), Object.fromEntries(clientResponseKeys)];
};

test('an alias that equals the name of a planner field is renamed', () => {
  expect(rename('{ a { id name __typename } }')).toEqual(['{ a { id name __typename } }', {}]);
  expect(rename('{ a { id: name } b { id: id } }')).toEqual([
    '{ a { id_: name } b { id: id } }',
    { id_: 'id' },
  ]);
  expect(rename('{ a { __typename: name } }')).toEqual([
    '{ a { __typename_: name } }',
    { __typename_: '__typename' },
  ]);
});

test('a planner field with arguments is always renamed', () => {
  expect(rename('{ a { price } b { price(in: "EUR") } }')).toEqual([
    '{ a { price_: price } b { price_: price(in: "EUR") } }',
    { price_: 'price' },
  ]);
});

test('a planner field that the client selects with arguments is renamed', () => {
  expect(rename('{ a { id(format: 1) } }')).toEqual(['{ a { id_: id(format: 1) } }', { id_: 'id' }]);
});

test('new response keys do not occur in the document', () => {
  expect(rename('{ a { id: name id_: name } }')).toEqual(['{ a { id__: name id_: name } }', { id__: 'id' }]);
});
