import {
  executeSync,
  Kind,
  OperationTypeNode,
  visit,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type TypeNode,
  type VariableDefinitionNode,
} from 'graphql';
import type { VariableValues } from '../planning/query-planner.js';
import { createSelectionSet } from '../shared/graphql-ast.js';

/** Resolves one response key of `__schema` or `__type` from the schema. Nobody may change the result. */
export type ResolveIntrospection = (variables: VariableValues) => unknown;

/** What the introspection fields of an operation have in common. */
export interface IntrospectionContext {
  /** The schema that clients see. */
  readonly apiSchema: GraphQLSchema;
  /** By name. */
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variableDefinitions: readonly VariableDefinitionNode[];
}

const RESULT_KEY = 'result';

/**
 * Compiles the fields with one response key. graphql-js executes them on the schema, so that the result is its own.
 * @param nodes all have the name `__schema`, or all `__type` and equal arguments
 */
export function compileIntrospection(
  { apiSchema, fragments, variableDefinitions }: IntrospectionContext,
  nodes: readonly FieldNode[],
): ResolveIntrospection {
  const selections = nodes.map((node): FieldNode => ({
    ...node,
    alias: { kind: Kind.NAME, value: RESULT_KEY },
    directives: [],
  }));
  const definitions = [...fragments.values()].filter(({ typeCondition }) =>
    typeCondition.name.value.startsWith('__'),
  );
  const usedVariables = new Set<string>();
  for (const root of [...selections, ...definitions]) {
    visit(root, { Variable: ({ name }) => void usedVariables.add(name.value) });
  }
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [
      {
        kind: Kind.OPERATION_DEFINITION,
        operation: OperationTypeNode.QUERY,
        variableDefinitions: variableDefinitions.filter(
          ({ variable, type }) => usedVariables.has(variable.name.value) && hasIntrospectionType(type),
        ),
        selectionSet: createSelectionSet(selections),
      },
      ...definitions,
    ],
  };
  const introspect: ResolveIntrospection = (variableValues) =>
    executeSync({ schema: apiSchema, document, rootValue: {}, variableValues }).data?.[RESULT_KEY];

  // A field in a list is resolved once per response.
  let result: { readonly variables: VariableValues | undefined; readonly value: unknown } | undefined;
  return (variables) => {
    const cacheKey = usedVariables.size > 0 ? variables : undefined;
    if (result?.variables !== cacheKey || !result)
      result = { variables: cacheKey, value: introspect(variables) };
    return result.value;
  };
}

/** The arguments of the introspection system are texts and Booleans. graphql-js would coerce other values a second time. */
const hasIntrospectionType = (type: TypeNode): boolean =>
  type.kind === Kind.NAMED_TYPE
    ? type.name.value === 'String' || type.name.value === 'Boolean'
    : hasIntrospectionType(type.type);
