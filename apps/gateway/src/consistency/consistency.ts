import { laterToken, parseConsistencyToken, type ConsistencyToken } from '@seguridad-abc/contracts';

/** Lets one operation see what was written before it, and each of its parts what was written by the parts before. */
export interface Consistency {
  /** What subgraphs are to be asked for now; undefined: whatever state they have. */
  readonly mustSee: ConsistencyToken | undefined;
  /** What the operation's own commands have come to. */
  readonly written: ConsistencyToken | undefined;
  /** Where a subgraph did not have what it was asked for: how long ago that was written, in ms. */
  readonly staleness: number | undefined;
  /** Asks for a state beside what is asked for already. */
  require(token: ConsistencyToken | undefined): void;
  /** Takes note of what a subgraph said beside its answer. */
  heard(extensions: Readonly<Record<string, unknown>>): void;
}

export function createConsistency(required?: ConsistencyToken): Consistency {
  let mustSee = required;
  let written: ConsistencyToken | undefined;
  let staleness: number | undefined;

  return {
    get mustSee() {
      return mustSee;
    },
    get written() {
      return written;
    },
    get staleness() {
      return staleness;
    },
    require(token) {
      mustSee = laterToken(mustSee, token);
    },
    heard(extensions) {
      const token = parseConsistencyToken(extensions['consistencyToken']);
      written = laterToken(written, token);
      mustSee = laterToken(mustSee, token);
      const missing = extensions['staleness'];
      if (typeof missing === 'number') staleness = Math.max(staleness ?? 0, missing);
    },
  };
}
