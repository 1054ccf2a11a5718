import type { CompiledFetch } from './compile-fetch.js';
import type { Run } from './run.js';
import { targetsAt } from './targets.js';
import type { Tree } from './tree.js';

/** What a fetch of entities has come by so far. */
export interface Visit {
  readonly targets: readonly Tree[];
  /** Those that have not got what it requires, and whether that is marked. */
  readonly lacking: Map<Tree, boolean>;
}

const NONE: readonly Tree[] = [];

/**
 * The objects that a fetch is to be made for: all at its path, and when a plan is run again those that have come since, or
 * had not got what the fetch requires.
 */
export function dueTargets(run: Run, fetch: CompiledFetch): readonly Tree[] {
  if (run.isAgain && !fetch.representation) return NONE;
  const targets = targetsAt(run.tree, fetch.path, run.shared);
  if (!fetch.representation) return targets;
  run.visits ??= new Map<CompiledFetch, Visit>();
  const visit = run.visits.get(fetch);
  run.visits.set(fetch, { targets, lacking: visit?.lacking ?? new Map<Tree, boolean>() });
  if (!visit) return targets;
  const before = new Set(visit.targets);
  return targets.filter((target) => visit.lacking.has(target) || !before.has(target));
}
