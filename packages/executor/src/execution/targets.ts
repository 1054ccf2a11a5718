import type { ResponsePath } from '@apollo/query-planner';
import { valueAt, type Tree } from './tree.js';

/** Marks every element of a list in the paths of plans. */
export const EVERY_ELEMENT = '@';

/**
 * The objects at a path of the tree.
 * @param shared objects and lists that stand in more than one place; what they lead to is given once
 */
export function targetsAt(tree: Tree, path: ResponsePath, shared: ReadonlySet<object>): Tree[] {
  const targets: Tree[] = [];
  // Only what is shared is reached again.
  const seen = shared.size > 0 ? new Set<object>() : undefined;
  const collect = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null) return;
    if (seen) {
      if (seen.has(value)) return;
      if (shared.has(value)) seen.add(value);
    }
    const step = path[depth];
    if (Array.isArray(value)) {
      const below = step === EVERY_ELEMENT ? depth + 1 : depth;
      for (const element of value) collect(element, below);
    } else if (step === undefined) targets.push(value as Tree);
    else if (typeof step === 'string') collect(valueAt(value as Tree, step), depth + 1);
  };
  collect(tree, 0);
  return targets;
}
