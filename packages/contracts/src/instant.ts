import { z } from 'zod';

/** An instant in UTC with milliseconds: `2026-01-31T08:00:00.000Z`. Instants sort as text. */
export const instantSchema = z.iso.datetime({ precision: 3 });

/**
 * Formats an instant as {@link instantSchema} requires.
 * @param ms milliseconds since 1970
 */
export const formatInstant = (ms: number): string => new Date(ms).toISOString();

/** The two clocks of one machine, read at the same time. */
export interface ClockReading {
  /** Milliseconds of a clock that never goes back. Durations and decisions use this clock. */
  readonly monotonicMs: number;
  /** Milliseconds since 1970. Only for display and storage, because the wall clock may be set. */
  readonly wallMs: number;
}
