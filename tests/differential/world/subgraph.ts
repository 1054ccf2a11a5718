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
import type { Facts } from './facts.js';
import { findThing, told } from './representation.js';
import type { Thing, Values } from './values.js';

export interface Request {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

export type Ask = (request: Request) => Promise<FormattedExecutionResult>;

export const typeResolver: GraphQLTypeResolver<Thing, unknown> = ({ type }) => type;

/** @param required what is known of what a field requires */
export const resolveFields =
  (
    facts: Facts,
    values: Values,
    required: (thing: Thing, requires: SelectionSetNode) => unknown,
  ): GraphQLFieldResolver<Thing | undefined, unknown, Record<string, unknown>> =>
  (source, args, _, { parentType, fieldName }) => {
    const thing = source ?? { type: parentType.name, identity: parentType.name };
    const { requires } = facts.field(thing.type, fieldName);
    return values.valueOf(thing, fieldName, args, requires && required(thing, requires));
  };

/** A subgraph in this process. What it answers has been JSON, as an answer over HTTP. */
export function createSubgraph(name: string, typeDefs: DocumentNode, facts: Facts, values: Values): Ask {
  const entities = typeDefs.definitions.flatMap((definition) =>
    definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION
      ? definition.directives?.some((directive) => directive.name.value === 'key') === true
        ? [definition.name.value]
        : []
      : [],
  );
  const resolveReference = (representation: Record<string, unknown>) =>
    findThing(facts, values, name, representation);
  const schema = buildSubgraphSchema([
    {
      typeDefs,
      resolvers: Object.fromEntries(
        entities.map((type) => [type, { __resolveReference: resolveReference, ...typeOf(type, typeDefs) }]),
      ),
    },
  ]);
  const fieldResolver = resolveFields(facts, values, ({ representation = {} }, requires) =>
    told(facts, representation, requires),
  );
  const documents = new Map<string, DocumentNode>();

  return async ({ query, variables }) => {
    const document = documents.get(query) ?? parse(query);
    if (!documents.has(query)) {
      const errors = validate(schema, document);
      if (errors.length > 0) return asJson({ errors });
      documents.set(query, document);
    }
    return asJson(
      await execute({ schema, document, variableValues: variables ?? {}, fieldResolver, typeResolver }),
    );
  };
}

/** The type of an interface's entities, which `_entities` asks for by another way than execution does. */
const typeOf = (type: string, typeDefs: DocumentNode) =>
  typeDefs.definitions.some(
    (each) => each.kind === Kind.INTERFACE_TYPE_DEFINITION && each.name.value === type,
  )
    ? { __resolveType: ({ type: name }: Thing) => name }
    : {};

export const asJson = (result: ExecutionResult): FormattedExecutionResult =>
  JSON.parse(JSON.stringify(result)) as FormattedExecutionResult;
