import {
  cloneJson,
  getOwnValue,
  isJsonObject,
  type JsonContainer,
  type JsonObject,
  type JsonPath,
} from '../shared/json.js';

/** Fields that a later part adds to an object of a response. */
export interface AddedData {
  /** From the object of the deferred fragment to the object. */
  readonly path: JsonPath;
  /** Without fields that the client has. */
  readonly data: JsonObject;
  /** The object in the response that the client has so far. */
  readonly target: JsonObject;
}

/**
 * Finds what the data of a deferred fragment adds to the data that the client has of its object. What the client has stays: nulls
 * stay null, with everything below them.
 * @returns null if the fragment is null: a null in it would replace an object or list that the client has
 */
export function findAddedData(delivered: JsonObject, data: JsonObject): readonly AddedData[] | null {
  const added: AddedData[] = [];
  return compareObjects(delivered, data, [], added) ? added : null;
}

/** Adds data to the response that the client has so far. It is copied, because other fragments of the same part add to it. */
export function mergeAddedData(added: readonly AddedData[]): void {
  for (const { target, data } of added) {
    for (const [key, value] of Object.entries(data)) setProperty(target, key, cloneJson(value));
  }
}

/** @returns false if a null would replace an object or list */
function compareObjects(
  delivered: JsonObject,
  data: JsonObject,
  path: JsonPath,
  added: AddedData[],
): boolean {
  let newData: JsonObject | undefined;
  for (const [key, value] of Object.entries(data)) {
    if (!Object.hasOwn(delivered, key)) {
      if (!newData) added.push({ path, data: (newData = {}), target: delivered });
      setProperty(newData, key, value);
    } else if (!compareValues(getOwnValue(delivered, key), value, [...path, key], added)) return false;
  }
  return true;
}

function compareValues(delivered: unknown, value: unknown, path: JsonPath, added: AddedData[]): boolean {
  if (typeof delivered !== 'object' || delivered === null) return true;
  if (value === null || value === undefined) return false;
  if (delivered === value) return true;
  if (Array.isArray(delivered) && Array.isArray(value)) return compareLists(delivered, value, path, added);
  return !isJsonObject(delivered) || !isJsonObject(value) || compareObjects(delivered, value, path, added);
}

/** Lists of different lengths cannot be compared: the client keeps the one that it has. */
const compareLists = (
  delivered: readonly unknown[],
  values: readonly unknown[],
  path: JsonPath,
  added: AddedData[],
): boolean =>
  delivered.length !== values.length ||
  delivered.every((element, index) => compareValues(element, values[index], [...path, index], added));

/** A client can choose any key. An assignment to __proto__ would set the prototype. */
function setProperty(object: JsonContainer, key: string, value: unknown): void {
  if (key !== '__proto__') (object as JsonObject)[key] = value;
  else Object.defineProperty(object, key, { configurable: true, enumerable: true, writable: true, value });
}
