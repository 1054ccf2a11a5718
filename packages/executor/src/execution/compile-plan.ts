import type { PlanNode, ResponsePath } from '@apollo/query-planner';
import { compileFetch, type Compiling } from './compile-fetch.js';
import { runFetch } from './execute-fetch.js';
import type { Run } from './execution-state.js';

/** Runs a part of a plan. It never rejects. */
export type Step = (run: Run) => Promise<void>;

/**
 * Runs plans one after the other. Where something has gone wrong one is run again, for as long as there is more to ask for:
 * what one fetch failed to give to another may have come from a third since. No fetch asks for the same object twice.
 */
export function compileStages(nodes: readonly PlanNode[], compiling: Compiling): Step {
  const stages = nodes.map((node) => compilePlan(node, compiling));
  const [only] = stages;
  if (only && stages.length === 1 && nodes[0]?.kind === 'Fetch') return only;
  return async (run) => {
    for (const stage of stages) {
      run.isAgain = false;
      await stage(run);
      run.isAgain = true;
      let before = 0;
      while (run.faults && run.asked > before) {
        before = run.asked;
        await stage(run);
      }
    }
  };
}

/** @param path of the tree, at which the part stands */
function compilePlan(node: PlanNode, compiling: Compiling, path: ResponsePath = []): Step {
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
