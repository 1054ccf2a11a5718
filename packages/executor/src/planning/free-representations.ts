import { visit, type DocumentNode } from 'graphql';

/** The variable in which planners hand over entities. */
const TAKEN = 'representations';

export interface FreeRepresentations {
  readonly document: DocumentNode;
  /** The variables of the document, from those of the client. */
  readonly rename: (given: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
}

/** Gives another name to a client's variable that has the one that fetches of entities need for their own. */
export function freeRepresentations(document: DocumentNode): FreeRepresentations {
  const names = new Set<string>();
  visit(document, {
    Variable: ({ name }) => {
      names.add(name.value);
    },
  });
  if (!names.has(TAKEN)) return { document, rename: (given) => given };
  let free = `${TAKEN}_`;
  while (names.has(free)) free += '_';
  return {
    document: visit(document, {
      Variable: (node) =>
        node.name.value === TAKEN ? { ...node, name: { ...node.name, value: free } } : undefined,
    }),
    rename: ({ [TAKEN]: value, ...others }) => (value === undefined ? others : { ...others, [free]: value }),
  };
}
