import type { KindOfThing, Thing } from './things.js';

/** How things of a kind are told apart, and what becomes of one when more is told of it. */
interface Merging<Thing> {
  readonly key: (thing: Thing) => string;
  /**
   * Commutative, associative and idempotent, so that the read model is the same in whatever order, and however often,
   * events come.
   * @returns the very same object where nothing new is told
   */
  readonly merge: (present: Thing, told: Thing) => Thing;
}

const lastTold = <Placed extends { readonly changedPosition: number }>(
  present: Placed,
  told: Placed,
): Placed => (told.changedPosition > present.changedPosition ? told : present);

export const MERGINGS: { readonly [Kind in KindOfThing]: Merging<Thing<Kind>> } = {
  /** Each event carries the whole state of its version: the newest stands, and the earliest position is the beginning. */
  rules: {
    key: ({ state }) => state.id,
    merge(present, told) {
      const { state } = told.state.version > present.state.version ? told : present;
      const createdPosition = Math.min(present.createdPosition, told.createdPosition);
      if (state === present.state && createdPosition === present.createdPosition) return present;
      return { state, createdPosition };
    },
  },
  openings: { key: ({ userId, name }) => JSON.stringify([userId, name]), merge: lastTold },
  intervals: {
    key: ({ userId, opening, startId }) => JSON.stringify([userId, opening, startId]),
    merge: lastTold,
  },
  alarms: {
    key: ({ state }) => state.id,
    merge: (present, told) => (told.state.version > present.state.version ? told : present),
  },
};

/** What is another after something was told. */
export interface Merged<Thing> {
  /** Those that are new or changed, each once, as they are now. */
  readonly changed: readonly Thing[];
  /** What was told and brought something new, in order, and what it made of the thing. */
  readonly steps: readonly { readonly told: Thing; readonly after: Thing }[];
}

export function mergeAll<Thing>(
  { key, merge }: Merging<Thing>,
  present: readonly Thing[],
  told: readonly Thing[],
): Merged<Thing> {
  const now = new Map(present.map((thing) => [key(thing), thing]));
  const changed = new Map<string, Thing>();
  const steps: { told: Thing; after: Thing }[] = [];
  for (const thing of told) {
    const id = key(thing);
    const before = now.get(id);
    const after = before === undefined ? thing : merge(before, thing);
    if (after === before) continue;
    now.set(id, after);
    changed.set(id, after);
    steps.push({ told: thing, after });
  }
  return { changed: [...changed.values()], steps };
}
