import type { Signal } from '@seguridad-abc/contracts';
import type { IntervalChanges } from '@seguridad-abc/evaluation';
import type { EpisodeSubject } from '../domain/episode.js';

/** An episode of an opening that changed and is not evaluated yet. */
export interface ChangedEpisode {
  readonly subject: EpisodeSubject;
  /** Identifies the episode among those of its opening and subject. */
  readonly startKey: string;
  /** Of late openings: the first instant of the span in which they are evaluated again. */
  readonly startedAt: number;
  /** The episode as it is now; undefined if it does not exist any more. Of late openings: the last instant of the span. */
  readonly present: { readonly endedAt: number | null } | undefined;
  /** Whether the database knows that the episode is not evaluated, because an earlier transaction changed it. */
  readonly isStored: boolean;
  /** Whether only alarms are left that may have to be retracted. */
  readonly isEvaluated?: boolean | undefined;
}

/** The silence before the first reading of an opening starts here: earlier than every instant. */
export const NO_READING = Number.MIN_SAFE_INTEGER;
/** Later than any reading. */
export const END_OF_TIME = Number.MAX_SAFE_INTEGER;

/** The windows, and the times by which the opening must have been opened, that a change can concern last this long at most. */
export const MAX_WINDOW_MS = 3 * 24 * 60 * 60 * 1_000;

/** What identifies an episode among those of its opening. */
export type EpisodeIdentity = Pick<ChangedEpisode, 'subject' | 'startKey'>;

export const getEpisodeKey = ({ subject, startKey }: EpisodeIdentity): string => `${subject} ${startKey}`;

/** Lists the episodes of a signal whose intervals have changed. */
export const listChangedIntervals = (
  signal: Signal,
  { put, removed }: Pick<IntervalChanges, 'put' | 'removed'>,
): ChangedEpisode[] => [
  ...removed.map(({ startId, startedAt }) => ({
    subject: signal,
    startKey: startId,
    startedAt,
    present: undefined,
    isStored: false,
  })),
  ...put.map(({ startId, startedAt, endedAt }) => ({
    subject: signal,
    startKey: startId,
    startedAt,
    present: { endedAt },
    isStored: false,
  })),
];

/** Creates the span in which late openings are evaluated again: both instants are inclusive. */
export const createLateOpeningSpan = (from: number, until: number, isStored: boolean): ChangedEpisode => ({
  subject: 'LATE_OPENINGS',
  startKey: '',
  startedAt: from,
  present: { endedAt: until },
  isStored,
});

/** @param startedAt the instant of a reading, or `NO_READING` @param present undefined if there is no such reading any more */
export const createChangedSilence = (
  startedAt: number,
  present: ChangedEpisode['present'],
  isStored: boolean,
): ChangedEpisode => ({ subject: 'SILENCE', startKey: String(startedAt), startedAt, present, isStored });

/** Finds the span in which a change of the signal `OPEN` can change late openings. @param nowMs the server's instant */
export function findLateOpeningSpan(
  { changedPeriods }: Pick<IntervalChanges, 'changedPeriods'>,
  nowMs: number,
): ChangedEpisode | undefined {
  const [first] = changedPeriods;
  const last = changedPeriods.at(-1);
  if (!first || !last) return undefined;
  return createLateOpeningSpan(
    first.from - MAX_WINDOW_MS,
    Math.min(last.until + MAX_WINDOW_MS, nowMs),
    false,
  );
}

/** Adds the changes of a transaction to the episodes that are not evaluated yet. */
export function mergeChanges(
  changed: readonly ChangedEpisode[],
  added: readonly ChangedEpisode[],
): ChangedEpisode[] {
  const byKey = new Map(changed.map((one) => [getEpisodeKey(one), one]));
  for (const one of added) {
    const before = byKey.get(getEpisodeKey(one));
    const merged = before && one.subject === 'LATE_OPENINGS' ? joinSpans(before, one) : one;
    byKey.set(getEpisodeKey(one), { ...merged, isStored: before?.isStored ?? one.isStored });
  }
  return [...byKey.values()];
}

const joinSpans = (a: ChangedEpisode, b: ChangedEpisode): ChangedEpisode => ({
  ...b,
  startedAt: Math.min(a.startedAt, b.startedAt),
  present: { endedAt: Math.max(a.present?.endedAt ?? -Infinity, b.present?.endedAt ?? -Infinity) },
});

/**
 * Whether no reading that a command has left can change the episode. Then its alarms are final, so it does not matter between
 * which readings the transactions of a command end.
 * @param nextAt the instant of the earliest reading that is left; undefined if none is
 */
export function isSettled(
  { subject, startedAt, present }: ChangedEpisode,
  nextAt: number | undefined,
): boolean {
  if (nextAt === undefined) return true;
  if (subject === 'LATE_OPENINGS') return false;
  // A reading of the instant at which an interval starts or ends can still change it.
  return present ? present.endedAt !== null && present.endedAt < nextAt : startedAt < nextAt;
}
