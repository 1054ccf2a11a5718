import { z } from 'zod';
import { instantSchema } from './instant.js';

/** A message of `HEARTBEAT_CHANNEL`: a process is alive, and in which condition. */
export const heartbeatSchema = z.object({
  v: z.literal(1),
  service: z.string().min(1).max(80),
  /** Identifies the process within its service. It stays the same after a restart in the same place. */
  instance: z.string().min(1).max(200),
  /** The version of the software. */
  version: z.string().max(80),
  startedAt: instantSchema,
  /** 1 at start, one more at each heartbeat. */
  sequence: z.int().positive(),
  /** The next heartbeat is due after this many milliseconds. */
  intervalMs: z.int().positive(),
  /** `stopping`: the last heartbeat before the process ends. */
  status: z.enum(['ok', 'error', 'stopping']),
  /** One clause for a person, with the status `error`. */
  detail: z.string().max(500).optional(),
  /** The 99th percentile of the event loop delay since the last heartbeat, in milliseconds. */
  loopDelayMs: z.number().nonnegative(),
  /** Problems that this process has with other services, one clause each, such as "refuses requests". */
  others: z
    .array(z.object({ service: z.string().min(1).max(80), detail: z.string().max(200) }))
    .max(50)
    .optional(),
  /** Work that waits in this process: how many entries, and of what. */
  lag: z.object({ entries: z.int().nonnegative(), what: z.string().max(80) }).optional(),
});
export type Heartbeat = z.infer<typeof heartbeatSchema>;

export const HEALTH_STATUSES = ['UP', 'LATE', 'DEGRADED', 'DOWN', 'UNKNOWN', 'MAINTENANCE'] as const;
export type HealthStatus = (typeof HEALTH_STATUSES)[number];

export const serviceInstanceSchema = z.object({
  id: z.string(),
  status: z.enum(HEALTH_STATUSES),
  version: z.string(),
  startedAt: instantSchema,
  lastBeatAt: instantSchema,
});
export type ServiceInstance = z.infer<typeof serviceInstanceSchema>;

export const serviceHealthSchema = z.object({
  name: z.string(),
  status: z.enum(HEALTH_STATUSES),
  /** One sentence with figures. */
  reason: z.string(),
  /** The instant at which this status began. */
  since: instantSchema,
  lastBeatAt: instantSchema.nullable(),
  instances: z.array(serviceInstanceSchema),
});
export type ServiceHealth = z.infer<typeof serviceHealthSchema>;

/**
 * A message of `HEALTH_CHANNEL`: the health of all services. The monitor publishes it at each transition and at an interval.
 * It is always complete, so a reader that missed one is correct again with the next.
 */
export const healthReportSchema = z.object({
  v: z.literal(1),
  /** Identifies the run of the monitor process. Sequences of two runs cannot be compared. */
  run: z.string().min(1),
  /** Increases by one with each report of a run. */
  sequence: z.int().positive(),
  at: instantSchema,
  /** The next report is due after this many milliseconds at the latest. */
  intervalMs: z.int().positive(),
  services: z.array(serviceHealthSchema),
});
export type HealthReport = z.infer<typeof healthReportSchema>;
