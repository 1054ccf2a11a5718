import { Kind, parse, type SelectionNode } from 'graphql';
import type { SubgraphView } from '../supergraph/subgraph-view.js';
import type { Carried } from './event-snapshot.js';

/** The keys of an entity that its events carry whole: by them its other fields are fetched. */
export const carriedKeys = (view: SubgraphView, type: string, carried: Carried): string[] =>
  view.keysOf(type).filter((key) => {
    const [definition] = parse(`{ ${key} }`, { noLocation: true }).definitions;
    return (
      definition?.kind === Kind.OPERATION_DEFINITION &&
      carriesAll(view, type, definition.selectionSet.selections, carried)
    );
  });

function carriesAll(
  view: SubgraphView,
  type: string,
  selections: readonly SelectionNode[],
  carried: Carried,
): boolean {
  return view.objectTypesOf(type).every((object) =>
    selections.every((selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return false;
      const inner = selection.selectionSet?.selections ?? [];
      if (selection.kind === Kind.INLINE_FRAGMENT) return carriesAll(view, object, inner, carried);
      const name = selection.name.value;
      if (name === '__typename') return true;
      if (carried.get(object)?.has(name) !== true) return false;
      const field = view.fieldsOf(object).get(name);
      return inner.length === 0 || (field !== undefined && carriesAll(view, field.type, inner, carried));
    }),
  );
}
