import { z } from 'zod';
import { instantSchema } from './instant.js';

/** A process says that it lives, how it feels, and when it will say so again. */
export const heartbeatSchema = z.object({
  v: z.literal(1),
  service: z.string().min(1).max(80),
  /** Which process of that service; the same again after a restart in the same place. */
  instance: z.string().min(1).max(200),
  /** Of the software. */
  version: z.string().max(80),
  startedAt: instantSchema,
  /** 1 at start, one more at each beat. */
  sequence: z.int().positive(),
  /** The next beat is due after this many milliseconds. */
  intervalMs: z.int().positive(),
  /** `stopping`: the goodbye; no further beat follows. */
  status: z.enum(['ok', 'error', 'stopping']),
  /** One clause for a person; given with `error`. */
  detail: z.string().max(500).optional(),
  /** 99th percentile since the last beat, in milliseconds. */
  loopDelayMs: z.number().nonnegative(),
  /** What this process finds wrong with services that it uses: one clause each, such as "refuses requests". */
  others: z
    .array(z.object({ service: z.string().min(1).max(80), detail: z.string().max(200) }))
    .max(50)
    .optional(),
  /** Work that only this process knows to be waiting. */
  lag: z.object({ entries: z.int().nonnegative(), what: z.string().max(80) }).optional(),
});
export type Heartbeat = z.infer<typeof heartbeatSchema>;
