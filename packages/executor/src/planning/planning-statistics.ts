import type { DurationStatistics } from '../shared/duration-histogram.js';

/** The work of the planning workers. */
export interface PlanningStatistics {
  /** Operations that wait for a worker. */
  readonly waiting: number;
  /** Operations that are planned now. */
  readonly running: number;
  /** Number of operations by the kind of their `StagePlanningResult`. */
  readonly results: Readonly<Record<string, number>>;
  /** Operations that were refused because too many waited. */
  readonly refused: number;
  /** Time of a worker for each operation. */
  readonly durations: DurationStatistics;
}
