import type { LogEntry } from '@seguridad-abc/contracts';

/** Entries that are read at once, where they are as small as most. */
export const MAX_ENTRIES = 500;
/** What a transaction may weigh: large enough to be quick, small enough to hold up queries for some 10 ms only. */
const PORTION = 1_000;

/** One for the entry, and one for each thing that it lists: a batch of readings may be a thousand of them. */
function weightOf({ data }: LogEntry): number {
  if (typeof data !== 'object' || data === null) return 1;
  return Object.values(data).reduce<number>(
    (weight, part) => weight + (Array.isArray(part) ? part.length : 0),
    1,
  );
}

/** Cuts entries into parts that weigh about as much as a transaction may. None is empty. */
export function portions(entries: readonly LogEntry[]): LogEntry[][] {
  const parts: LogEntry[][] = [];
  let weight = Infinity;
  for (const entry of entries) {
    const more = weightOf(entry);
    if (weight + more > PORTION) {
      parts.push([]);
      weight = 0;
    }
    parts.at(-1)?.push(entry);
    weight += more;
  }
  return parts;
}

/** How many entries to read next, so that they come to about a portion: the next are as heavy as the last were. */
export function nextCount(last: readonly LogEntry[]): number {
  const weight = last.reduce((sum, entry) => sum + weightOf(entry), 0);
  if (weight === 0) return MAX_ENTRIES;
  return Math.max(1, Math.min(MAX_ENTRIES, Math.round((PORTION * last.length) / weight)));
}
