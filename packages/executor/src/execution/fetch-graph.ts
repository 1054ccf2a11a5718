import type { CompiledFetch } from './compile-fetch.js';
import { FetchJoin, MAX_JOINED_FETCHES } from './fetch-join.js';

/** A node of a query plan whose fetches are compiled. */
export type CompiledPlanNode =
  | {
      readonly kind: 'Fetch';
      readonly fetch: CompiledFetch;
      /** Present if deferred blocks depend on the fetch. */
      readonly id?: string | undefined;
    }
  | { readonly kind: 'Sequence' | 'Parallel'; readonly nodes: readonly CompiledPlanNode[] };

/**
 * The fetches of a stage with their dependencies. A stage is executed as a graph if some of its fetches can be joined: a tree of
 * sequences and parallel nodes cannot say that one request serves fetches of two sequences.
 */
export interface FetchGraph {
  readonly kind: 'Graph';
  readonly steps: readonly FetchStep[];
  readonly joinCount: number;
}

/** One fetch of a graph. */
export interface FetchStep {
  readonly index: number;
  readonly fetch: CompiledFetch;
  /** Number of steps that must be complete before it begins. */
  readonly dependencyCount: number;
  /** The steps that depend on it. */
  readonly dependents: readonly FetchStep[];
  /** The steps that one request can serve; `undefined` if this one is served alone. */
  readonly join: StepJoin | undefined;
  /** Stands for the step in the join. */
  readonly joinBit: number;
}

/** Steps of a graph that one request can serve. */
export interface StepJoin {
  readonly index: number;
  readonly stepCount: number;
  readonly fetchJoin: FetchJoin;
}

/** A step while the graph is built. */
interface StepDraft {
  readonly index: number;
  readonly fetch: CompiledFetch;
  readonly dependencyCount: number;
  readonly dependents: StepDraft[];
  /** Number of steps before it on the longest way. */
  level: number;
  join: StepJoin | undefined;
  joinBit: number;
}

/**
 * Finds the fetches of a stage that one request can serve: entity fetches of queries, to the same subgraph, with the same number
 * of fetches before them. A fetch on which no other depends is joined with the last of its subgraph, because the response cannot
 * be complete before.
 * @returns the node itself if there are none
 */
export function joinFetches(node: CompiledPlanNode): CompiledPlanNode | FetchGraph {
  if (!hasJoinableFetches(node, new Set())) return node;
  const steps: StepDraft[] = [];
  addSteps(node, [], steps);
  const joins = groupSteps(steps);
  for (const [index, group] of joins.entries()) {
    const fetchJoin = new FetchJoin(group.map(({ fetch }) => fetch));
    const join = { index, stepCount: group.length, fetchJoin };
    for (const [position, step] of group.entries()) {
      step.join = join;
      step.joinBit = 1 << position;
    }
  }
  return joins.length > 0 ? { kind: 'Graph', steps, joinCount: joins.length } : node;
}

const isJoinable = ({ representation, readContext, operation }: CompiledFetch): boolean =>
  representation !== undefined && readContext === undefined && operation.kind === 'query';

/** Whether two fetches could be joined if the dependencies allow it. @param services those of the joinable fetches before */
function hasJoinableFetches(node: CompiledPlanNode, services: Set<string>): boolean {
  if (node.kind !== 'Fetch') return node.nodes.some((each) => hasJoinableFetches(each, services));
  const { fetch } = node;
  if (!isJoinable(fetch)) return false;
  if (services.has(fetch.serviceName)) return true;
  services.add(fetch.serviceName);
  return false;
}

/**
 * Adds the fetches of a node.
 * @param dependencies the steps that must be complete before
 * @returns the steps that must be complete before what follows the node
 */
function addSteps(
  node: CompiledPlanNode,
  dependencies: readonly StepDraft[],
  steps: StepDraft[],
): readonly StepDraft[] {
  switch (node.kind) {
    case 'Fetch': {
      const level = Math.max(-1, ...dependencies.map((step) => step.level)) + 1;
      const step: StepDraft = {
        index: steps.length,
        fetch: node.fetch,
        dependencyCount: dependencies.length,
        dependents: [],
        level,
        join: undefined,
        joinBit: 0,
      };
      for (const dependency of dependencies) dependency.dependents.push(step);
      steps.push(step);
      return [step];
    }
    case 'Sequence':
      return node.nodes.reduce((before, each) => addSteps(each, before, steps), dependencies);
    case 'Parallel':
      return node.nodes.flatMap((each) => addSteps(each, dependencies, steps));
  }
}

/** Groups the steps to join: by subgraph and level, so that the groups do not depend on one another in a cycle. */
function groupSteps(steps: readonly StepDraft[]): StepDraft[][] {
  const joinable = steps.filter(({ fetch }) => isJoinable(fetch));
  const lastLevels = new Map<string, number>();
  for (const { fetch, level } of joinable) {
    lastLevels.set(fetch.serviceName, Math.max(level, lastLevels.get(fetch.serviceName) ?? 0));
  }
  const groups = new Map<string, StepDraft[]>();
  for (const step of joinable) {
    const { serviceName } = step.fetch;
    if (step.dependents.length === 0) step.level = lastLevels.get(serviceName) ?? step.level;
    const key = `${step.level} ${serviceName}`;
    const group = groups.get(key);
    if (group) group.push(step);
    else groups.set(key, [step]);
  }
  return [...groups.values()].flatMap(splitGroup).filter((group) => group.length > 1);
}

function splitGroup(group: readonly StepDraft[]): StepDraft[][] {
  const parts: StepDraft[][] = [];
  for (let from = 0; from < group.length; from += MAX_JOINED_FETCHES) {
    parts.push(group.slice(from, from + MAX_JOINED_FETCHES));
  }
  return parts;
}
