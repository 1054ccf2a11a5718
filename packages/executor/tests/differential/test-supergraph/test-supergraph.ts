import { Supergraph } from '@apollo/federation-internals';
import {
  buildSchema,
  execute,
  GraphQLError,
  isAbstractType,
  parse,
  print,
  printSchema,
  visit,
  type FieldDefinitionNode,
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
import { makeNullable } from './type-nodes.js';

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
  /** The same, but each field can be null: no error hides another, so the response has the errors of all fields. */
  executeNullableMonolith(request: TestRequest): Promise<FormattedExecutionResult>;
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
  let nullableSchema: GraphQLSchema | undefined;
  const executeOn = async (executedSchema: GraphQLSchema, { query, variables }: TestRequest) =>
    toJson(
      await execute({
        schema: executedSchema,
        document: parse(query),
        variableValues: variables ?? {},
        typeResolver: resolveObjectType,
        fieldResolver,
      }),
    );
  return {
    sdls,
    supergraphSdl,
    schema,
    facts,
    resetData: (settings) => (data.state = { ...settings, version: 0 }),
    subgraphs: Object.fromEntries(
      [...documents].map(([name, document]) => [name, createTestSubgraph(name, document, facts, data)]),
    ),
    executeMonolith: (request) => executeOn(schema, request),
    executeNullableMonolith: (request) => executeOn((nullableSchema ??= makeFieldsNullable(schema)), request),
  };
}

const makeFieldsNullable = (schema: GraphQLSchema): GraphQLSchema =>
  buildSchema(
    print(
      visit(parse(printSchema(schema)), {
        FieldDefinition: (field): FieldDefinitionNode => ({ ...field, type: makeNullable(field.type) }),
      }),
    ),
  );
