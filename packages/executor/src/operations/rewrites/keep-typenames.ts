import type { FetchNode, PlanNode, QueryPlan, SubscriptionNode } from '@apollo/query-planner';
import {
  Kind,
  parse,
  print,
  stripIgnoredCharacters,
  type DocumentNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/**
 * Takes `__typename` out of what is fetched from a subgraph that knows an interface's entities by the interface only
 * (`@interfaceObject`): it would answer with the interface's name, and overwrite the entity's own.
 */
export const keepTypenames = (plan: QueryPlan): QueryPlan =>
  plan.node ? { ...plan, node: keep(plan.node) } : plan;

function keep<Node extends PlanNode | SubscriptionNode>(node: Node): Node {
  switch (node.kind) {
    case 'Fetch':
      return node.inputRewrites?.some(setsTypename) ? withoutTypename(node) : node;
    case 'Flatten':
      return { ...node, node: keep(node.node) };
    case 'Sequence':
    case 'Parallel':
      return { ...node, nodes: node.nodes.map(keep) };
    case 'Condition':
      return {
        ...node,
        ...(node.ifClause && { ifClause: keep(node.ifClause) }),
        ...(node.elseClause && { elseClause: keep(node.elseClause) }),
      };
    case 'Subscription':
      return { ...node, ...(node.rest && { rest: keep(node.rest) }) };
    default:
      return node;
  }
}

const setsTypename = (rewrite: NonNullable<FetchNode['inputRewrites']>[number]): boolean =>
  rewrite.kind === 'ValueSetter' && rewrite.path.at(-1) === '__typename';

function withoutTypename<Node extends FetchNode>(fetch: Node): Node {
  const document = fetch.operationDocumentNode ?? parse(fetch.operation);
  const definitions = document.definitions.map((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return definition;
    const selections = definition.selectionSet.selections.map(entitiesWithout);
    return { ...definition, selectionSet: { ...definition.selectionSet, selections } };
  });
  const bareDocument: DocumentNode = { ...document, definitions };
  return {
    ...fetch,
    operation: stripIgnoredCharacters(print(bareDocument)),
    ...(fetch.operationDocumentNode && { operationDocumentNode: bareDocument }),
  };
}

/** Of the entities themselves only; what they refer to keeps its own. */
function entitiesWithout(node: SelectionNode): SelectionNode {
  if (node.kind === Kind.FRAGMENT_SPREAD || !node.selectionSet) return node;
  return { ...node, selectionSet: bare(node.selectionSet) };
}

function bare(set: SelectionSetNode): SelectionSetNode {
  const selections = set.selections.flatMap((node): SelectionNode[] => {
    if (node.kind === Kind.INLINE_FRAGMENT) return [{ ...node, selectionSet: bare(node.selectionSet) }];
    return node.kind === Kind.FIELD && node.name.value === '__typename' ? [] : [node];
  });
  return { ...set, selections };
}
