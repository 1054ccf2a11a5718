import {
  Kind,
  parse,
  print,
  validate,
  visit,
  type ASTNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
} from 'graphql';
import { minimize } from '../minimize.js';
import type { TestRequest } from '../test-supergraph/test-subgraph.js';

const REMOVABLE: ReadonlySet<string> = new Set([
  Kind.FIELD,
  Kind.INLINE_FRAGMENT,
  Kind.FRAGMENT_SPREAD,
  Kind.DIRECTIVE,
  Kind.ARGUMENT,
  Kind.OBJECT_FIELD,
]);

/**
 * @param stillFails whether a smaller, valid request still fails
 * @returns a request that no longer fails if any part is removed
 */
export const shrinkOperation = (
  schema: GraphQLSchema,
  request: TestRequest,
  stillFails: (request: TestRequest) => Promise<boolean>,
): Promise<TestRequest> =>
  minimize(
    request,
    getSmallerRequests,
    async (smaller) => validate(schema, parse(smaller.query)).length === 0 && (await stillFails(smaller)),
  );

function getSmallerRequests({ query, variables }: TestRequest): (() => TestRequest)[] {
  const document = parse(query, { noLocation: true });
  const smaller: (() => TestRequest)[] = [];
  const replaceWith = (node: ASTNode, replacements: readonly ASTNode[]) =>
    smaller.push(() => removeUnused(replaceNode(document, node, replacements), variables));
  visit(document, {
    enter(node) {
      if (REMOVABLE.has(node.kind)) replaceWith(node, []);
      if (node.kind === Kind.INLINE_FRAGMENT) replaceWith(node, node.selectionSet.selections);
      if (node.kind === Kind.FRAGMENT_SPREAD) replaceWith(node, inline(document, node.name.value));
      if (node.kind === Kind.FIELD && node.alias) {
        replaceWith(node, [withoutAlias(node)]);
      }
    },
  });
  return smaller;
}

const withoutAlias = (field: FieldNode): FieldNode =>
  Object.fromEntries(Object.entries(field).filter(([key]) => key !== 'alias')) as unknown as FieldNode;

function inline(document: DocumentNode, name: string): ASTNode[] {
  const fragment = document.definitions.find(
    (each) => each.kind === Kind.FRAGMENT_DEFINITION && each.name.value === name,
  );
  if (fragment?.kind !== Kind.FRAGMENT_DEFINITION) return [];
  const { typeCondition, selectionSet } = fragment;
  return [{ kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet }];
}

/** Replaces a node in a list of nodes. */
const replaceNode = (document: DocumentNode, node: ASTNode, replacements: readonly ASTNode[]): DocumentNode =>
  visit<DocumentNode>(document, {
    enter(parent): unknown {
      for (const [key, value] of Object.entries(parent) as [string, unknown][]) {
        const index = Array.isArray(value) ? value.indexOf(node) : -1;
        if (index >= 0)
          return { ...parent, [key]: (value as unknown[]).toSpliced(index, 1, ...replacements) };
      }
      return undefined;
    },
  });

/** Removes unused fragments and variables. */
function removeUnused(document: DocumentNode, variables: TestRequest['variables']): TestRequest {
  const definitions = usedDefinitions(document.definitions);
  const used = usedNames(definitions, Kind.VARIABLE);
  return {
    query: definitions
      .map((each) => (each.kind === Kind.OPERATION_DEFINITION ? withVariables(each, used) : each))
      .map(print)
      .join('\n'),
    variables: Object.fromEntries(Object.entries(variables ?? {}).filter(([name]) => used.has(name))),
  };
}

const withVariables = (
  operation: Extract<DefinitionNode, { kind: Kind.OPERATION_DEFINITION }>,
  used: ReadonlySet<string>,
): DefinitionNode => ({
  ...operation,
  variableDefinitions: (operation.variableDefinitions ?? []).filter(({ variable }) =>
    used.has(variable.name.value),
  ),
});

function usedDefinitions(definitions: readonly DefinitionNode[]): readonly DefinitionNode[] {
  const used = usedNames(definitions, Kind.FRAGMENT_SPREAD);
  const kept = definitions.filter(
    (each) => each.kind !== Kind.FRAGMENT_DEFINITION || used.has(each.name.value),
  );
  return kept.length < definitions.length ? usedDefinitions(kept) : kept;
}

/** Ignores variable definitions: they are not uses. */
function usedNames(nodes: readonly ASTNode[], kind: Kind.FRAGMENT_SPREAD | Kind.VARIABLE): Set<string> {
  const names = new Set<string>();
  for (const node of nodes) {
    visit(node, {
      enter(each) {
        if (each.kind === Kind.VARIABLE_DEFINITION) return false;
        if (each.kind === kind) names.add(each.name.value);
        return undefined;
      },
    });
  }
  return names;
}
