/**
 * Converts a value to JSON with the fields of every object in the order of their names, without spaces
 * ([RFC 8785](https://www.rfc-editor.org/rfc/rfc8785)). Equal values have equal texts.
 */
export function toCanonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toCanonicalElement).join()}]`;
  if (typeof value !== 'object' || value === null)
    return value === undefined ? 'null' : JSON.stringify(value);
  let fields = '';
  // The default order is that of UTF-16 code units, as RFC 8785 demands.
  for (const name of Object.keys(value).sort()) {
    const field = (value as Record<string, unknown>)[name];
    if (field === undefined) continue;
    if (fields !== '') fields += ',';
    fields += `${JSON.stringify(name)}:${toCanonicalJson(field)}`;
  }
  return `{${fields}}`;
}

const toCanonicalElement = (element: unknown): string => toCanonicalJson(element);
