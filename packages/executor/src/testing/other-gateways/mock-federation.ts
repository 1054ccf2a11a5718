import {
  getNullableType,
  graphql,
  isAbstractType,
  isListType,
  isObjectType,
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { createTestFederation, type TestFederation } from '../test-federation.js';

/**
 * Creates one subgraph that answers every field. A list has one object, or one of each type of an interface or union. A single
 * object of an interface or union has the type that the argument `id` names. An `Int` is 1, a `Boolean` true, any other leaf the name of its field.
 */
export function createMockFederation(typeDefs: string): TestFederation {
  const federation = createTestFederation({ only: { typeDefs } });
  const schema = buildSubgraphSchema(parse(`${LINK}\n${typeDefs}`));
  return {
    ...federation,
    dataSource: ({ name }) => ({
      async fetch({ operation: { query }, variables }) {
        const variableValues = JSON.parse(variables) as Record<string, unknown>;
        federation.requests.push({ service: name, query, variables: variableValues });
        const { data, errors } = await graphql({
          schema,
          source: query,
          variableValues,
          fieldResolver: answerField,
          typeResolver: ({ type }: { type?: string }) => type,
        });
        return { data: data ?? null, ...(errors && { errors: errors.map((error) => error.toJSON()) }) };
      },
    }),
  };
}

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@shareable", "@authenticated", "@requiresScopes", "@policy"
])`;

const answerField: GraphQLFieldResolver<unknown, unknown> = (
  _source,
  { id }: Record<string, unknown>,
  _context,
  { returnType, schema, fieldName },
) => createValue(schema, returnType, { fieldName, id });

const LEAF_VALUES: Readonly<Record<string, unknown>> = { Int: 1, Boolean: true };

function createValue(
  schema: GraphQLSchema,
  outputType: GraphQLOutputType,
  field: { readonly fieldName: string; readonly id: unknown },
): unknown {
  const type = getNullableType(outputType);
  if (isListType(type)) {
    const element = getNullableType(type.ofType);
    if (isAbstractType(element)) return schema.getPossibleTypes(element).map(({ name }) => ({ type: name }));
    return [createValue(schema, element, field)];
  }
  if (isAbstractType(type)) return { type: field.id };
  if (isObjectType(type)) return {};
  return LEAF_VALUES[String(type)] ?? field.fieldName;
}
