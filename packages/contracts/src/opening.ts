import { z } from 'zod';
import { instantSchema } from './instant.js';

export const OPENING_STATES = ['OPEN', 'CLOSED'] as const;
export type OpeningState = (typeof OPENING_STATES)[number];

/** One report of an opening's state. */
export const readingSchema = z.object({
  /** Client-chosen; unique per opening. */
  id: z.string().min(1),
  state: z.enum(OPENING_STATES),
  at: instantSchema,
});
export type Reading = z.infer<typeof readingSchema>;

/** A time in which an opening was, or still is, open. */
export const intervalRecordSchema = z.object({
  /** The `OPEN` reading that starts it; it names the interval among those of its opening. */
  startId: z.string().min(1),
  startedAt: instantSchema,
  /** Null while it is open. */
  endedAt: instantSchema.nullable(),
});
export type IntervalRecord = z.infer<typeof intervalRecordSchema>;

/** What became of an opening: its present state whole, and those of its intervals that are new, changed or gone. */
export const openingChangeSchema = z.object({
  userId: z.string(),
  opening: z.string(),
  /** Null while no reading has taken effect. */
  state: z.enum(OPENING_STATES).nullable(),
  /** When it came to be in this state. */
  since: instantSchema.nullable(),
  /** New, or changed, as they are now. */
  intervals: z.array(intervalRecordSchema),
  /** `startId`s of intervals that are none any more. */
  removed: z.array(z.string()),
});
export type OpeningChange = z.infer<typeof openingChangeSchema>;
