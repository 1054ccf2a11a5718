import type { AlarmKind, Signal } from '@seguridad-abc/contracts';

/**
 * What is evaluated: the intervals of a signal, the silences between readings, and the windows in which the opening was not
 * opened in time.
 */
export type EpisodeSubject = Signal | 'SILENCE' | 'LATE_OPENINGS';

/** The kinds of alarm that the episodes of a subject can raise. */
export const KINDS_OF_SUBJECT: Readonly<Record<EpisodeSubject, readonly AlarmKind[]>> = {
  OPEN: ['OUTSIDE_HOURS', 'OPEN_TOO_LONG'],
  TAMPERED: ['TAMPERED'],
  BATTERY_LOW: ['BATTERY_LOW'],
  SILENCE: ['SILENT'],
  LATE_OPENINGS: ['NOT_OPENED'],
};

/**
 * The time during which a condition can last, such as an interval or a silence: `[startedAt, endedAt)`. Null: it has not
 * ended.
 */
export interface EvaluatedEpisode {
  readonly subject: EpisodeSubject;
  /** Identifies the episode among those of its opening, rule and subject. */
  readonly startKey: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
}
