import type { FetchNode, PlanNode, ResponsePath } from '@apollo/query-planner';

/** Where in a plan a fetch stands. */
export interface Place {
  /** Of the response. */
  readonly path: ResponsePath;
  /** Whether it is left out for some values of the variables. */
  readonly conditional: boolean;
}

/**
 * Exchanges the fetches of a plan, or takes them out, and with them the nodes that hold nothing else.
 * @returns undefined where nothing is left
 */
export function mapFetches(
  node: PlanNode,
  change: (fetch: FetchNode, place: Place) => FetchNode | undefined,
  place: Place = { path: [], conditional: false },
): PlanNode | undefined {
  const inner = (each: PlanNode | undefined, there = place) => each && mapFetches(each, change, there);
  switch (node.kind) {
    case 'Fetch':
      return change(node, place);
    case 'Flatten': {
      const held = inner(node.node, { ...place, path: [...place.path, ...node.path] });
      return held && { ...node, node: held };
    }
    case 'Sequence':
    case 'Parallel': {
      const nodes = node.nodes.flatMap((each) => inner(each) ?? []);
      return nodes.length > 0 ? { ...node, nodes } : undefined;
    }
    case 'Condition': {
      const conditional = { ...place, conditional: true };
      const ifClause = inner(node.ifClause, conditional);
      const elseClause = inner(node.elseClause, conditional);
      if (!ifClause && !elseClause) return undefined;
      return { ...node, ...(ifClause ? { ifClause } : {}), ...(elseClause ? { elseClause } : {}) };
    }
    case 'Defer':
      return node;
  }
}
