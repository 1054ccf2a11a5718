import { DurationHistogram } from '../shared/duration-histogram.js';
import type { FetchFailure, SubgraphResponse } from './data-source.js';
import type { DataSourceStatistics } from './data-source-statistics.js';

/** Counts the requests of one data source. */
export class DataSourceRecorder implements DataSourceStatistics {
  runningRequests = 0;
  retries = 0;
  readonly outcomes: Record<string, number> = {};
  readonly durations = new DurationHistogram();

  /** @param countWaiting returns the number of requests that wait for the turn of their caller */
  constructor(private readonly countWaiting: () => number) {}

  get waitingRequests(): number {
    return this.countWaiting();
  }

  recordEnd(result: SubgraphResponse | FetchFailure, durationMs: number): void {
    const outcome = getOutcome(result);
    this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1;
    this.durations.addMs(durationMs);
  }
}

function getOutcome(result: SubgraphResponse | FetchFailure): string {
  if ('kind' in result) return result.kind;
  return result.errors ? 'errors' : 'ok';
}
