import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, Kind, parse, visit, type DocumentNode } from 'graphql';
import {
  createFederationLink,
  createTestFederation,
  type TestFederation,
  type TestSubgraph,
} from '../test-federation.js';

/**
 * Creates subgraphs that answer null for non-null fields without an error, as subgraphs do whose schema is not the one that was
 * composed. Leaf values are sent as the resolvers return them.
 */
export function createCarelessFederation(subgraphs: Readonly<Record<string, TestSubgraph>>): TestFederation {
  const federation = createTestFederation(subgraphs);
  const schemas = new Map(
    Object.entries(subgraphs).map(([name, { typeDefs, resolvers = {} }]) => [
      name,
      buildSubgraphSchema([
        {
          typeDefs: removeNonNull(parse(`${createFederationLink(typeDefs)}\n${typeDefs}`)),
          resolvers: resolvers,
        },
      ]),
    ]),
  );
  return {
    ...federation,
    dataSource: ({ name }) => ({
      async fetch({ operation: { query }, variables }) {
        const variableValues = JSON.parse(variables) as Record<string, unknown>;
        federation.requests.push({ service: name, query, variables: variableValues });
        const schema = schemas.get(name);
        if (!schema) throw new Error(`There is no subgraph ${name}.`);
        const { data, errors } = await graphql({ schema, source: query, variableValues });
        return { data: data ?? null, ...(errors && { errors: errors.map((error) => error.toJSON()) }) };
      },
    }),
  };
}

const removeNonNull = (document: DocumentNode): DocumentNode =>
  visit(document, {
    FieldDefinition: {
      leave: (field) => ({
        ...field,
        type: visit(field.type, { [Kind.NON_NULL_TYPE]: { leave: ({ type }) => type } }),
      }),
    },
  });
