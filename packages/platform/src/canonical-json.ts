/**
 * Converts a value to JSON with the fields of every object in the order of their names, without spaces
 * ([RFC 8785](https://www.rfc-editor.org/rfc/rfc8785)). Equal values have equal texts.
 */
export function toCanonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toCanonicalElement).join()}]`;
  if (typeof value !== 'object' || value === null) return value === undefined ? 'null' : JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${toCanonicalJson(field)}`);
  return `{${fields.join()}}`;
}

const toCanonicalElement = (element: unknown): string => toCanonicalJson(element);
