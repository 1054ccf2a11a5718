import { Kind, parse, print, visit, type DirectiveNode, type InlineFragmentNode } from 'graphql';
import { createSeededRandom } from '../seeded-random.js';
import type { TestRequest } from '../test-supergraph/test-subgraph.js';

const createDefer = (label: string): DirectiveNode => ({
  kind: Kind.DIRECTIVE,
  name: { kind: Kind.NAME, value: 'defer' },
  arguments: [
    {
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: 'label' },
      value: { kind: Kind.STRING, value: label },
    },
  ],
});

/** Defers some fragments of an operation, and some fields in new fragments; the same ones for the same seed. */
export function addDefer({ query, variables }: TestRequest, seed: number): TestRequest {
  const random = createSeededRandom(seed);
  let count = 0;
  const defer = () => createDefer(`defer${count++}`);
  const document = visit(parse(query), {
    InlineFragment: {
      leave: (node) =>
        random.chance(0.5) ? { ...node, directives: [...(node.directives ?? []), defer()] } : undefined,
    },
    FragmentSpread: {
      leave: (node) =>
        random.chance(0.5) ? { ...node, directives: [...(node.directives ?? []), defer()] } : undefined,
    },
    Field: {
      leave: (field): InlineFragmentNode | undefined =>
        random.chance(0.2)
          ? {
              kind: Kind.INLINE_FRAGMENT,
              directives: [defer()],
              selectionSet: { kind: Kind.SELECTION_SET, selections: [field] },
            }
          : undefined,
    },
  });
  return { query: print(document), variables };
}
