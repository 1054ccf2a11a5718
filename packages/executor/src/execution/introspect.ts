import {
  executeSync,
  Kind,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { filterRoot } from '../shared/graphql-ast.js';
import type { Tree } from './tree.js';

/** What an operation asks of the schema itself. */
export type Introspect = (variables: Readonly<Record<string, unknown>>) => Tree;

const isIntrospection = (name: string): boolean => name === '__schema' || name === '__type';

/** @returns undefined where an operation asks nothing of the schema */
export function compileIntrospection(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Introspect | undefined {
  const asked = filterRoot(document, operation, ({ name }) => isIntrospection(name.value));
  if (asked.selectionSet.selections.length === 0) return undefined;
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  const only: DocumentNode = { kind: Kind.DOCUMENT, definitions: [asked, ...fragments] };
  const answer: Introspect = (variableValues) =>
    executeSync({ schema, document: only, rootValue: {}, variableValues }).data ?? {};
  if (operation.variableDefinitions?.length) return answer;
  let constant: Tree | undefined;
  return (variables) => (constant ??= answer(variables));
}
