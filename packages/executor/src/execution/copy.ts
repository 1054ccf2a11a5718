import type { Tree } from './tree.js';

/** A copy of JSON, to be changed without changing the original. */
export function copyOf<Value>(value: Value): Value;
export function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => copyOf(each));
  if (typeof value !== 'object' || value === null) return value;
  const copy: Tree = {};
  // No field's name: it would be the copy's prototype.
  for (const name in value) if (name !== '__proto__') copy[name] = copyOf((value as Tree)[name]);
  return copy;
}
