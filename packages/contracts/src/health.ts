import { z } from 'zod';
import { instant } from './instant.js';

export const HEALTH_STATUSES = ['UP', 'LATE', 'DEGRADED', 'DOWN', 'UNKNOWN', 'MAINTENANCE'] as const;
export type HealthStatus = (typeof HEALTH_STATUSES)[number];

export const instanceSnapshot = z.object({
  id: z.string(),
  status: z.enum(HEALTH_STATUSES),
  version: z.string(),
  startedAt: instant,
  lastBeatAt: instant,
});
export type InstanceSnapshot = z.infer<typeof instanceSnapshot>;

export const serviceSnapshot = z.object({
  name: z.string(),
  status: z.enum(HEALTH_STATUSES),
  /** One sentence with figures. */
  reason: z.string(),
  /** When this status began. */
  since: instant,
  lastBeatAt: instant.nullable(),
  instances: z.array(instanceSnapshot),
});
export type ServiceSnapshot = z.infer<typeof serviceSnapshot>;

/**
 * Everything that the monitor knows, published at each change of a status and once an interval.
 * Whole each time: a reader that missed one is right again with the next.
 */
export const healthReport = z.object({
  v: z.literal(1),
  /** Which run of the monitor: sequences of two runs cannot be compared. */
  run: z.string().min(1),
  /** Rises by one with each report of a run. */
  sequence: z.int().positive(),
  at: instant,
  /** The next report is due after this many milliseconds at the latest. */
  intervalMs: z.int().positive(),
  services: z.array(serviceSnapshot),
});
export type HealthReport = z.infer<typeof healthReport>;
