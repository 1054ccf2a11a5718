import type { SubgraphSdls } from '../test-supergraph/compose-subgraphs.js';

/** A type of one subgraph. */
export interface DraftType {
  readonly keyword: 'type' | 'interface';
  readonly interfaces: readonly string[];
  readonly directives: string;
  /** Arguments, type and directives as text, by field name. */
  readonly fields: Map<string, string>;
}

/** Collects the definitions of several subgraphs and prints their SDL. */
export interface SubgraphDraft {
  /** Subgraph names. */
  readonly names: readonly string[];
  /** @returns the type in a subgraph; it is declared on first use */
  type(subgraph: string, name: string, more?: Partial<Omit<DraftType, 'fields'>>): DraftType;
  has(subgraph: string, name: string): boolean;
  /** Adds SDL to a subgraph unchanged. */
  add(subgraph: string, sdl: string): void;
  finish(): SubgraphSdls;
}

export function createSubgraphDraft(names: readonly string[]): SubgraphDraft {
  const types = new Map(names.map((name) => [name, new Map<string, DraftType>()]));
  const texts = new Map(names.map((name): [string, string[]] => [name, []]));
  const typesOf = (subgraph: string): Map<string, DraftType> => {
    const found = types.get(subgraph);
    if (!found) throw new Error(`The draft has no subgraph "${subgraph}".`);
    return found;
  };
  return {
    names,
    type(subgraph, name, more = {}) {
      const { keyword = 'type', interfaces = [], directives = '' } = more;
      const declared = typesOf(subgraph).get(name) ?? { keyword, interfaces, directives, fields: new Map() };
      typesOf(subgraph).set(name, declared);
      return declared;
    },
    has: (subgraph, name) => typesOf(subgraph).has(name),
    add: (subgraph, sdl) => texts.get(subgraph)?.push(sdl),
    finish: () =>
      Object.fromEntries(
        names.map((name) => [
          name,
          [
            ...[...typesOf(name)].filter(([, { fields }]) => fields.size > 0).map(printType),
            ...(texts.get(name) ?? []),
          ].join('\n'),
        ]),
      ),
  };
}

function printType([name, { keyword, interfaces, directives, fields }]: [string, DraftType]): string {
  const implemented = interfaces.length > 0 ? ` implements ${interfaces.join(' & ')}` : '';
  const lines = [...fields].map(([field, text]) => `  ${field}${text}`);
  return [`${keyword} ${name}${implemented} ${directives} {`, ...lines, '}'].join('\n');
}
