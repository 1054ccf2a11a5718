import { Kind, type SelectionNode } from 'graphql';
import { parseFieldSet, parseSingleOperation } from '../shared/graphql-ast.js';
import type { SubgraphView } from '../supergraph/subgraph-view.js';

/**
 * The fields that every event carries, by object type. A type has the same fields wherever it occurs in the event, so that
 * a plan can rely on them.
 */
export type SnapshotFields = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Reads a snapshot.
 * @param view of the subgraph that defines the subscription field
 * @param typeName the type of the subscription field in that subgraph
 * @param snapshot a selection set such as `{ kind rule { id user { id } } }`; `undefined` stands for all fields without
 *   arguments, up to the first recursive type
 * @throws Error if the snapshot selects fields that an event cannot carry
 */
export function readSnapshotFields(
  view: SubgraphView,
  typeName: string,
  snapshot: string | undefined,
): SnapshotFields {
  if (snapshot === undefined) return collectAllFields(view, typeName);
  const snapshotFields = new Map<string, Set<string>>();
  readSelections(view, typeName, parseSnapshot(snapshot), snapshotFields);
  return snapshotFields;
}

function parseSnapshot(snapshot: string): readonly SelectionNode[] {
  try {
    return parseSingleOperation(snapshot).selectionSet.selections;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`A snapshot must be one selection set, such as "{ id }". ${reason}`, { cause });
  }
}

function readSelections(
  view: SubgraphView,
  typeName: string,
  selections: readonly SelectionNode[],
  snapshotFields: Map<string, Set<string>>,
): void {
  const objectTypes = view.getObjectTypes(typeName);
  if (objectTypes.length === 0 && selections.length > 0) throw new Error(`${typeName} has no fields.`);
  if (objectTypes.length > 0 && selections.length === 0) {
    throw new Error(`${typeName} needs a selection of its fields.`);
  }
  for (const objectType of objectTypes) {
    const selectedFields = collectFieldsOfType(view, objectType, selections);
    const fields = view.getFields(objectType);
    addSnapshotFields(snapshotFields, objectType, new Set(selectedFields.keys()));
    for (const [name, subselections] of selectedFields) {
      const field = fields.get(name);
      if (!field) throw new Error(`The subgraph does not resolve ${objectType}.${name}.`);
      if (field.hasArguments) {
        throw new Error(`${objectType}.${name} has arguments, so that no event can carry it.`);
      }
      readSelections(view, field.typeName, subselections, snapshotFields);
    }
  }
}

function addSnapshotFields(
  snapshotFields: Map<string, Set<string>>,
  objectType: string,
  names: Set<string>,
): void {
  if (names.size === 0) throw new Error(`Select at least one field of ${objectType}.`);
  const existing = snapshotFields.get(objectType);
  if (existing && (existing.size !== names.size || [...names].some((name) => !existing.has(name)))) {
    throw new Error(`Select the same fields of ${objectType} everywhere.`);
  }
  snapshotFields.set(objectType, names);
}

/** The fields that a selection set selects on one object type, each with its subselections. */
function collectFieldsOfType(
  view: SubgraphView,
  objectType: string,
  selections: readonly SelectionNode[],
  fields = new Map<string, readonly SelectionNode[]>(),
): Map<string, readonly SelectionNode[]> {
  for (const selection of selections) {
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      throw new Error('A snapshot cannot have named fragments. Use inline fragments.');
    }
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition?.name.value;
      if (condition === undefined || view.getObjectTypes(condition).includes(objectType)) {
        collectFieldsOfType(view, objectType, selection.selectionSet.selections, fields);
      }
      continue;
    }
    const name = selection.name.value;
    if (name === '__typename') continue;
    if (selection.alias) throw new Error(`A snapshot cannot have aliases ("${selection.alias.value}").`);
    fields.set(name, [...(fields.get(name) ?? []), ...(selection.selectionSet?.selections ?? [])]);
  }
  return fields;
}

/** All fields without arguments that are reachable from a type. A field that returns an enclosing type is left out. */
function collectAllFields(view: SubgraphView, rootTypeName: string): SnapshotFields {
  const snapshotFields = new Map<string, Set<string>>();
  const enclosingTypes = new Set<string>();
  const visitType = (typeName: string): void => {
    for (const objectType of view.getObjectTypes(typeName)) {
      if (snapshotFields.has(objectType)) continue;
      const names = new Set<string>();
      snapshotFields.set(objectType, names);
      enclosingTypes.add(objectType);
      for (const [name, field] of view.getFields(objectType)) {
        const isRecursive = view.getObjectTypes(field.typeName).some((inner) => enclosingTypes.has(inner));
        if (field.hasArguments || isRecursive) continue;
        names.add(name);
        visitType(field.typeName);
      }
      enclosingTypes.delete(objectType);
    }
  };
  visitType(rootTypeName);
  removeEmptyTypes(view, snapshotFields);
  return snapshotFields;
}

/** Removes types without fields, and the fields that return them, until no such type remains. */
function removeEmptyTypes(view: SubgraphView, snapshotFields: Map<string, Set<string>>): void {
  const emptyTypes = [...snapshotFields].filter(([, names]) => names.size === 0).map(([type]) => type);
  if (emptyTypes.length === 0) return;
  for (const type of emptyTypes) snapshotFields.delete(type);
  for (const [type, names] of snapshotFields) {
    for (const [name, field] of view.getFields(type)) {
      if (view.getObjectTypes(field.typeName).some((inner) => emptyTypes.includes(inner))) names.delete(name);
    }
  }
  removeEmptyTypes(view, snapshotFields);
}

/** The keys of a type whose fields are all in the snapshot. The entity's other fields can be fetched with them. */
export const findSnapshotKeys = (
  view: SubgraphView,
  typeName: string,
  snapshotFields: SnapshotFields,
): string[] =>
  view.getKeys(typeName).filter((key) => areInSnapshot(view, typeName, parseFieldSet(key), snapshotFields));

const areInSnapshot = (
  view: SubgraphView,
  typeName: string,
  selections: readonly SelectionNode[],
  snapshotFields: SnapshotFields,
): boolean =>
  view.getObjectTypes(typeName).every((objectType) =>
    selections.every((selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return false;
      const subselections = selection.selectionSet?.selections ?? [];
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        return areInSnapshot(view, objectType, subselections, snapshotFields);
      }
      const name = selection.name.value;
      if (name === '__typename') return true;
      if (snapshotFields.get(objectType)?.has(name) !== true) return false;
      const field = view.getFields(objectType).get(name);
      return (
        subselections.length === 0 ||
        (field !== undefined && areInSnapshot(view, field.typeName, subselections, snapshotFields))
      );
    }),
  );
