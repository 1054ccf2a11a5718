import type { Subgraphs } from '../world/compose.js';

/** A type as one subgraph declares it. */
export interface DraftType {
  readonly keyword: 'type' | 'interface';
  readonly interfaces: readonly string[];
  readonly directives: string;
  /** By name: what follows it. */
  readonly fields: Map<string, string>;
}

/** Subgraphs that are being made. */
export interface Draft {
  readonly names: readonly string[];
  /** @returns the type in a subgraph, declared now if it was not before */
  type(subgraph: string, name: string, more?: Partial<Omit<DraftType, 'fields'>>): DraftType;
  has(subgraph: string, name: string): boolean;
  /** Puts text into a subgraph as it stands. */
  add(subgraph: string, sdl: string): void;
  finish(): Subgraphs;
}

export function createDraft(names: readonly string[]): Draft {
  const types = new Map(names.map((name) => [name, new Map<string, DraftType>()]));
  const texts = new Map(names.map((name): [string, string[]] => [name, []]));
  const typesOf = (subgraph: string): Map<string, DraftType> => {
    const found = types.get(subgraph);
    if (!found) throw new Error(`There is no subgraph ${subgraph}.`);
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
