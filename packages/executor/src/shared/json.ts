/** An object parsed from JSON, such as the data of a subgraph response. */
export type JsonObject = Record<string, unknown>;

/** A parsed JSON object or array. */
export type JsonContainer = JsonObject | unknown[];

/** Field names and list indexes that lead to a value. */
export type JsonPath = readonly (string | number)[];

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads a property of a parsed JSON object. Inherited methods such as `toString` are ignored. */
export const getJsonProperty = (object: JsonObject, name: string): unknown => {
  const value = object[name];
  return typeof value === 'function' ? undefined : value;
};

/** Reads an own property or element: a subgraph can use any name in the path of an error. */
export const getOwnValue = (container: JsonContainer, key: string | number): unknown =>
  Object.hasOwn(container, key) ? (container as Record<string | number, unknown>)[key] : undefined;

const DATA_PROPERTY = { configurable: true, enumerable: true, writable: true };

/** Copies a JSON value deeply. */
export function cloneJson<Value>(value: Value): Value;
export function cloneJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((element: unknown) => cloneJson(element));
  if (typeof value !== 'object' || value === null) return value;
  const copy: JsonObject = {};
  for (const name in value) {
    const property = cloneJson((value as JsonObject)[name]);
    // A custom scalar may hold any key. An assignment to __proto__ would set the prototype of the copy.
    if (name === '__proto__') Object.defineProperty(copy, name, { ...DATA_PROPERTY, value: property });
    else copy[name] = property;
  }
  return copy;
}
