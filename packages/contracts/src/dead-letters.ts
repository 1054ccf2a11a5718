import { z } from 'zod';
import { logEntrySchema } from './event-log.js';

/** A log entry that reports has set aside, because it cannot read it or its projection failed. */
export const deadLetterSchema = z.object({
  entry: logEntrySchema,
  /** Why it is not in the read model, in one line. */
  cause: z.string(),
  /** How often its projection has failed; 0: this version of reports cannot read it. */
  attempts: z.int().nonnegative(),
  /** UTC. Null if an older version has set it aside. */
  setAsideAt: z.string().nullable(),
});
export type DeadLetter = z.infer<typeof deadLetterSchema>;

/** The response of reports' `GET /dead-letters?after=<position>&limit=<1..100>`. */
export const deadLetterPageSchema = z.object({
  /** Of all dead letters. */
  count: z.int().nonnegative(),
  /** In the order of their positions. */
  deadLetters: z.array(deadLetterSchema),
});
export type DeadLetterPage = z.infer<typeof deadLetterPageSchema>;

/** The response of `PUT /dead-letters/retry?positions=3,5`: how many entries are applied, and how many are still set aside. */
export const deadLetterRetrySchema = z.object({
  applied: z.int().nonnegative(),
  failed: z.int().nonnegative(),
});

/** The response of `DELETE /dead-letters?positions=3,5`. */
export const deadLetterDropSchema = z.object({ dropped: z.int().nonnegative() });
