import type { FetchDataRewrite } from '@apollo/query-planner';
import type { TypeConditions } from '../supergraph/type-conditions.js';
import type { Path } from './field-errors.js';
import { isTree, valueAt, type Tree } from './tree.js';

/** Changes data in place, as a plan asks for it before or after a fetch. */
export type Rewrite = (data: unknown) => void;

const ON_TYPE = '... on ';

export function compileRewrites(
  rewrites: readonly FetchDataRewrite[] | undefined,
  types: TypeConditions,
): Rewrite | undefined {
  if (!rewrites?.length) return undefined;
  const all = rewrites.map((rewrite) => compileRewrite(rewrite, types));
  return (data) => {
    for (const rewrite of all) rewrite(data);
  };
}

function compileRewrite(rewrite: FetchDataRewrite, types: TypeConditions): Rewrite {
  const name = rewrite.path.at(-1) ?? '';
  return rewrite.path.slice(0, -1).reduceRight(
    (then, step) => intoLists(stepInto(step, types, then)),
    intoLists((tree) => {
      if (rewrite.kind === 'ValueSetter') {
        tree[name] = rewrite.setValueTo;
        return;
      }
      const value = valueAt(tree, name);
      if (value === undefined) return;
      tree[rewrite.renameKeyTo] = value;
      tree[name] = undefined;
    }),
  );
}

function stepInto(step: string, types: TypeConditions, then: Rewrite): (tree: Tree) => void {
  if (!step.startsWith(ON_TYPE)) return (tree) => then(valueAt(tree, step));
  const condition = step.slice(ON_TYPE.length);
  // Data does not always say of which type it is; the path itself leads to the right one then.
  return (tree) => {
    const { __typename: type } = tree;
    if (type === undefined || types.meets(type, condition)) then(tree);
  };
}

const intoLists = (change: (tree: Tree) => void): Rewrite => {
  const rewrite: Rewrite = (data) => {
    if (Array.isArray(data)) data.forEach(rewrite);
    else if (isTree(data)) change(data);
  };
  return rewrite;
};

/** The path of an error, in the names that the data has after it was rewritten. */
export function rewritePath(path: Path, rewrites: readonly FetchDataRewrite[] = []): Path {
  let renamed = path;
  for (const rewrite of rewrites) {
    if (rewrite.kind !== 'KeyRenamer') continue;
    const names = rewrite.path.filter((step) => !step.startsWith(ON_TYPE));
    const end = endOf(renamed, names);
    if (end !== undefined) renamed = renamed.with(end, rewrite.renameKeyTo);
  }
  return renamed;
}

/** The index of the last of the names that a path begins with, whatever indexes are between them. */
function endOf(path: Path, names: readonly string[]): number | undefined {
  let found = 0;
  for (const [index, step] of path.entries()) {
    if (typeof step === 'number') continue;
    if (step !== names[found]) return undefined;
    found++;
    if (found === names.length) return index;
  }
  return undefined;
}
