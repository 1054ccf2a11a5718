import { z } from 'zod';
import { instantSchema } from './instant.js';

export const OPENING_STATES = ['OPEN', 'CLOSED'] as const;
export type OpeningState = (typeof OPENING_STATES)[number];

/** One report of an opening's state. */
export const readingSchema = z.object({
  /** Chosen by the client; unique per opening. */
  id: z.string().min(1),
  state: z.enum(OPENING_STATES),
  at: instantSchema,
});
export type Reading = z.infer<typeof readingSchema>;

/** The time during which an opening is open: `[startedAt, endedAt)`. */
export const openingIntervalRecordSchema = z.object({
  /** The `OPEN` reading that starts the interval. It identifies the interval among those of its opening. */
  startId: z.string().min(1),
  startedAt: instantSchema,
  /** Null while the interval is open. */
  endedAt: instantSchema.nullable(),
});
export type OpeningIntervalRecord = z.infer<typeof openingIntervalRecordSchema>;

/** The current state of an opening, and the changes of its intervals. */
export const openingChangeSchema = z.object({
  userId: z.string(),
  opening: z.string(),
  /** Null until a reading has taken effect. */
  state: z.enum(OPENING_STATES).nullable(),
  /** The instant at which this state began. */
  since: instantSchema.nullable(),
  /** New and changed intervals, complete. */
  intervals: z.array(openingIntervalRecordSchema),
  /** The `startId` of each interval that no longer exists. */
  removed: z.array(z.string()),
});
export type OpeningChange = z.infer<typeof openingChangeSchema>;
