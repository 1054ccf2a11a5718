import type { Moment } from './moment.js';

/** What made silence count anew. */
export type Restart = 'BEGINNING' | 'REDIS' | 'PAUSE';

/**
 * What the monitor itself could hear. Nobody is silent while nobody listens: silence counts from `since`, and only up
 * to `seenUntil`. All in milliseconds of the monotonic clock.
 */
export interface Watch {
  readonly since: number;
  readonly restartedBy: Restart;
  /** Up to here every beat that reached Redis has been heard; -Infinity before the first proof of that. */
  readonly seenUntil: number;
  /** No such proof for an interval: nothing can be judged. */
  readonly blind: boolean;
  /** The connection was lost since the last proof: beats may have been missed. */
  readonly interrupted: boolean;
  /** When time was last seen to pass. */
  readonly at: number;
}

export const beginWatch = ({ mono }: Moment): Watch => ({
  since: mono,
  restartedBy: 'BEGINNING',
  seenUntil: -Infinity,
  blind: false,
  interrupted: false,
  at: mono,
});

/** The last moment from which the monitor could hear, as far as it knows. */
export const sightedAt = (watch: Watch): number => Math.max(watch.seenUntil, watch.since);

/** Lets time pass: a jump of an interval or more was a pause of this process; an interval without proof is blindness. */
export function passTime(watch: Watch, intervalMs: number, { mono }: Moment): Watch {
  const paused = mono - watch.at >= intervalMs;
  const next: Watch = paused
    ? { ...watch, at: mono, since: mono, restartedBy: 'PAUSE' }
    : { ...watch, at: mono };
  return { ...next, blind: next.blind || mono - sightedAt(next) >= intervalMs };
}

/**
 * Redis has answered what was asked at `askedAt` on the connection that beats arrive on, so that whatever came to it
 * before has been heard.
 */
export function see(watch: Watch, askedAt: number, intervalMs: number, { mono }: Moment): Watch {
  const seen = { ...watch, seenUntil: Math.max(watch.seenUntil, askedAt) };
  const first = watch.seenUntil === -Infinity;
  const fresh = mono - askedAt < intervalMs;
  if (!fresh || !(first || watch.blind || watch.interrupted)) return seen;
  const restartedBy: Restart = first && !watch.blind ? 'BEGINNING' : 'REDIS';
  return { ...seen, blind: false, interrupted: false, since: mono, restartedBy };
}

export const interrupt = (watch: Watch): Watch => ({ ...watch, interrupted: true });

/** For how long it is proved that nothing came after `heardAt`. */
export const provenSilence = (watch: Watch, heardAt: number): number =>
  Math.max(0, watch.seenUntil - Math.max(heardAt, watch.since));
