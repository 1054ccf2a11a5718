import { Kind } from 'graphql';
import type { SupergraphDocument } from '../supergraph/supergraph-document.js';
import type { SubgraphView } from '../supergraph/subgraph-view.js';
import type { Carried } from './event-snapshot.js';

/** Every type that the schema of an event needs. */
export interface Reach {
  /** Object types and interfaces, each with its fields. */
  readonly composites: Carried;
  readonly unions: ReadonlySet<string>;
  /** Enums and scalars. */
  readonly leaves: ReadonlySet<string>;
}

/** @param payload the named type of the subscription field */
export function reachOf(
  { types }: SupergraphDocument,
  view: SubgraphView,
  payload: string,
  carried: Carried,
): Reach {
  const reached = new Set([payload]);
  for (const [object, names] of carried) {
    const fields = view.fieldsOf(object);
    for (const name of names) {
      const type = fields.get(name)?.type;
      if (type !== undefined) reached.add(type);
    }
  }
  const ofKind = (...kinds: Kind[]) =>
    [...reached].filter((name) => kinds.includes(types.get(name)?.kind ?? Kind.NAME));
  return {
    composites: new Map([...carried, ...interfacesOf(view, carried)]),
    unions: new Set(ofKind(Kind.UNION_TYPE_DEFINITION)),
    leaves: new Set(ofKind(Kind.ENUM_TYPE_DEFINITION, Kind.SCALAR_TYPE_DEFINITION)),
  };
}

/** The interfaces of the carried object types, with those fields that every one of its implementations carries. */
function interfacesOf(view: SubgraphView, carried: Carried): Map<string, Set<string>> {
  const common = new Map<string, Set<string>>();
  for (const [object, names] of carried) {
    for (const name of view.interfacesOf(object)) {
      const before = common.get(name) ?? new Set(view.fieldsOf(name).keys());
      common.set(name, new Set([...before].filter((field) => names.has(field))));
    }
  }
  return new Map([...common].filter(([, names]) => names.size > 0));
}
