import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLResolverMap } from '@apollo/subgraph/dist/schema-helper/resolverMap.js';
import { graphql, parse, type GraphQLSchema } from 'graphql';
import type { DataSource } from '../data-sources/data-source.js';

export interface TestSubgraph {
  readonly typeDefs: string;
  readonly resolvers?: GraphQLResolverMap<unknown>;
}

/** A request that a data source has received. */
export interface RecordedSubgraphRequest {
  readonly service: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Subgraphs that run in this process. */
export interface TestFederation {
  readonly supergraphSdl: string;
  /** By the name of the subgraph. */
  readonly schemas: ReadonlyMap<string, GraphQLSchema>;
  /** All requests to the subgraphs, in order. */
  readonly requests: RecordedSubgraphRequest[];
  /** Creates the data source of a subgraph. */
  dataSource(subgraph: { readonly name: string }): DataSource;
}

/** These directives are imported where they are used: composition adds what is imported to the supergraph. */
const OPTIONAL_DIRECTIVES = ['@authenticated', '@requiresScopes', '@policy', '@cost', '@listSize', '@tag'];

export const createFederationLink = (
  typeDefs: string,
): string => `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@external", "@requires", "@shareable", "@inaccessible", "@interfaceObject", "@override", "@provides",
  "@context", "@fromContext"
  ${OPTIONAL_DIRECTIVES.filter((name) => typeDefs.includes(name))
    .map((name) => `"${name}"`)
    .join(' ')}
])`;

/** Composes subgraphs. @throws AggregateError if they do not compose */
export function createTestFederation(subgraphs: Readonly<Record<string, TestSubgraph>>): TestFederation {
  const services = Object.entries(subgraphs).map(([name, { typeDefs }]) => ({
    name,
    url: `http://${name}.test/graphql`,
    typeDefs: parse(`${createFederationLink(typeDefs)}\n${typeDefs}`),
  }));
  const { supergraphSdl, errors } = composeServices(services);
  if (errors) throw new AggregateError(errors, errors.map(({ message }) => message).join('\n'));
  const schemas = new Map(
    services.map(({ name, typeDefs }) => [
      name,
      buildSubgraphSchema([{ typeDefs, resolvers: subgraphs[name]?.resolvers ?? {} }]),
    ]),
  );
  const requests: RecordedSubgraphRequest[] = [];
  return {
    supergraphSdl,
    schemas,
    requests,
    dataSource: ({ name }) => ({
      async fetch({ operation: { query }, variables: variablesJson }) {
        const variables = JSON.parse(variablesJson) as Record<string, unknown>;
        requests.push({ service: name, query, variables });
        const schema = schemas.get(name);
        if (!schema) throw new Error(`There is no subgraph ${name}.`);
        const { data, errors } = await graphql({ schema, source: query, variableValues: variables });
        return { data: data ?? null, ...(errors && { errors: errors.map((error) => error.toJSON()) }) };
      },
    }),
  };
}
