import { Supergraph } from '@apollo/federation-internals';
import {
  execute,
  GraphQLError,
  isAbstractType,
  parse,
  type FormattedExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import { compose, type Subgraphs } from './compose.js';
import { readFacts, type Facts } from './facts.js';
import { asJson, createSubgraph, resolveFields, typeResolver, type Ask, type Request } from './subgraph.js';
import { createValues, type Circumstances } from './values.js';

/** A supergraph with data, whole and in parts. */
export interface World {
  readonly subgraphs: Subgraphs;
  readonly supergraphSdl: string;
  /** What clients see. */
  readonly schema: GraphQLSchema;
  readonly facts: Facts;
  /** Begins anew; what is answered from now on is as the circumstances say. */
  begin(circumstances: Circumstances): void;
  /** By the name of the subgraph. */
  readonly ask: Readonly<Record<string, Ask>>;
  /** Answers from one schema that holds all data. */
  monolith(request: Request): Promise<FormattedExecutionResult>;
}

/** @throws Error where the subgraphs do not compose */
export function createWorld(subgraphs: Subgraphs): World {
  const { supergraphSdl, documents } = compose(subgraphs);
  const supergraph = Supergraph.build(supergraphSdl);
  const schema = supergraph.apiSchema().toGraphQLJSSchema();
  const facts = readFacts(documents, supergraph.schema.toGraphQLJSSchema());
  for (const type of Object.values(schema.getTypeMap())) {
    if (isAbstractType(type) && schema.getPossibleTypes(type).length === 0) {
      throw new Error(`There are no objects of ${type.name}.`);
    }
  }
  const values = createValues(facts);
  const fieldResolver = resolveFields(facts, values, (thing, requires) => {
    try {
      return values.select(thing, requires);
    } catch {
      throw new GraphQLError('What it requires fails.', { extensions: { code: 'DEPENDENCY_FAILED' } });
    }
  });
  return {
    subgraphs,
    supergraphSdl,
    schema,
    facts,
    begin: (circumstances) => (values.run = { ...circumstances, version: 0 }),
    ask: Object.fromEntries(
      [...documents].map(([name, document]) => [name, createSubgraph(name, document, facts, values)]),
    ),
    async monolith({ query, variables }) {
      return asJson(
        await execute({
          schema,
          document: parse(query),
          variableValues: variables ?? {},
          typeResolver,
          fieldResolver,
        }),
      );
    },
  };
}
