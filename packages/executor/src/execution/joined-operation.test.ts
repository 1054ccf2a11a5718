import { expect, test } from 'vitest';
import { createSubgraphOperation } from '../data-sources/data-source.js';
import type { CompiledFetch } from './compile-fetch.js';
import { joinOperations } from './joined-operation.js';
import { divideResponse } from './joined-request.js';

const createFetch = (query: string, path: readonly string[], variables: readonly string[] = []) =>
  ({
    serviceName: 'films',
    operation: createSubgraphOperation('query', query, 'Page__films', path),
    variableKeys: variables.map((name) => [name, `"${name}":`] as const),
  }) as unknown as CompiledFetch;

const TITLES = createFetch(
  'query Page__films($representations:[_Any!]!){_entities(representations:$representations){...on Film{title}}}',
  ['halls', '@', 'film'],
);

test('each fetch has its alias and its representations', () => {
  const posters = createFetch(
    'query Page__films($representations:[_Any!]!$size:Int=9){_entities(representations:$representations){...on Film{poster(size:$size)}}}',
    ['halls', '@', 'next', 'film'],
    ['size'],
  );
  expect(joinOperations([TITLES, posters, posters])).toEqual({
    operation: createSubgraphOperation(
      'query',
      'query Page__films($representations_0:[_Any!]!$representations_1:[_Any!]!$representations_2:[_Any!]!$size:Int=9){' +
        '_0:_entities(representations:$representations_0){...on Film{title}}' +
        '_1:_entities(representations:$representations_1){...on Film{poster(size:$size)}}' +
        '_2:_entities(representations:$representations_2){...on Film{poster(size:$size)}}}',
      'Page__films',
      ['halls', '@'],
    ),
    variableKeys: [['size', '"size":']],
    parts: [
      { alias: '_0', representationsKey: '"representations_0":' },
      { alias: '_1', representationsKey: '"representations_1":' },
      { alias: '_2', representationsKey: '"representations_2":' },
    ],
  });
});

test('a variable of the client keeps its name', () => {
  const years = createFetch(
    'query Page__films($representations:[_Any!]!$representations_1:Int){_entities(representations:$representations){...on Film{years(from:$representations_1)}}}',
    [],
    ['representations_1'],
  );
  const { operation, parts } = joinOperations([TITLES, years])!;
  expect(parts.map(({ representationsKey }) => representationsKey)).toEqual([
    '"representations_0":',
    '"representations_1_":',
  ]);
  expect(operation.query).toContain(
    '_1:_entities(representations:$representations_1_){...on Film{years(from:$representations_1)}}',
  );
});

test.each([
  [
    'define a variable in two ways',
    'query($representations:[_Any!]!$a:Int){_entities(representations:$representations){a(b:$a)}}',
  ],
  [
    'have directives',
    'query($representations:[_Any!]!)@live{_entities(representations:$representations){a}}',
  ],
  [
    'select more than entities',
    'query($representations:[_Any!]!){_entities(representations:$representations){a} b}',
  ],
])('operations that %s are not joined', (_, query) => {
  const other = createFetch(
    'query($representations:[_Any!]!$a:ID){_entities(representations:$representations){a(b:$a)}}',
    [],
  );
  expect(joinOperations([other, createFetch(query, [])])).toBeUndefined();
});

const PARTS = { parts: ['_0', '_1'].map((alias) => ({ alias, representationsKey: '' })) };

test('each part of a response has its entities and errors', () => {
  const response = {
    data: { _0: [{ title: 'Up' }], _1: [null] },
    errors: [{ message: 'No poster.', path: ['_1', 0, 'poster'], extensions: { code: 'LOST' } }],
    errorStatus: 500,
  };
  expect(divideResponse(PARTS, response)).toEqual([
    { data: { _entities: [{ title: 'Up' }] } },
    {
      data: { _entities: [null] },
      errors: [{ message: 'No poster.', path: ['_entities', 0, 'poster'], extensions: { code: 'LOST' } }],
      errorStatus: 500,
    },
  ]);
});

test.each([
  ['no data', { data: null, errors: [{ message: 'No.', path: ['_0'] }] }],
  ['an error without a path', { data: { _0: [], _1: [] }, errors: [{ message: 'No.' }] }],
  ['an error of no part', { data: { _0: [], _1: [] }, errors: [{ message: 'No.', path: ['_entities', 0] }] }],
  ['a path that is no list', { data: { _0: [], _1: [] }, errors: [{ message: 'No.', path: '_0' as never }] }],
])('a response with %s is not divided', (_, response) => {
  expect(divideResponse(PARTS, response)).toBeUndefined();
});

test('all parts of a request that was not answered have its error', () => {
  const response = { data: null, errors: [{ message: 'Late.', extensions: { code: 'SUBGRAPH_TIMEOUT' } }] };
  expect(divideResponse(PARTS, response)).toEqual([response, response]);
});
