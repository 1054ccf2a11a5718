import type { DataSource, OperationContext } from '../data-sources/data-source.js';
import type { Logger } from '../shared/logger.js';
import type { TypeConditions } from '../supergraph/type-conditions.js';
import type { CompiledFetch } from './compile-fetch.js';
import type { Visit } from './due-targets.js';
import type { Faults } from './field-errors.js';
import type { InFlightRequests } from './in-flight-requests.js';
import type { Memo } from './memo.js';
import type { Merging } from './response-tree.js';
import type { Tree } from './tree.js';

/** By the names that a plan has for subgraphs. */
export type DataSources = Readonly<Record<string, DataSource>>;

/** One execution of a plan, from its first fetch until its answer is shaped. */
export interface Run extends Merging {
  readonly types: TypeConditions;
  /** Coerced, defaults filled in. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: OperationContext;
  readonly dataSources: DataSources;
  readonly flights: InFlightRequests;
  /** Undefined as long as nothing is to be remembered. */
  memo: Memo | undefined;
  /** Most entities that one request asks for; more are asked for in several at once. */
  readonly maxEntities: number;
  /** What clients call a subgraph. */
  readonly serviceName: (source: string) => string;
  readonly logger: Logger;
  /** What all fetches have given so far. */
  readonly tree: Tree;
  /** Undefined as long as nothing has gone wrong. */
  faults: Faults | undefined;
  /** Undefined as long as no entities have been looked for. */
  visits: Map<CompiledFetch, Visit> | undefined;
  /** How many entities have been asked for. */
  asked: number;
  /** Whether the plan has been run before, and now is for what has come since. */
  isAgain: boolean;
}
