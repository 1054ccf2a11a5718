import { describe, expect, test } from 'vitest';
import type { SubgraphRequest, SubgraphResponse } from './data-sources/data-source.js';
import {
  collectSubscriptionResults,
  createFiniteSource,
  createTestExecutor,
  executeTestRequest,
  prepareNow,
} from './testing/test-executor.js';
import { createTestFederation } from './testing/test-federation.js';

/*
 * Names that each plain object has from Object.prototype: `constructor`, `toString`, `valueOf`. A map that is a plain object finds
 * them although nobody has put them there.
 */

const SHARED = `
  directive @toString(constructor: Int, valueOf: Boolean = true) repeatable on FIELD | QUERY
  enum hasOwnProperty { constructor toString }
  scalar valueOf
`;
const federation = createTestFederation({
  constructor: {
    typeDefs: `${SHARED}
      type Query {
        toString: toString constructor: String isPrototypeOf(valueOf: isPrototypeOf, toString: Int): hasOwnProperty
      }
      type Subscription { constructor: toString }
      type toString @key(fields: "constructor") { constructor: ID! hasOwnProperty: hasOwnProperty }
      input isPrototypeOf { constructor: String toString: Int = 5 valueOf: [isPrototypeOf!] own: Int }
    `,
  },
  other: {
    typeDefs: `${SHARED}
      type toString @key(fields: "constructor") { constructor: ID! valueOf: valueOf }
    `,
  },
});

/** Executes on subgraphs with fixed responses. Returns what the client and the subgraphs received. */
async function execute(
  query: string,
  responses: Readonly<Record<string, SubgraphResponse>>,
  variables: Record<string, unknown> = {},
) {
  const requests: { readonly query: string; readonly variables: unknown }[] = [];
  const executor = createTestExecutor(
    federation,
    {},
    {
      createDataSource: ({ name }) => ({
        fetch({ operation, variables: json }: SubgraphRequest) {
          requests.push({ query: operation.query, variables: JSON.parse(json) });
          return Promise.resolve(JSON.parse(JSON.stringify(responses[name])) as SubgraphResponse);
        },
      }),
    },
  );
  return { response: await executeTestRequest(executor, query, { variables }), requests };
}

describe('names that objects inherit', () => {
  test('are fields, aliases, types, enum values, scalars and subgraphs', async () => {
    const { response, requests } = await execute(
      'query constructor { a: toString { __typename constructor valueOf hasOwnProperty } toString: constructor __proto__: constructor }',
      {
        constructor: {
          data: {
            a: { __typename: 'toString', constructor: '1', hasOwnProperty: 'toString' },
            toString: 'text',
            __proto_____: 'text',
          },
        },
        other: { data: { _entities: [{ valueOf: 'text' }] } },
      },
    );
    expect(response.errors).toBeUndefined();
    expect(JSON.stringify(response.data)).toBe(
      '{"a":{"__typename":"toString","constructor":"1","valueOf":"text","hasOwnProperty":"toString"},"toString":"text","__proto__":"text"}',
    );
    expect(requests[1]).toMatchObject({
      variables: { representations: [{ __typename: 'toString', constructor: '1' }] },
    });
  });

  test('that a response lacks are null', async () => {
    const data = { toString: {}, constructor: null };
    const { response } = await execute('{ toString { hasOwnProperty } constructor }', {
      constructor: { data },
    });
    expect(response).toEqual({ data: { toString: { hasOwnProperty: null }, constructor: null } });
  });

  test('are paths of errors', async () => {
    const { response } = await execute('{ constructor toString { hasOwnProperty } }', {
      constructor: {
        data: { toString: {} },
        errors: [{ message: 'no', path: ['toString', 'hasOwnProperty'] }],
      },
    });
    expect(response.errors).toMatchObject([{ message: 'no', path: ['toString', 'hasOwnProperty'] }]);
  });

  test.each([
    ['are not sent if they are missing', {}, {}],
    ['are null', { toString: null, __proto__: undefined }, { toString: null }],
    ['are sent', { toString: 7, valueOf: { own: 1 } }, { toString: 7, valueOf: { toString: 5, own: 1 } }],
  ])('of variables %s', async (_, variables, sent) => {
    const { response, requests } = await execute(
      `query ($toString: Int, $valueOf: isPrototypeOf, $__proto__: Int) {
        isPrototypeOf(valueOf: $valueOf, toString: $toString)
        constructor @toString(constructor: $__proto__)
      }`,
      { constructor: { data: { isPrototypeOf: 'constructor', constructor: 'text' } } },
      variables,
    );
    expect(response).toEqual({ data: { isPrototypeOf: 'constructor', constructor: 'text' } });
    expect(requests[0]?.variables).toEqual(sent);
  });

  test('of a variable that the plan renames another one beside are not sent if they are missing', async () => {
    const { requests } = await execute(
      'query ($representations: Int, $toString: Int) { a: isPrototypeOf(toString: $representations) b: isPrototypeOf(toString: $toString) }',
      { constructor: { data: { a: null, b: null } } },
      { representations: 1 },
    );
    expect(requests[0]?.variables).toEqual({ representations_: 1 });
  });

  test('of a variable __proto__ are sent', async () => {
    const variables = JSON.parse('{ "__proto__": 7 }') as Record<string, unknown>;
    const { requests } = await execute(
      'query ($__proto__: Int) { isPrototypeOf(toString: $__proto__) }',
      { constructor: { data: { isPrototypeOf: null } } },
      variables,
    );
    expect(JSON.stringify(requests[0]?.variables)).toBe('{"__proto__":7}');
  });

  test('are fields of input objects', async () => {
    const inner: readonly object[] = [{ constructor: null }, {}];
    const valueOf = { constructor: 'text', valueOf: inner };
    const { requests } = await execute(
      'query ($valueOf: isPrototypeOf) { isPrototypeOf(valueOf: $valueOf) }',
      { constructor: { data: { isPrototypeOf: null } } },
      { valueOf },
    );
    const sent: readonly object[] = [{ constructor: null, toString: 5 }, { toString: 5 }];
    expect(requests[0]?.variables).toEqual({
      valueOf: { constructor: 'text', toString: 5, valueOf: sent },
    });
  });

  test('in directives of subgraphs are passed on', async () => {
    const { requests } = await execute(
      'query ($constructor: Int) @toString { constructor @toString(constructor: $constructor) @toString(valueOf: false) }',
      { constructor: { data: { constructor: 'text' } } },
      { constructor: 3 },
    );
    expect(requests).toEqual([
      {
        query:
          'query($constructor:Int)@toString{constructor@toString(constructor:$constructor)@toString(valueOf:false)}',
        variables: { constructor: 3 },
      },
    ]);
  });

  test('are not known types, fields, arguments or operations unless the schema or document has them', () => {
    const executor = createTestExecutor(federation);
    const reject = (query: string, operationName?: string) => {
      const prepared = prepareNow(executor, { query, operationName });
      return 'errors' in prepared ? prepared.errors.map(({ extensions }) => extensions['code']) : [];
    };
    expect(reject('{ valueOf }')).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect(reject('{ toString(valueOf: 1) { constructor } }')).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect(reject('{ ...constructor }')).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect(reject('{ constructor @constructor }')).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect(reject('query a { constructor }', 'constructor')).toEqual(['OPERATION_RESOLUTION_FAILURE']);
  });

  test('are introspected', async () => {
    const { response } = await execute(
      '{ __type(name: "toString") { constructor: name fields { toString: name } } toString: __type(name: "constructor") { name } }',
      {},
    );
    expect(response.data).toEqual({
      __type: {
        constructor: 'toString',
        fields: [{ toString: 'constructor' }, { toString: 'hasOwnProperty' }, { toString: 'valueOf' }],
      },
      toString: null,
    });
  });

  test('of fields that an event lacks are null', async () => {
    const source = createFiniteSource(
      { constructor: '1', hasOwnProperty: 'constructor' },
      { constructor: '2' },
    );
    const executor = createTestExecutor(federation, { constructor: source });
    const query = 'subscription { constructor { constructor hasOwnProperty } }';
    expect(await collectSubscriptionResults(executor, query)).toEqual([
      { data: { constructor: { constructor: '1', hasOwnProperty: 'constructor' } } },
      { data: { constructor: { constructor: '2', hasOwnProperty: null } } },
    ]);
  });
});
