import type { FollowerProblem, ServiceCondition } from '@seguridad-abc/platform';
import type { SetAsideSummary } from './projector/read-model-updater.js';

/** The state of the projection that heartbeats report. */
export interface ProjectionStatus {
  /** How far the rebuild of the read model is, if one takes longer than usual. */
  readonly rebuild: string | undefined;
  /** The reason why the projector does not advance, if it does not. */
  readonly problem: FollowerProblem | undefined;
  readonly setAside: SetAsideSummary;
  /** How many log entries are not projected yet. Undefined if unknown. */
  readonly lagEntries: number | undefined;
}

/** Derives the condition that heartbeats report from the state of the projection. */
export function deriveServiceCondition({
  rebuild,
  problem,
  setAside: { count, first },
  lagEntries,
}: ProjectionStatus): ServiceCondition {
  const errors = [
    ...(rebuild === undefined ? [] : [rebuild]),
    ...(problem ? [problem.reason] : []),
    ...(first === undefined
      ? []
      : [`${count} log ${count === 1 ? 'entry' : 'entries'} set aside, first at position ${first}`]),
  ];
  return {
    error: errors.length > 0 ? errors.join('; ') : undefined,
    lag: lagEntries === undefined ? undefined : { entries: lagEntries, what: 'log entries behind' },
  };
}
