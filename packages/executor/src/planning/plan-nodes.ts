import { print, stripIgnoredCharacters, visit, type ASTNode, type OperationDefinitionNode } from 'graphql';
import { parseSingleOperation } from '../shared/graphql-ast.js';
import type { FetchNode, PlanNode, PlanPath } from './query-planner.js';

/** Parses the operation of a fetch. */
export const parseFetchOperation = ({ operation }: FetchNode): OperationDefinitionNode =>
  parseSingleOperation(operation);

/** Returns the fetch with another operation. Its name and variables must fit. */
export const replaceFetchOperation = (fetch: FetchNode, operation: OperationDefinitionNode): FetchNode => ({
  ...fetch,
  operation: stripIgnoredCharacters(print(operation)),
});

/** The client's variables that none of the nodes uses. */
export function findUnusedVariables({ variableUsages }: FetchNode, nodes: readonly ASTNode[]): Set<string> {
  const unused = new Set(variableUsages);
  for (const node of nodes) visit(node, { Variable: ({ name }) => void unused.delete(name.value) });
  return unused;
}

/**
 * Replaces or removes the fetches of a plan. Nodes that become empty are removed.
 * @param change receives a fetch and its path in the response; returns `undefined` to remove it
 * @returns `undefined` if no fetch remains
 */
export function mapFetches(
  node: PlanNode,
  change: (fetch: FetchNode, path: PlanPath) => PlanNode | undefined,
  path: PlanPath = [],
): PlanNode | undefined {
  switch (node.kind) {
    case 'Fetch':
      return change(node, path);
    case 'Flatten': {
      const inner = mapFetches(node.node, change, [...path, ...node.path]);
      return inner && { ...node, node: inner };
    }
    case 'Sequence':
    case 'Parallel': {
      const nodes = node.nodes.flatMap((each) => mapFetches(each, change, path) ?? []);
      return nodes.length > 0 ? { ...node, nodes } : undefined;
    }
  }
}
