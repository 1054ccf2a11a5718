import { Supergraph } from '@apollo/federation-internals';
import {
  execute,
  GraphQLError,
  isAbstractType,
  parse,
  type FormattedExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import { composeSubgraphs, type SubgraphSdls } from './compose-subgraphs.js';
import { createGeneratedData, type DataSettings } from './generated-data.js';
import { collectSupergraphFacts, type SupergraphFacts } from './supergraph-facts.js';
import {
  createFieldResolver,
  createTestSubgraph,
  resolveObjectType,
  toJson,
  type RequestHandler,
  type TestRequest,
} from './test-subgraph.js';

/** A supergraph over generated data: as subgraphs, and as one schema that holds all data (the monolith). */
export interface TestSupergraph {
  readonly sdls: SubgraphSdls;
  readonly supergraphSdl: string;
  /** The API schema that clients see. */
  readonly schema: GraphQLSchema;
  readonly facts: SupergraphFacts;
  /** Generates the data anew and undoes the effects of mutations. */
  resetData(settings: DataSettings): void;
  /** By subgraph name. */
  readonly subgraphs: Readonly<Record<string, RequestHandler>>;
  /** Executes a request over one schema that holds all data. */
  executeMonolith(request: TestRequest): Promise<FormattedExecutionResult>;
}

/** @throws Error if the subgraphs do not compose */
export function createTestSupergraph(sdls: SubgraphSdls): TestSupergraph {
  const { supergraphSdl, documents } = composeSubgraphs(sdls);
  const supergraph = Supergraph.build(supergraphSdl);
  const schema = supergraph.apiSchema().toGraphQLJSSchema();
  const facts = collectSupergraphFacts(documents, supergraph.schema.toGraphQLJSSchema());
  for (const type of Object.values(schema.getTypeMap())) {
    if (isAbstractType(type) && schema.getPossibleTypes(type).length === 0) {
      throw new Error(`The type ${type.name} has no object types.`);
    }
  }
  const data = createGeneratedData(facts);
  const fieldResolver = createFieldResolver(facts, data, (object, requires) => {
    try {
      return data.selectFields(object, requires);
    } catch {
      throw new GraphQLError('A required field fails.', { extensions: { code: 'DEPENDENCY_FAILED' } });
    }
  });
  return {
    sdls,
    supergraphSdl,
    schema,
    facts,
    resetData: (settings) => (data.state = { ...settings, version: 0 }),
    subgraphs: Object.fromEntries(
      [...documents].map(([name, document]) => [name, createTestSubgraph(name, document, facts, data)]),
    ),
    async executeMonolith({ query, variables }) {
      return toJson(
        await execute({
          schema,
          document: parse(query),
          variableValues: variables ?? {},
          typeResolver: resolveObjectType,
          fieldResolver,
        }),
      );
    },
  };
}
