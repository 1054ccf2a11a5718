/** Reads a text of a submitted form. Empty if the form has no such field. */
export function getText(values: FormData, name: string): string {
  const value = values.get(name);
  return typeof value === 'string' ? value : '';
}

/** Reads a number of a submitted form. Null if the field is empty. */
export function getNumber(values: FormData, name: string): number | null {
  const text = getText(values, name);
  return text === '' ? null : Number(text);
}
