/** The id before the first transition. */
export const NO_TRANSITION_ID = '0-0';

/** Formats the id of a published transition. @param number counts from 1 in each term */
export const formatTransitionId = (term: number, number: number): string => `${term}-${number}`;

/** Parses an id that {@link formatTransitionId} has made. */
export function parseTransitionId(id: string): { readonly term: number; readonly number: number } {
  const [term = 0, number = 0] = id.split('-').map(Number);
  return { term, number };
}

/** Compares ids by the order in which transitions were published. */
export function compareTransitionIds(a: string, b: string): number {
  const left = parseTransitionId(a);
  const right = parseTransitionId(b);
  return left.term - right.term || left.number - right.number;
}
