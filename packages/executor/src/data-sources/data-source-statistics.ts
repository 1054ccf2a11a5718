import type { DurationStatistics } from '../shared/duration-histogram.js';

/** The requests of a data source to its subgraph. */
export interface DataSourceStatistics {
  /** Requests that are sent and not answered. */
  readonly runningRequests: number;
  /** Requests that wait for the turn of their caller. */
  readonly waitingRequests: number;
  /** Attempts after the first one of a request. */
  readonly retries: number;
  /**
   * Number of requests by how they ended: `ok`, `errors` for a response with errors, or the kind of a `FetchFailure` without a valid
   * response.
   */
  readonly outcomes: Readonly<Record<string, number>>;
  /** From the request until its response is parsed, with retries. */
  readonly durations: DurationStatistics;
}
