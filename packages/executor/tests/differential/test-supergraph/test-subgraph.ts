import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  execute,
  Kind,
  parse,
  validate,
  type DocumentNode,
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLFieldResolver,
  type GraphQLTypeResolver,
  type SelectionSetNode,
} from 'graphql';
import type { DataObject, GeneratedData } from './generated-data.js';
import { findEntity, pickRepresentationFields } from './resolve-representation.js';
import type { SupergraphFacts } from './supergraph-facts.js';

export interface TestRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

/** Executes requests: a subgraph, or an engine over subgraphs. */
export type RequestHandler = (request: TestRequest) => Promise<FormattedExecutionResult>;

/** graphql-js calls it for objects of interface and union types. */
export const resolveObjectType: GraphQLTypeResolver<DataObject, unknown> = ({ type }) => type;

/** @param getRequired returns the data of the fields that a field requires */
export const createFieldResolver =
  (
    facts: SupergraphFacts,
    data: GeneratedData,
    getRequired: (object: DataObject, requires: SelectionSetNode) => unknown,
  ): GraphQLFieldResolver<DataObject | undefined, unknown, Record<string, unknown>> =>
  (source, args, _, { parentType, fieldName }) => {
    const object = source ?? { type: parentType.name, identity: parentType.name };
    const { requires } = facts.getField(object.type, fieldName);
    return data.resolveField(object, fieldName, args, requires && getRequired(object, requires));
  };

/** Creates a subgraph in this process. Its responses are plain JSON, as over HTTP. */
export function createTestSubgraph(
  name: string,
  typeDefs: DocumentNode,
  facts: SupergraphFacts,
  data: GeneratedData,
): RequestHandler {
  const entityTypes = typeDefs.definitions.flatMap((definition) =>
    definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION
      ? definition.directives?.some((directive) => directive.name.value === 'key') === true
        ? [definition.name.value]
        : []
      : [],
  );
  const resolveReference = (representation: Record<string, unknown>) =>
    findEntity(facts, data, name, representation);
  const schema = buildSubgraphSchema([
    {
      typeDefs,
      resolvers: Object.fromEntries(
        entityTypes.map((type) => [
          type,
          { __resolveReference: resolveReference, ...createInterfaceResolver(type, typeDefs) },
        ]),
      ),
    },
  ]);
  const fieldResolver = createFieldResolver(facts, data, ({ representation = {} }, requires) =>
    pickRepresentationFields(facts, representation, requires),
  );
  const documents = new Map<string, DocumentNode>();

  return async ({ query, variables }) => {
    const document = documents.get(query) ?? parse(query);
    if (!documents.has(query)) {
      const errors = validate(schema, document);
      if (errors.length > 0) return toJson({ errors });
      documents.set(query, document);
    }
    return toJson(
      await execute({
        schema,
        document,
        variableValues: variables ?? {},
        fieldResolver,
        typeResolver: resolveObjectType,
      }),
    );
  };
}

/** `_entities` resolves the type of an entity interface with `__resolveType`, not with the type resolver of `execute`. */
const createInterfaceResolver = (type: string, typeDefs: DocumentNode) =>
  typeDefs.definitions.some(
    (each) => each.kind === Kind.INTERFACE_TYPE_DEFINITION && each.name.value === type,
  )
    ? { __resolveType: ({ type: name }: DataObject) => name }
    : {};

/** @returns the result as a client parses it */
export const toJson = (result: ExecutionResult): FormattedExecutionResult =>
  JSON.parse(JSON.stringify(result)) as FormattedExecutionResult;
