import type { SubgraphResponse } from '../data-sources/subgraph-response.js';
import type { Repetition } from './compile-fetch.js';

/** A request for entities that others of the same plan may want to have made. */
export interface Batch {
  /** The answer as it came, for nobody to change; undefined where it was none, so that it is to be asked again. */
  readonly answer: Promise<SubgraphResponse | undefined>;
}

/** What was asked for, by representation: where it is in the answer of which request. */
export type Known = Map<string, { readonly batch: Batch; readonly index: number }>;

/**
 * The entities of fetches that a plan makes in several places: one operation asks for each of them once. What came before
 * a mutation is forgotten.
 */
export type Memo = Map<Repetition, Known>;
