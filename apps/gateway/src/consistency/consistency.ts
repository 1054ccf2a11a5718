import {
  laterConsistencyToken,
  parseConsistencyToken,
  type ConsistencyToken,
} from '@seguridad-abc/contracts';

/** Lets one operation see what was written before it, and each of its parts what was written by the parts before. */
export interface Consistency {
  /** What subgraphs are to be asked for now; undefined: whatever state they have. */
  mustSee: ConsistencyToken | undefined;
  /** What the operation's own commands have come to. */
  written: ConsistencyToken | undefined;
  /** Where a subgraph did not have what it was asked for: how long ago that was written, in ms. */
  staleness: number | undefined;
}

export const consistencyFrom = (mustSee?: ConsistencyToken): Consistency => ({
  mustSee,
  written: undefined,
  staleness: undefined,
});

/** Takes note of what a subgraph said beside its answer. */
export function hear(consistency: Consistency, extensions: Readonly<Record<string, unknown>>): void {
  const { mustSee, written, staleness } = consistency;
  const token = parseConsistencyToken(extensions['consistencyToken']);
  consistency.written = laterConsistencyToken(written, token);
  consistency.mustSee = laterConsistencyToken(mustSee, token);
  const missing = extensions['staleness'];
  if (typeof missing === 'number') consistency.staleness = Math.max(staleness ?? 0, missing);
}
