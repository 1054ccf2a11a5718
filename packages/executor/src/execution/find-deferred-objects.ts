import {
  getJsonProperty,
  getOwnValue,
  isJsonObject,
  type JsonObject,
  type JsonPath,
} from '../shared/json.js';
import type { ObjectProjection, ValueProjection } from './object-projection.js';

/** An object that a client has, without the fields of one of its deferred fragments. */
export interface DeferredObject {
  /** The index of the fragment. */
  readonly fragment: number;
  /** The path of the object in the response. */
  readonly path: JsonPath;
  /** The path of the object in the response tree. */
  readonly treePath: JsonPath;
  /** The projection of the fragment. */
  readonly projection: ObjectProjection;
}

/**
 * Finds the objects with deferred fragments.
 * @param projection with which `object` became `delivered`
 * @param object of the response tree
 * @param delivered the object that the client has
 */
export function findDeferredObjects(
  projection: ObjectProjection,
  object: JsonObject,
  delivered: JsonObject,
  path: JsonPath,
  treePath: JsonPath,
): DeferredObject[] {
  const found: DeferredObject[] = [];
  visitObject(found, projection, object, delivered, path, treePath);
  return found;
}

function visitObject(
  found: DeferredObject[],
  { deferred = [], fields }: ObjectProjection,
  object: JsonObject,
  delivered: JsonObject,
  path: JsonPath,
  treePath: JsonPath,
): void {
  for (const { fragment, getProjection } of deferred) {
    found.push({ fragment, path, treePath, projection: getProjection() });
  }
  for (const { hasDeferred, treeKey, clientKey, value: projection } of fields) {
    if (!hasDeferred || !isValueProjection(projection)) continue;
    const value = getJsonProperty(object, treeKey);
    const deliveredValue = getOwnValue(delivered, clientKey);
    visitValue(found, projection, value, deliveredValue, [...path, clientKey], [...treePath, treeKey]);
  }
}

const isValueProjection = (
  projection: ObjectProjection['fields'][number]['value'],
): projection is ValueProjection =>
  projection.kind !== 'typename' && projection.kind !== 'introspection' && projection.kind !== 'denied';

function visitValue(
  found: DeferredObject[],
  projection: ValueProjection,
  value: unknown,
  delivered: unknown,
  path: JsonPath,
  treePath: JsonPath,
): void {
  if (projection.kind === 'list') {
    if (!Array.isArray(value) || !Array.isArray(delivered)) return;
    for (const [index, element] of delivered.entries()) {
      visitValue(found, projection.element, value[index], element, [...path, index], [...treePath, index]);
    }
    return;
  }
  // The client has no object where null has propagated.
  if (projection.kind === 'leaf' || !isJsonObject(value) || !isJsonObject(delivered)) return;
  const objectProjection =
    projection.kind === 'object' ? projection.projection : projection.getProjection(value['__typename']);
  if (objectProjection) visitObject(found, objectProjection, value, delivered, path, treePath);
}
