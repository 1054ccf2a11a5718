import {
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from '../shared/graphql-ast.js';

/** How much an operation selects, with fragments written out wherever they are spread. */
export interface Size {
  readonly selections: number;
  /** Fields within fields. */
  readonly depth: number;
}

const NOTHING: Size = { selections: 0, depth: 0 };

/** Takes as long as the document is, whatever fragments make of it. The document need not be valid. */
export function sizeOf(document: DocumentNode, operation: OperationDefinitionNode): Size {
  const fragments = fragmentsOf(document);
  const known = new Map<string, Size>();
  const ofFragment = (name: string): Size => {
    const size = known.get(name);
    const fragment: FragmentDefinitionNode | undefined = fragments.get(name);
    if (size || !fragment) return size ?? NOTHING;
    // Fragments may spread one another in a circle, which validation refuses later.
    known.set(name, NOTHING);
    const measured = ofSet(fragment.selectionSet);
    known.set(name, measured);
    return measured;
  };
  const ofSet = (set: SelectionSetNode | undefined): Size => {
    let { selections, depth } = NOTHING;
    for (const selection of set?.selections ?? []) {
      const inner =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? ofFragment(selection.name.value)
          : ofSet(selection.selectionSet);
      selections += 1 + inner.selections;
      depth = Math.max(depth, inner.depth + (selection.kind === Kind.FIELD ? 1 : 0));
    }
    return { selections, depth };
  };
  return ofSet(operation.selectionSet);
}
