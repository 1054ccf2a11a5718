import type { Tree } from './tree.js';

/** Names of fields and indexes of lists. */
export type Path = readonly (string | number)[];

/** Why there is nothing, or null, in a place of the tree. */
export interface Fault {
  readonly message: string;
  /** The subgraph that told it, as the plan names it; undefined where the executor itself does. */
  readonly source: string | undefined;
  readonly extensions: Readonly<Record<string, unknown>>;
  /** From the place down to where it happened, in a subgraph's names. */
  readonly rest: Path;
  /** It is about all that a fetch would have given to an object: it says nothing where there is a value. */
  readonly ofAll: boolean;
  /**
   * It concerns many places at once, and is told once, above them: so many steps of their paths lead there. Undefined
   * where it is told at each place.
   */
  readonly toldAt: number | undefined;
  /** It concerns no place in particular, and is told even where nothing is missing. */
  readonly loose: boolean;
}

export type Container = Tree | unknown[];

/**
 * What went wrong, by place. A place is an object or a list of the tree, and a name or an index in it; where that is in
 * the client's answer, and whether it is there at all, shows when the answer is shaped.
 */
export interface Faults {
  add(container: Container, key: string | number, fault: Fault): void;
  at(container: Container, key: string | number): readonly Fault[] | undefined;
  /** Marks a copy as what it is a copy of. */
  follow(copy: Container, original: Container): void;
  /** All, each once. */
  readonly all: ReadonlySet<Fault>;
}

/** Marks what one answer's errors are about. Made again on the whole tree, it finds what has come after it. */
export type Marking = (faults: Faults) => void;

export function createFaults(): Faults {
  const places = new Map<Container, Map<string | number, Fault[]>>();
  const all = new Set<Fault>();
  return {
    all,
    add(container, key, fault) {
      all.add(fault);
      const keys = places.get(container) ?? new Map<string | number, Fault[]>();
      places.set(container, keys);
      const known = keys.get(key);
      if (!known) keys.set(key, [fault]);
      else if (!known.includes(fault)) known.push(fault);
    },
    follow(copy, original) {
      const keys = places.get(original);
      if (keys) places.set(copy, new Map(keys));
    },
    at: (container, key) => places.get(container)?.get(key),
  };
}
