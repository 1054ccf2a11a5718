import { Kind, parse, type SelectionNode } from 'graphql';
import type { SubgraphView } from '../supergraph/subgraph-view.js';

/**
 * What the value of an event carries: fields by object type. Wherever it holds an object of a type, it carries the same
 * fields of it, so that a plan may rely on them.
 */
export type Carried = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Reads a snapshot: a selection set over the type that the subscription field has in its subgraph.
 * @param source such as `{ kind rule { id user { id } } }`; without it, see {@link everyPlainField}
 * @throws Error where the snapshot selects what an event cannot carry
 */
export function carriedBy(view: SubgraphView, type: string, source: string | undefined): Carried {
  if (source === undefined) return everyPlainField(view, type);
  const carried = new Map<string, Set<string>>();
  carry(view, type, selectionsOf(source), carried);
  return carried;
}

function selectionsOf(source: string): readonly SelectionNode[] {
  const [definition] = parse(source, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('A snapshot is one selection set.');
  return definition.selectionSet.selections;
}

function carry(
  view: SubgraphView,
  type: string,
  selections: readonly SelectionNode[],
  carried: Map<string, Set<string>>,
): void {
  const objects = view.objectTypesOf(type);
  if (objects.length === 0 && selections.length > 0) throw new Error(`${type} has no fields to select.`);
  if (objects.length > 0 && selections.length === 0) throw new Error(`Fields of ${type} must be selected.`);
  for (const object of objects) {
    const chosen = fieldsOn(view, object, selections);
    const fields = view.fieldsOf(object);
    note(carried, object, new Set(chosen.keys()));
    for (const [name, inner] of chosen) {
      const field = fields.get(name);
      if (!field) throw new Error(`${object}.${name} is not of this subgraph.`);
      if (field.takesArguments) throw new Error(`${object}.${name} takes arguments: no event can carry it.`);
      carry(view, field.type, inner, carried);
    }
  }
}

function note(carried: Map<string, Set<string>>, object: string, names: Set<string>): void {
  if (names.size === 0) throw new Error(`At least one field of ${object} must be selected.`);
  const known = carried.get(object);
  if (known && (known.size !== names.size || [...names].some((name) => !known.has(name)))) {
    throw new Error(`The same fields of ${object} must be selected everywhere.`);
  }
  carried.set(object, names);
}

/** The fields that a selection set selects on one object type, each with what it selects inside. */
function fieldsOn(
  view: SubgraphView,
  object: string,
  selections: readonly SelectionNode[],
  found = new Map<string, readonly SelectionNode[]>(),
): Map<string, readonly SelectionNode[]> {
  for (const selection of selections) {
    if (selection.kind === Kind.FRAGMENT_SPREAD) throw new Error('A snapshot has no named fragments.');
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition?.name.value;
      if (condition === undefined || view.objectTypesOf(condition).includes(object)) {
        fieldsOn(view, object, selection.selectionSet.selections, found);
      }
      continue;
    }
    const name = selection.name.value;
    if (name === '__typename') continue;
    if (selection.alias) throw new Error(`A snapshot has no aliases ("${selection.alias.value}").`);
    found.set(name, [...(found.get(name) ?? []), ...(selection.selectionSet?.selections ?? [])]);
  }
  return found;
}

/**
 * Every field without arguments that can be reached, cut where a type would come inside itself again.
 */
function everyPlainField(view: SubgraphView, root: string): Carried {
  const carried = new Map<string, Set<string>>();
  const open = new Set<string>();
  const visit = (type: string): void => {
    for (const object of view.objectTypesOf(type)) {
      if (carried.has(object)) continue;
      const names = new Set<string>();
      carried.set(object, names);
      open.add(object);
      for (const [name, field] of view.fieldsOf(object)) {
        if (field.takesArguments || view.objectTypesOf(field.type).some((inner) => open.has(inner))) continue;
        names.add(name);
        visit(field.type);
      }
      open.delete(object);
    }
  };
  visit(root);
  dropEmpty(view, carried);
  return carried;
}

/** Takes out types of which nothing plain is left, and with them the fields that lead to them. */
function dropEmpty(view: SubgraphView, carried: Map<string, Set<string>>): void {
  const empty = [...carried].filter(([, names]) => names.size === 0).map(([object]) => object);
  if (empty.length === 0) return;
  for (const object of empty) carried.delete(object);
  for (const [object, names] of carried) {
    for (const [name, field] of view.fieldsOf(object)) {
      if (view.objectTypesOf(field.type).some((inner) => empty.includes(inner))) names.delete(name);
    }
  }
  dropEmpty(view, carried);
}
