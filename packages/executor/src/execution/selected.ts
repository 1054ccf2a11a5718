import type { FetchNode } from '@apollo/query-planner';
import { Kind, parse, type SelectionNode, type SelectionSetNode } from 'graphql';
import { rewritePath } from './fetch-data-rewrites.js';

/** What a fetch gives to an object, by the names it has in the tree, with what it gives to what is there. */
export type Selected = ReadonlyMap<string, Selected | undefined>;

/** What the operation of a fetch gives to each object that it is for. Conditions on types are left out of account. */
export function selectedBy(node: FetchNode): Selected {
  const operation = parse(node.operation, { noLocation: true }).definitions.find(
    (each) => each.kind === Kind.OPERATION_DEFINITION,
  );
  const [entities] = operation?.selectionSet.selections ?? [];
  const set =
    node.requires && entities?.kind === Kind.FIELD ? entities.selectionSet : operation?.selectionSet;
  return select(set ? [set] : [], [], node);
}

function select(sets: readonly SelectionSetNode[], path: readonly string[], node: FetchNode): Selected {
  const inner = new Map<string, SelectionSetNode[]>();
  const open = (selection: SelectionNode): void => {
    if (selection.kind === Kind.INLINE_FRAGMENT) selection.selectionSet.selections.forEach(open);
    if (selection.kind !== Kind.FIELD) return;
    const name = (selection.alias ?? selection.name).value;
    inner.set(name, [
      ...(inner.get(name) ?? []),
      ...(selection.selectionSet ? [selection.selectionSet] : []),
    ]);
  };
  sets.forEach(({ selections }) => selections.forEach(open));
  return new Map(
    [...inner].map(([name, below]): [string, Selected | undefined] => {
      const full = [...path, name];
      const renamed = String(rewritePath(full, node.outputRewrites).at(-1));
      return [renamed, below.length > 0 ? select(below, full, node) : undefined];
    }),
  );
}
