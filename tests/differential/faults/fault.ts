import type { FormattedExecutionResult } from 'graphql';
import type { Subgraphs } from '../world/compose.js';
import type { Request } from '../world/subgraph.js';
import type { Circumstances } from '../world/values.js';

/** A case in which @apollo/gateway answers otherwise than one schema that holds all the data. */
export interface FaultOfStock extends Request {
  readonly name: string;
  /** What stock does, and why it is not to be followed. */
  readonly reason: string;
  readonly subgraphs: Subgraphs;
  readonly circumstances?: Partial<Circumstances>;
  /** What a subgraph answers in place of what it would. It may throw. */
  readonly spoiled?: Readonly<Record<string, () => FormattedExecutionResult>>;
  /** The right answer, where a subgraph is spoiled: one schema knows of none. */
  readonly right?: FormattedExecutionResult;
  /** The planner's fault is ours too. */
  readonly isOurs?: boolean;
}
