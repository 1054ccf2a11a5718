import type { CompiledFetch } from './compile-fetch.js';
import type { Run } from './execution-state.js';
import type { Tree } from './tree.js';

/** What a fetch of entities has come by so far. */
export interface Visit {
  readonly targets: readonly Tree[];
  /** Those that have not got what it requires, and whether that is marked. */
  readonly lacking: Map<Tree, boolean>;
}

/**
 * The objects that a fetch is to be made for: at first all, and when a plan is run again those that have come since, or had
 * not got what the fetch requires.
 */
export function dueTargets(run: Run, fetch: CompiledFetch, targets: readonly Tree[]): readonly Tree[] {
  run.visits ??= new Map<CompiledFetch, Visit>();
  const visit = run.visits.get(fetch);
  run.visits.set(fetch, { targets, lacking: visit?.lacking ?? new Map<Tree, boolean>() });
  if (!visit) return targets;
  const before = new Set(visit.targets);
  return targets.filter((target) => visit.lacking.has(target) || !before.has(target));
}
