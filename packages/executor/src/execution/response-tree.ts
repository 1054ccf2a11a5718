import type { TypeConditions } from '../supergraph/type-conditions.js';
import type { Container, Faults, Marking } from './field-errors.js';
import { isTree, valueAt, type Tree } from './tree.js';

export interface Merging {
  readonly types: TypeConditions;
  /**
   * Objects and lists that stand in more than one place, since several places are of the same entity. They are copied
   * before one of the places is changed.
   */
  readonly shared: Set<object>;
  readonly faults: Faults | undefined;
  readonly markings: Marking[];
}

const TYPENAME = '__typename';

/**
 * Lays an answer on an object. Objects are merged, and lists of the same length element by element, lists in lists
 * included. A null says nothing against what another subgraph has given.
 */
export function merge(target: Tree, source: Tree, merging: Merging): void {
  for (const name in source) {
    // No field's name: what a subgraph means by it would be laid on the prototype of all objects.
    if (name === '__proto__') continue;
    const present = valueAt(target, name);
    const value = source[name];
    if (present === undefined || present === null) target[name] = value;
    // To a subgraph that knows an interface as an object the type of an entity is that of the interface.
    else if (name !== TYPENAME || merging.types.isObject(value))
      target[name] = merged(present, value, merging);
  }
}

function merged(present: unknown, value: unknown, merging: Merging): unknown {
  if (typeof value !== 'object' || value === null) return value ?? present;
  if (Array.isArray(present) && Array.isArray(value)) {
    if (present.length !== value.length) return value;
    const list = owned<unknown[]>(present, value, merging, (each) => [...each]);
    for (let index = 0; index < list.length; index++) {
      list[index] = merged(list[index], value[index], merging);
    }
    return list;
  }
  if (!isTree(present) || !isTree(value)) return value;
  const tree = owned(present, value, merging, (each) => ({ ...each }));
  merge(tree, value, merging);
  return tree;
}

/**
 * What another value may be laid on: where it is shared, a copy that shares what it holds. The same goes for what the
 * other one holds.
 */
function owned<T extends Container>(
  present: T,
  value: object,
  { shared, faults, markings }: Merging,
  copy: (present: T) => T,
): T {
  if (shared.has(value)) share(value, shared);
  if (!shared.has(present)) return present;
  share(present, shared);
  const own = copy(present);
  const follow: Marking = (each) => each.follow(own, present);
  if (faults) {
    follow(faults);
    markings.push(follow);
  }
  return own;
}

/** Marks what an object or a list holds as standing in more than one place. */
export function share(value: object, shared: Set<object>): void {
  for (const name in value) {
    const inner = (value as Record<string, unknown>)[name];
    if (typeof inner === 'object' && inner !== null) shared.add(inner);
  }
}
