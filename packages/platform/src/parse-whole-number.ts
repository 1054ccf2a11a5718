/** Reads a whole number from 0 to `max` of a URL's query. @returns undefined where it is none */
export function parseWholeNumber(raw: unknown, max: number): number | undefined {
  const value = typeof raw === 'string' && /^\d{1,16}$/.test(raw) ? Number(raw) : undefined;
  return value !== undefined && value <= max ? value : undefined;
}
