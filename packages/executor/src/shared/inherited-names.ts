/** Whether every plain object inherits a property of this name from `Object.prototype`: `constructor`, `toString`, `__proto__`. */
export const isInheritedName = (name: string): boolean => name in Object.prototype;

/** Copies a JSON value deeply. The objects of the copy have no prototype, so that they have no properties but their own. */
export function copyWithoutPrototypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyWithoutPrototypes);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [name, property] of Object.entries(value)) copy[name] = copyWithoutPrototypes(property);
  return copy;
}
