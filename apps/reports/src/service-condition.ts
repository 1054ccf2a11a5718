import {
  describeLogStall,
  type FollowerProblem,
  type LogLag,
  type ServiceCondition,
} from '@seguridad-abc/platform';
import type { SetAsideSummary } from './db/projection-store.js';

/** The state of the projection that heartbeats report. */
export interface ProjectionStatus {
  /** The position of the read model's checkpoint. */
  readonly position: number;
  /** Undefined if unknown. */
  readonly lag: LogLag | undefined;
  /** How far the rebuild of the read model is, if one takes longer than usual. */
  readonly rebuild: string | undefined;
  /** The reason why the projector does not advance, if it does not. */
  readonly problem: FollowerProblem | undefined;
  /** Why the Redis Stream cannot be read, although Redis answers. */
  readonly streamProblem: string | undefined;
  readonly setAside: Pick<SetAsideSummary, 'count' | 'first'>;
}

/** Derives the condition that heartbeats report from the state of the projection. */
export function deriveServiceCondition({
  position,
  lag,
  rebuild,
  problem,
  streamProblem,
  setAside: { count, first },
}: ProjectionStatus): ServiceCondition {
  const stall = describeLogStall(position, lag, problem?.reason, 'to be projected');
  const errors = [
    ...(rebuild === undefined ? [] : [rebuild]),
    ...(stall === undefined ? [] : [stall]),
    ...(streamProblem === undefined ? [] : [`the Redis stream cannot be read: ${streamProblem}`]),
    ...(first === undefined
      ? []
      : [
          `${count} log ${count === 1 ? 'entry' : 'entries'} set aside, first at position ${first} (npm run dead-letters)`,
        ]),
  ];
  return {
    error: errors.length > 0 ? errors.join('; ') : undefined,
    lag: lag && { entries: lag.entries, seconds: lag.seconds, what: 'log entries behind' },
  };
}
