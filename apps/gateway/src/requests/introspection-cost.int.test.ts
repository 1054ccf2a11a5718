import { getIntrospectionQuery, OperationTypeNode, parse, print, visit } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.js';

const repeat = (field: string) =>
  Array.from({ length: 20 }, (_, index) => `alias${index}: ${field}`).join(' ');

/** The standard introspection query, with its root field under 20 aliases. */
const REPEATED_QUERY = print(
  visit(parse(getIntrospectionQuery()), {
    OperationDefinition(definition) {
      const [field] = definition.selectionSet.selections;
      if (definition.operation !== OperationTypeNode.QUERY || !field) return undefined;
      const { selectionSet } = parse(`{ ${repeat(print(field))} }`).definitions[0] as typeof definition;
      return { ...definition, selectionSet };
    },
  }),
);

describe('in development, a client without a token', () => {
  let gateway: TestGateway;
  beforeAll(async () => void (gateway = await startTestGateway()));
  afterAll(() => gateway.stop());

  const send = async (query: string) => {
    const response = await fetch(`${gateway.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, extensions: { cost: true } }),
    });
    return (await response.json()) as {
      errors?: { extensions: { code: string } }[];
      extensions?: { cost: { estimate: number; budget: number } };
    };
  };

  test('can read the whole schema, for about two thirds of its budget', async () => {
    const { extensions, errors } = await send(getIntrospectionQuery());
    expect(errors).toBeUndefined();
    const { estimate = Infinity, budget = 0 } = extensions?.cost ?? {};
    expect(estimate).toBeLessThan(0.75 * budget);
  });

  test.each([
    ['it 20 times', REPEATED_QUERY],
    [
      'all fields with their arguments 20 times',
      `{ ${repeat('__schema { types { name fields { name args { name } type { name } } } }')} }`,
    ],
  ])('cannot read %s in one operation', async (_, query) => {
    const { errors } = await send(query);
    expect(errors?.map(({ extensions }) => extensions.code)).toStrictEqual(['OPERATION_TOO_COSTLY']);
  });
});
