import { prettyFormatQueryPlan, type QueryPlan as ApolloQueryPlan } from '@apollo/query-planner';
import { Kind, OperationTypeNode, parse, print, type OperationDefinitionNode } from 'graphql';
import {
  formatPlanPath,
  type DeferralPlan,
  type FetchNode,
  type OperationPlan,
  type PlanNode,
  type PlanPath,
} from './query-planner.js';

/**
 * How an operation is answered, in the JSON format of Apollo's query plans:
 * https://www.apollographql.com/docs/graphos/reference/federation/query-plans
 */
export interface QueryPlan {
  readonly kind: 'QueryPlan';
  /** Absent if no subgraph is asked. */
  readonly node?: PlanNode | DeferNode;
}

/** A plan whose response is sent in parts. */
export interface DeferNode {
  readonly kind: 'Defer';
  readonly primary: { readonly node?: PlanNode };
  readonly deferred: readonly DeferredNode[];
}

/** What is fetched for one deferred fragment. */
export interface DeferredNode {
  /** The fetches after which it begins. */
  readonly depends: readonly { readonly id: string }[];
  readonly label?: string;
  readonly queryPath: readonly string[];
  readonly node?: PlanNode;
}

export function createQueryPlan({
  stages,
  deferral,
}: Pick<OperationPlan, 'stages'> & Partial<Pick<OperationPlan, 'deferral'>>): QueryPlan {
  const [first, ...others] = stages.map(formatPaths);
  const primary =
    first && (others.length === 0 ? first : ({ kind: 'Sequence', nodes: [first, ...others] } as const));
  if (deferral) return { kind: 'QueryPlan', node: createDeferNode(primary, deferral) };
  return primary ? { kind: 'QueryPlan', node: primary } : { kind: 'QueryPlan' };
}

const createDeferNode = (primary: PlanNode | undefined, { blocks, fragments }: DeferralPlan): DeferNode => ({
  kind: 'Defer',
  primary: primary ? { node: primary } : {},
  deferred: blocks.map(({ fragment, dependsOn, node }) => {
    const label = fragments[fragment]?.label;
    return {
      depends: dependsOn.map((id) => ({ id })),
      ...(label !== undefined && { label }),
      queryPath: [],
      ...(node && { node: formatPaths(node) }),
    };
  }),
});

/** Copies only what has type conditions in its paths: every new operation has its plan formatted, and few plans are looked at. */
function formatPaths(node: PlanNode): PlanNode {
  switch (node.kind) {
    case 'Fetch':
      return node;
    case 'Flatten': {
      const inner = formatPaths(node.node);
      const hasConditions = node.path.some((step) => typeof step !== 'string');
      if (inner === node.node && !hasConditions) return node;
      return { ...node, path: formatPlanPath(node.path), node: inner };
    }
    case 'Sequence':
    case 'Parallel': {
      const nodes = node.nodes.map(formatPaths);
      return nodes.every((each, index) => each === node.nodes[index]) ? node : { ...node, nodes };
    }
  }
}

/** Formats a plan as indented text, as Apollo's tools do. */
export const formatQueryPlan = (plan: QueryPlan): string =>
  prettyFormatQueryPlan(plan as unknown as ApolloQueryPlan);

/** Maximum number of lines of a selection in a diagram. */
const MAX_DIAGRAM_LINES = 12;

/** Draws a plan as a Mermaid flowchart: https://mermaid.js.org/syntax/flowchart.html */
export function drawQueryPlan({ node }: QueryPlan): string {
  const lines = ['flowchart TD', '  request([Request])', '  response([Response])'];
  let fetchCount = 0;
  /** The names of fetches in the diagram, by their ids in the plan. */
  const fetchNames = new Map<string, string>();
  /** Draws a node after others. @returns the ids of the fetches that end it */
  const draw = (planNode: PlanNode, previous: readonly string[], path: PlanPath): readonly string[] => {
    switch (planNode.kind) {
      case 'Fetch': {
        fetchCount += 1;
        const id = `fetch${fetchCount}`;
        if (planNode.id !== undefined) fetchNames.set(planNode.id, id);
        lines.push(`  ${id}["${describeFetch(planNode, path)}"]`);
        for (const from of previous) lines.push(`  ${from} --> ${id}`);
        return [id];
      }
      case 'Flatten':
        return draw(planNode.node, previous, [...path, ...planNode.path]);
      case 'Sequence':
        return planNode.nodes.reduce((before, each) => draw(each, before, path), previous);
      case 'Parallel':
        return planNode.nodes.flatMap((each) => draw(each, previous, path));
    }
  };
  const primary = node?.kind === 'Defer' ? node.primary.node : node;
  const last = primary ? draw(primary, ['request'], []) : ['request'];
  for (const from of last) lines.push(`  ${from} --> response`);
  for (const [index, deferred] of (node?.kind === 'Defer' ? node.deferred : []).entries()) {
    const part = `part${index + 1}`;
    lines.push(
      `  ${part}([Deferred${deferred.label === undefined ? '' : ` ${escapeDiagramText(deferred.label)}`}])`,
    );
    const before = deferred.depends.flatMap(({ id }) => fetchNames.get(id) ?? []);
    const after = before.length > 0 ? before : ['request'];
    const lastOfPart = deferred.node ? draw(deferred.node, after, []) : after;
    for (const from of lastOfPart) lines.push(`  ${from} -.-> ${part}`);
  }
  return lines.join('\n');
}

function describeFetch(
  { serviceName, operationKind, operation, requires }: FetchNode,
  path: PlanPath,
): string {
  const [{ selectionSet }] = parse(operation).definitions as [OperationDefinitionNode];
  const [entities] = selectionSet.selections;
  const entitySelections =
    requires !== undefined && entities?.kind === Kind.FIELD ? entities.selectionSet : undefined;
  const selectionLines = print(entitySelections ?? selectionSet).split('\n');
  const lines = [
    operationKind === OperationTypeNode.QUERY ? serviceName : `${serviceName}: ${operationKind}`,
    ...(path.length > 0 ? [`for each ${formatPlanPath(path).join('.')}`] : []),
    ...selectionLines.slice(0, MAX_DIAGRAM_LINES),
    ...(selectionLines.length > MAX_DIAGRAM_LINES ? ['…'] : []),
  ];
  return lines.map(escapeDiagramText).join('<br/>');
}

/** Mermaid writes characters that end a label or format it as entity codes. */
const escapeDiagramText = (text: string): string =>
  text.replaceAll(/[^\p{L}\p{N} .,:()_@$!-]/gu, (character) => `#${character.codePointAt(0) ?? ''};`);
