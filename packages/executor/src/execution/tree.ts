/** A JSON object of subgraphs' answers, which are laid on one another in one tree. */
export type Tree = Record<string, unknown>;

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Its own value under a name, never one of the prototype's, which are functions and no JSON. */
export const valueAt = (tree: Tree, name: string): unknown => {
  const value = tree[name];
  return typeof value === 'function' ? undefined : value;
};
