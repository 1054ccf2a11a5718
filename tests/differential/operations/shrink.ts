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
import { minimise } from '../minimise.js';
import type { Request } from '../world/subgraph.js';

const REMOVABLE: ReadonlySet<string> = new Set([
  Kind.FIELD,
  Kind.INLINE_FRAGMENT,
  Kind.FRAGMENT_SPREAD,
  Kind.DIRECTIVE,
  Kind.ARGUMENT,
  Kind.OBJECT_FIELD,
]);

/**
 * @param fails whether a request still shows a fault; it is asked of valid ones only
 * @returns one that does not, when anything is taken out of it
 */
export const shrinkOperation = (
  schema: GraphQLSchema,
  request: Request,
  fails: (request: Request) => Promise<boolean>,
): Promise<Request> =>
  minimise(
    request,
    attempts,
    async (smaller) => validate(schema, parse(smaller.query)).length === 0 && (await fails(smaller)),
  );

function attempts({ query, variables }: Request): (() => Request)[] {
  const document = parse(query, { noLocation: true });
  const ways: (() => Request)[] = [];
  const instead = (node: ASTNode, by: readonly ASTNode[]) =>
    ways.push(() => tidy(exchange(document, node, by), variables));
  visit(document, {
    enter(node) {
      if (REMOVABLE.has(node.kind)) instead(node, []);
      if (node.kind === Kind.INLINE_FRAGMENT) instead(node, node.selectionSet.selections);
      if (node.kind === Kind.FRAGMENT_SPREAD) instead(node, inline(document, node.name.value));
      if (node.kind === Kind.FIELD && node.alias) {
        instead(node, [withoutAlias(node)]);
      }
    },
  });
  return ways;
}

/** Under the field's own name. */
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

/** Puts nodes in the place of one that is in a list. */
const exchange = (document: DocumentNode, node: ASTNode, by: readonly ASTNode[]): DocumentNode =>
  visit<DocumentNode>(document, {
    enter(parent): unknown {
      for (const [key, value] of Object.entries(parent) as [string, unknown][]) {
        const index = Array.isArray(value) ? value.indexOf(node) : -1;
        if (index >= 0) return { ...parent, [key]: (value as unknown[]).toSpliced(index, 1, ...by) };
      }
      return undefined;
    },
  });

/** Drops fragments and variables that are not used any more. */
function tidy(document: DocumentNode, variables: Request['variables']): Request {
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

/** Names of variables count where they are used, not where they are declared. */
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
