import { OperationTypeNode } from 'graphql';
import { expect, test } from 'vitest';
import type { FetchNode, RequiredSelection } from '../planning/query-planner.js';
import { mergeEntityFetches } from './merge-entity-fetches.js';

const createFetch = (
  entitySelection: string,
  required: readonly string[],
  { variables = '', ...others }: Partial<FetchNode> & { readonly variables?: string } = {},
): FetchNode => ({
  kind: 'Fetch',
  serviceName: 'halls',
  operationKind: OperationTypeNode.QUERY,
  operation: `query($representations:[_Any!]!${variables}){_entities(representations:$representations){${entitySelection}}}`,
  operationName: undefined,
  variableUsages: [],
  requires: [createRequiredFields('Film', required)],
  inputRewrites: [],
  outputRewrites: [],
  contextRewrites: [],
  ...others,
});

const createRequiredFields = (typeCondition: string, names: readonly string[]): RequiredSelection => ({
  kind: 'InlineFragment',
  typeCondition,
  selections: names.map((name) => ({ kind: 'Field', name })),
});

test('fields of one type are selected in one fragment, and what both require once', () => {
  const seats = createFetch('...on Film{seats}', ['__typename', 'id']);
  const price = createFetch('...on Film{seats price(in:$currency)}', ['__typename', 'minutes', 'id'], {
    variables: '$currency:Currency',
    variableUsages: ['currency'],
  });
  expect(mergeEntityFetches(seats, price)).toEqual(
    createFetch('...on Film{seats price(in:$currency)}', ['__typename', 'minutes', 'id'], {
      variables: '$currency:Currency',
      variableUsages: ['currency'],
    }),
  );
});

test('fields of different types stay in their fragments', () => {
  const film = createFetch('...on Film{seats}', ['id']);
  const play = createFetch('...on Play{seats}', [], {
    requires: [createRequiredFields('Play', ['id'])],
  });
  expect(mergeEntityFetches(film, play)).toMatchObject({
    operation:
      'query($representations:[_Any!]!){_entities(representations:$representations){...on Film{seats}...on Play{seats}}}',
    requires: [{ typeCondition: 'Film' }, { typeCondition: 'Play' }],
  });
});

test.each<[string, FetchNode]>([
  ['with another field under one response key', createFetch('...on Play{seats:rows}', ['id'])],
  ['with other arguments under one response key', createFetch('...on Film{seats(free:true)}', ['id'])],
  [
    'with another definition of a variable',
    createFetch('...on Film{a(b:$b)}', ['id'], { variables: '$b:ID' }),
  ],
  [
    'with rewrites',
    createFetch('...on Film{a}', ['id'], {
      outputRewrites: [{ kind: 'KeyRenamer', path: ['a'], renameKeyTo: 'b' }],
    }),
  ],
  ['for no entities', createFetch('...on Film{a}', ['id'], { requires: undefined })],
])('a fetch %s is not merged', (_, other) => {
  const fetch = createFetch('...on Film{seats c(b:$b)}', ['id'], {
    variables: '$b:Int',
    variableUsages: ['b'],
  });
  expect(mergeEntityFetches(fetch, other)).toBeUndefined();
});
