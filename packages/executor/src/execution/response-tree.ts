import { EVERY_ELEMENT, type PlanPath } from '../planning/query-planner.js';
import { getJsonProperty, isJsonObject, type JsonContainer, type JsonObject } from '../shared/json.js';
import type { TypeConditionEvaluator } from '../supergraph/load-supergraph.js';
import type { AddFieldErrors, FieldErrorRecords } from './field-errors.js';

/**
 * The response tree holds the data of all fetches of one execution. An entity that occurs at several positions is one
 * object that these positions share. It is copied before the data at one position changes.
 */
export interface ResponseTree extends FieldErrorRecords {
  readonly typeConditions: TypeConditionEvaluator;
  readonly data: JsonObject;
  /** The objects and lists that occur at more than one position. */
  readonly sharedValues: Set<object>;
}

/**
 * Finds the objects at a path of the tree.
 * @returns each shared object once
 */
export function findObjectsAt({ data, sharedValues }: ResponseTree, path: PlanPath): JsonObject[] {
  const objects: JsonObject[] = [];
  // Only shared values can be reached more than once.
  const visited = sharedValues.size > 0 ? new Set<object>() : undefined;
  const collect = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null) return;
    if (visited) {
      if (visited.has(value)) return;
      if (sharedValues.has(value)) visited.add(value);
    }
    const step = path[depth];
    if (Array.isArray(value)) {
      const elementDepth = step === EVERY_ELEMENT ? depth + 1 : depth;
      for (const element of value) collect(element, elementDepth);
    } else if (step === undefined) objects.push(value as JsonObject);
    else collect(getJsonProperty(value as JsonObject, step), depth + 1);
  };
  collect(data, 0);
  return objects;
}

/** Merges the data of a response into each of its target objects. The tree takes ownership of `data`. */
export function mergeIntoTargets(tree: ResponseTree, data: JsonObject, targets: readonly JsonObject[]): void {
  if (targets.length > 1) markContentsShared(data, tree.sharedValues);
  for (const target of targets) mergeObject(target, data, tree);
}

const TYPENAME_KEY = '__typename';

/**
 * Merges an object into another. Objects are merged by key, and lists of equal length by index. A null does not replace a
 * value.
 */
function mergeObject(target: JsonObject, source: JsonObject, tree: ResponseTree): void {
  for (const name in source) {
    // No field has this name, and an assignment would change the prototype of the target.
    if (name === '__proto__') continue;
    const present = getJsonProperty(target, name);
    const value = source[name];
    if (present === undefined || present === null) target[name] = value;
    // A subgraph with @interfaceObject gives the name of the interface, which must not replace the object type.
    else if (name !== TYPENAME_KEY || tree.typeConditions.isObjectType(value)) {
      target[name] = mergeValue(present, value, tree);
    }
  }
}

function mergeValue(present: unknown, value: unknown, tree: ResponseTree): unknown {
  if (typeof value !== 'object' || value === null) return value ?? present;
  if (Array.isArray(present) && Array.isArray(value)) {
    if (present.length !== value.length) return value;
    const list = copyIfShared<unknown[]>(present, value, tree, (original) => [...original]);
    for (let index = 0; index < list.length; index++) {
      list[index] = mergeValue(list[index], value[index], tree);
    }
    return list;
  }
  if (!isJsonObject(present) || !isJsonObject(value)) return value;
  const object = copyIfShared(present, value, tree, (original) => ({ ...original }));
  mergeObject(object, value, tree);
  return object;
}

/**
 * Returns a container that may be changed: a shallow copy if the present one is shared. The contents of a shared container
 * are shared by the copy and the original.
 * @param value will be merged into the container; if it is shared, its contents become shared too
 */
function copyIfShared<T extends JsonContainer>(
  present: T,
  value: object,
  tree: ResponseTree,
  copyShallow: (original: T) => T,
): T {
  const { sharedValues, fieldErrors, addedErrors } = tree;
  if (sharedValues.has(value)) markContentsShared(value, sharedValues);
  if (!sharedValues.has(present)) return present;
  markContentsShared(present, sharedValues);
  const copy = copyShallow(present);
  const copyErrors: AddFieldErrors = (index) => index.copyErrors(copy, present);
  if (fieldErrors) {
    copyErrors(fieldErrors);
    addedErrors.push(copyErrors);
  }
  return copy;
}

function markContentsShared(container: object, sharedValues: Set<object>): void {
  for (const key in container) {
    const value = (container as Record<string, unknown>)[key];
    if (typeof value === 'object' && value !== null) sharedValues.add(value);
  }
}
