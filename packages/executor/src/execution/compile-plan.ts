import type { PlanNode, ResponsePath } from '@apollo/query-planner';
import { compileFetch, type Compiling } from './compile-fetch.js';
import { runFetch } from './run-fetch.js';
import type { Run } from './run.js';

/** Runs a part of a plan. It never rejects. */
export type Step = (run: Run) => Promise<void>;

/** @param path of the tree, at which the part stands */
export function compilePlan(node: PlanNode, compiling: Compiling, path: ResponsePath = []): Step {
  const inner = (each: PlanNode) => compilePlan(each, compiling, path);
  switch (node.kind) {
    case 'Fetch': {
      if (node.contextRewrites?.length) throw new Error('Plans with @fromContext are not supported.');
      const fetch = compileFetch(node, path, compiling);
      return (run) => runFetch(run, fetch);
    }
    case 'Flatten':
      return compilePlan(node.node, compiling, [...path, ...node.path]);
    case 'Sequence': {
      const steps = node.nodes.map(inner);
      return async (run) => {
        for (const step of steps) await step(run);
      };
    }
    case 'Parallel': {
      const steps = node.nodes.map(inner);
      return async (run) => {
        await Promise.all(steps.map((step) => step(run)));
      };
    }
    case 'Condition': {
      const { condition, ifClause, elseClause } = node;
      const [yes, no] = [ifClause && inner(ifClause), elseClause && inner(elseClause)];
      return async (run) => (run.variables[condition] === true ? yes : no)?.(run);
    }
    case 'Defer':
      throw new Error('Plans with @defer are not supported.');
  }
}
