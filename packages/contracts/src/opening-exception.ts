import { z } from 'zod';
import { instantSchema } from './instant.js';

/** The largest number of characters of the reason of an exception. */
export const MAX_EXCEPTION_REASON_LENGTH = 500;
/** The largest number of openings that an exception names. */
export const MAX_OPENINGS_PER_EXCEPTION = 100;

/** `ALLOW`: the opening may be open. `SUSPEND`: no alarm is due. */
export const EXCEPTION_EFFECTS = ['ALLOW', 'SUSPEND'] as const;
export type ExceptionEffect = (typeof EXCEPTION_EFFECTS)[number];

/** The complete state of an exception at one version: what events carry, and what monitoring and reports store. */
export const openingExceptionStateSchema = z.object({
  id: z.string(),
  /** The owner of the openings. */
  userId: z.string(),
  /** The names of the openings. Null: all openings of the user, also new ones. */
  openings: z.array(z.string()).nullable(),
  effect: z.enum(EXCEPTION_EFFECTS),
  /** The first instant of the period. */
  from: instantSchema,
  /** The instant at which the period ends, exclusive. An exception that is cancelled ends earlier, at `cancelledAt`. */
  until: instantSchema,
  reason: z.string(),
  /** The id of the caller that created the exception. */
  createdBy: z.string(),
  createdAt: instantSchema,
  /** Null unless the exception is cancelled. From this instant on, it has no effect. */
  cancelledAt: instantSchema.nullable(),
  updatedAt: instantSchema,
  /** 1 at creation, one more at each change. */
  version: z.int().positive(),
});
export type OpeningExceptionState = z.infer<typeof openingExceptionStateSchema>;
