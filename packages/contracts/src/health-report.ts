import { z } from 'zod';
import { instantSchema } from './instant.js';

export const HEALTH_STATUSES = ['UP', 'LATE', 'DEGRADED', 'DOWN', 'UNKNOWN', 'MAINTENANCE'] as const;
export type HealthStatus = (typeof HEALTH_STATUSES)[number];

export const serviceInstanceSnapshotSchema = z.object({
  id: z.string(),
  status: z.enum(HEALTH_STATUSES),
  version: z.string(),
  startedAt: instantSchema,
  lastBeatAt: instantSchema,
});
export type ServiceInstanceSnapshot = z.infer<typeof serviceInstanceSnapshotSchema>;

export const serviceHealthSnapshotSchema = z.object({
  name: z.string(),
  status: z.enum(HEALTH_STATUSES),
  /** One sentence with figures. */
  reason: z.string(),
  /** When this status began. */
  since: instantSchema,
  lastBeatAt: instantSchema.nullable(),
  instances: z.array(serviceInstanceSnapshotSchema),
});
export type ServiceHealthSnapshot = z.infer<typeof serviceHealthSnapshotSchema>;

/**
 * Everything that the monitor knows, published at each change of a status and once an interval.
 * Whole each time: a reader that missed one is right again with the next.
 */
export const healthReportSchema = z.object({
  v: z.literal(1),
  /** Which run of the monitor: sequences of two runs cannot be compared. */
  run: z.string().min(1),
  /** Rises by one with each report of a run. */
  sequence: z.int().positive(),
  at: instantSchema,
  /** The next report is due after this many milliseconds at the latest. */
  intervalMs: z.int().positive(),
  services: z.array(serviceHealthSnapshotSchema),
});
export type HealthReport = z.infer<typeof healthReportSchema>;
