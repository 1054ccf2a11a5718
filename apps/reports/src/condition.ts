import type { FollowerProblem, ServiceCondition } from '@seguridad-abc/platform';
import type { SetAsideSummary } from './projector/projection-writer.js';

export interface Situation {
  readonly hindrance: FollowerProblem | undefined;
  readonly setAside: SetAsideSummary;
  /** Log entries; undefined while unknown. */
  readonly behind: number | undefined;
}

/** How reports feels, for its beat. */
export function conditionOf({ hindrance, setAside: { count, first }, behind }: Situation): ServiceCondition {
  const errors = [
    ...(hindrance ? [hindrance.reason] : []),
    ...(first === undefined
      ? []
      : [`${count} log ${count === 1 ? 'entry' : 'entries'} set aside, first at position ${first}`]),
  ];
  return {
    error: errors.length > 0 ? errors.join('; ') : undefined,
    lag: behind === undefined ? undefined : { entries: behind, what: 'log entries behind' },
  };
}
