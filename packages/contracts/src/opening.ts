import { z } from 'zod';
import { instantSchema } from './instant.js';

export const OPENING_STATES = ['OPEN', 'CLOSED'] as const;
export type OpeningState = (typeof OPENING_STATES)[number];

/** What an interval is about: the opening is open, its sensor is tampered with, or the battery of its sensor is low. */
export const SIGNALS = ['OPEN', 'TAMPERED', 'BATTERY_LOW'] as const;
export type Signal = (typeof SIGNALS)[number];

/** One report about an opening. It says nothing about a signal that is null; at least one is not. */
export const readingSchema = z.object({
  /** Chosen by the client; unique per opening. */
  id: z.string().min(1),
  state: z.enum(OPENING_STATES).nullable(),
  tampered: z.boolean().nullable().default(null),
  batteryLow: z.boolean().nullable().default(null),
  at: instantSchema,
});
export type Reading = z.infer<typeof readingSchema>;

/** Identifies an interval among those of its opening. Schema version 1 has only the reading, for the signal `OPEN`. */
const intervalKeySchema = z.preprocess(
  (stored) => (typeof stored === 'string' ? { startId: stored } : stored),
  z.object({
    signal: z.enum(SIGNALS).default('OPEN'),
    /** The reading that starts the interval. */
    startId: z.string().min(1),
  }),
);

/** The time during which a signal is true: `[startedAt, endedAt)`. */
export const openingIntervalRecordSchema = z.object({
  signal: z.enum(SIGNALS).default('OPEN'),
  /** The reading that starts the interval. It identifies the interval among those of its opening and signal. */
  startId: z.string().min(1),
  startedAt: instantSchema,
  /** Null while the signal is true. */
  endedAt: instantSchema.nullable(),
});
export type OpeningIntervalRecord = z.infer<typeof openingIntervalRecordSchema>;

/** The current state of an opening, and the changes of its intervals. */
export const openingChangeSchema = z.object({
  userId: z.string(),
  opening: z.string(),
  /** Null until a reading of the state has taken effect. */
  state: z.enum(OPENING_STATES).nullable(),
  /** The instant at which this state began. */
  since: instantSchema.nullable(),
  /** Null until a reading of the signal has taken effect. */
  tampered: z.boolean().nullable().default(null),
  /** Null until a reading of the signal has taken effect. */
  batteryLow: z.boolean().nullable().default(null),
  /** New and changed intervals, complete. */
  intervals: z.array(openingIntervalRecordSchema),
  /** The intervals that no longer exist. */
  removed: z.array(intervalKeySchema),
});
export type OpeningChange = z.infer<typeof openingChangeSchema>;
