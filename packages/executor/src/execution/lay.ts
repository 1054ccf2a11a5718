import { merge, share } from './response-tree.js';
import type { Run } from './execution-state.js';
import type { Tree } from './tree.js';

/** Lays what a fetch gave on all objects that it was for. */
export function lay(run: Run, data: Tree, targets: readonly Tree[]): void {
  if (targets.length > 1) share(data, run.shared);
  for (const target of targets) merge(target, data, run);
}
