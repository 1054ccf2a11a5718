/**
 * Parses a query parameter of a URL.
 * @returns the number, from 0 to `max`; undefined if the text is not such a number
 */
export function parseWholeNumber(raw: unknown, max: number): number | undefined {
  const value = typeof raw === 'string' && /^\d{1,16}$/.test(raw) ? Number(raw) : undefined;
  return value !== undefined && value <= max ? value : undefined;
}
