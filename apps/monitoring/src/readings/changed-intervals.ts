import type { IntervalChanges, OpeningInterval } from '@seguridad-abc/evaluation';

/** An interval that changed and is not evaluated yet. */
export interface ChangedInterval {
  readonly startId: string;
  readonly startedAt: number;
  /** The interval as it is now. Undefined if its reading starts none any more. */
  readonly present: OpeningInterval | undefined;
  /** Whether the database knows that the interval is not evaluated, because an earlier transaction changed it. */
  readonly isStored: boolean;
}

/** The changed intervals that are to be evaluated. */
export type IntervalsToEvaluate = Pick<IntervalChanges, 'put' | 'removed'>;

/** Adds the changes of a transaction to the intervals that are not evaluated yet. */
export function mergeChanges(
  changed: readonly ChangedInterval[],
  { put, removed }: IntervalsToEvaluate,
): ChangedInterval[] {
  const byStart = new Map(changed.map((one) => [one.startId, one]));
  const add = ({ startId, startedAt }: OpeningInterval, present: OpeningInterval | undefined) => {
    const isStored = byStart.get(startId)?.isStored ?? false;
    byStart.set(startId, { startId, startedAt, present, isStored });
  };
  for (const interval of removed) add(interval, undefined);
  for (const interval of put) add(interval, interval);
  return [...byStart.values()];
}

/**
 * Finds the changed intervals that are settled: no reading that a command has left can change them. Their alarms are final,
 * so it does not matter between which readings the transactions of a command end.
 * @param nextAt the instant of the earliest reading that is left; undefined if none is
 */
export function findSettled(
  changed: readonly ChangedInterval[],
  nextAt: number | undefined,
): readonly ChangedInterval[] {
  if (nextAt === undefined) return changed;
  return changed.filter(({ startedAt, present }) =>
    // A reading of the instant at which an interval starts or ends can still change it.
    present ? present.endedAt !== null && present.endedAt < nextAt : startedAt < nextAt,
  );
}

/** Lists changed intervals in the order in which they are evaluated. */
export function toIntervalsToEvaluate(changed: readonly ChangedInterval[]): IntervalsToEvaluate {
  const put = changed.flatMap(({ present }) => present ?? []).sort((a, b) => a.startedAt - b.startedAt);
  const removed = changed
    .filter(({ present }) => !present)
    .map(({ startId, startedAt }) => ({ startId, startedAt, endedAt: null }));
  return { put, removed };
}
