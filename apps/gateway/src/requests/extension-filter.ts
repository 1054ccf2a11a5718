/** Decides by its name whether an extension of a subgraph reaches clients. */
export type ExtensionFilter = (name: string) => boolean;

/** @param names of the extensions to forward; `*` for all */
export function createExtensionFilter(names: readonly string[]): ExtensionFilter {
  if (names.includes('*')) return () => true;
  const forwarded = new Set(names);
  return (name) => forwarded.has(name);
}
