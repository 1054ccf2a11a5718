import { parse, print } from 'graphql';
import { expect, test } from 'vitest';
import { separateNames } from './rename-colliding-names.js';

const read = { names: new Set(['__typename', 'id', 'price']), withArguments: new Set(['price']) };
const separated = (query: string) => {
  const { document, clientKeys } = separateNames(parse(query, { noLocation: true }), read);
  return [print(document).replace(/\s+/g, ' '), Object.fromEntries(clientKeys)];
};

test('a key as such stays, one that another field is named like does not', () => {
  expect(separated('{ a { id name __typename } }')).toEqual(['{ a { id name __typename } }', {}]);
  expect(separated('{ a { id: name } b { id: id } }')).toEqual([
    '{ a { id_: name } b { id: id } }',
    { id_: 'id' },
  ]);
  expect(separated('{ a { __typename: name } }')).toEqual([
    '{ a { __typename_: name } }',
    { __typename_: '__typename' },
  ]);
});

test('a field that is read with arguments is never the client’s', () => {
  expect(separated('{ a { price } b { price(in: "EUR") } }')).toEqual([
    '{ a { price_: price } b { price_: price(in: "EUR") } }',
    { price_: 'price' },
  ]);
});

test('one with arguments of its own is not what is read', () => {
  expect(separated('{ a { id(format: 1) } }')).toEqual(['{ a { id_: id(format: 1) } }', { id_: 'id' }]);
});

test('the new keys are none of the document', () => {
  expect(separated('{ a { id: name id_: name } }')).toEqual([
    '{ a { id__: name id_: name } }',
    { id__: 'id' },
  ]);
});
