import type { Tree } from '../execution/tree.js';

const PLAIN = { configurable: true, enumerable: true, writable: true };

/** A copy of JSON, to be changed without changing the original. */
export function copyOf<Value>(value: Value): Value;
export function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => copyOf(each));
  if (typeof value !== 'object' || value === null) return value;
  const copy: Tree = {};
  for (const name in value) {
    const each = copyOf((value as Tree)[name]);
    // The value of a scalar may have any name; by an assignment this one would be the copy's prototype.
    if (name === '__proto__') Object.defineProperty(copy, name, { ...PLAIN, value: each });
    else copy[name] = each;
  }
  return copy;
}
