import { z } from 'zod';
import { instantSchema } from './instant.js';

/**
 * A text without control characters: the health of services is shown in terminals, where they would be commands.
 * @param maxLength in UTF-16 code units
 */
const lineSchema = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .regex(/^\P{Cc}*$/u, 'must not contain control characters');

/** A message of `RedisNames.heartbeatChannel`: a process is alive, and in which condition. */
export const heartbeatSchema = z.object({
  v: z.literal(1),
  service: lineSchema(80).min(1),
  /** Identifies the process within its service. It stays the same after a restart in the same place. */
  instance: lineSchema(200).min(1),
  /** The version of the software. */
  version: lineSchema(80),
  startedAt: instantSchema,
  /** The clock of the process when it sent this heartbeat. Absent in heartbeats of older software. */
  sentAt: instantSchema.optional(),
  /** 1 at start, one more at each heartbeat. */
  sequence: z.int().positive(),
  /** The next heartbeat is due after this many milliseconds. */
  intervalMs: z.int().positive(),
  /** `stopping`: the last heartbeat before the process ends. */
  status: z.enum(['ok', 'error', 'stopping']),
  /** One clause for a person, with the status `error`. */
  detail: lineSchema(500).optional(),
  /** The 99th percentile of the event loop delay since the last heartbeat, in milliseconds. */
  loopDelayMs: z.number().nonnegative(),
  /** Problems that this process has with other services, one clause each, such as "refuses requests". */
  others: z
    .array(z.object({ service: lineSchema(80).min(1), detail: lineSchema(200) }))
    .max(50)
    .optional(),
  /** Work that waits in this process: how many entries, of what, and how long the first of them has waited. */
  lag: z
    .object({
      entries: z.int().nonnegative(),
      what: lineSchema(80),
      seconds: z.int().nonnegative().optional(),
    })
    .optional(),
  /**
   * How far this process is in the event log. The monitor compares the positions of all processes, so that it notices a relay or a
   * projector that stands still and does not know it.
   */
  log: z
    .object({
      /** Positions of two logs are unrelated. */
      id: lineSchema(200).min(1),
      /** The end of the log, from the process that writes it. */
      end: z.int().nonnegative().optional(),
      /** The last position that this process has published on the Redis Stream. */
      published: z.int().nonnegative().optional(),
      /** The last position that this process has projected into the read model. */
      projected: z.int().nonnegative().optional(),
    })
    .optional(),
});
export type Heartbeat = z.infer<typeof heartbeatSchema>;

/**
 * A message of `RedisNames.receptionProbeChannel`. The monitor publishes it to itself. Its arrival proves that Redis delivers messages: every
 * heartbeat that Redis accepted before it has arrived.
 */
export const receptionProbeSchema = z.object({
  v: z.literal(1),
  /** Identifies the run of the monitor process, which ignores the probes of others. */
  run: z.string().min(1),
  /** The monotonic clock of the monitor, in milliseconds. */
  sentAtMs: z.number(),
});
export type ReceptionProbe = z.infer<typeof receptionProbeSchema>;

export const HEALTH_STATUSES = ['UP', 'LATE', 'DEGRADED', 'DOWN', 'UNKNOWN', 'MAINTENANCE'] as const;
export type HealthStatus = (typeof HEALTH_STATUSES)[number];

export const serviceInstanceSchema = z.object({
  id: z.string(),
  status: z.enum(HEALTH_STATUSES),
  version: z.string(),
  startedAt: instantSchema,
  lastBeatAt: instantSchema,
  /** The heartbeat interval of the process. Absent in reports of older software. */
  intervalMs: z.int().positive().optional(),
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

/** Maximum number of services that are in maintenance, or were in the last 30 days. */
export const MAX_MAINTENANCE_RECORDS = 200;

/**
 * The last maintenance command about one service. Monitors exchange these records, and each keeps the one with the higher revision:
 * a command that one of them receives takes effect on all. A record is removed 30 days after the maintenance has ended.
 */
export const maintenanceRecordSchema = z.object({
  service: z.string().min(1).max(200),
  /** One more at each command. Of two records about a service, the one with the higher revision counts. */
  revision: z.int().positive(),
  reason: z.string().max(2_000),
  since: instantSchema,
  /** When maintenance ends by itself, or when an operator has ended it. Null: an operator will end it. */
  until: instantSchema.nullable(),
  /** Whether an operator has ended it. */
  isEnded: z.boolean(),
});
export type MaintenanceRecord = z.infer<typeof maintenanceRecordSchema>;

/** A message of `RedisNames.maintenanceChannel`: commands that other monitors may not have received. */
export const maintenanceMessageSchema = z.object({
  v: z.literal(1),
  records: z.array(maintenanceRecordSchema).max(MAX_MAINTENANCE_RECORDS),
});
export type MaintenanceMessage = z.infer<typeof maintenanceMessageSchema>;

/** Identifies a status change that was published: `<term>-<number>`, where numbers count from 1 in each term. */
export const transitionIdSchema = z.string().regex(/^\d{1,16}-\d{1,16}$/, 'must be <term>-<number>');

/** An entry of the stream of transitions: a status change that was published. Its id in the stream identifies it. */
export const publishedTransitionSchema = z.object({
  service: z.string(),
  from: z.enum(HEALTH_STATUSES),
  to: z.enum(HEALTH_STATUSES),
  at: instantSchema,
  reason: z.string(),
  /** The id of the entry before it. A reader that lacks that one has missed entries. Absent for the first. */
  previous: transitionIdSchema.optional(),
});
export type PublishedTransition = z.infer<typeof publishedTransitionSchema>;

/**
 * A message of `RedisNames.healthChannel`: the health of all services. The monitor publishes it at each transition and at an interval.
 * It is always complete, so a reader that missed one is correct again with the next.
 */
export const healthReportSchema = z.object({
  v: z.literal(1),
  /**
   * Increases each time that another monitor begins to publish, or the same one again. A report of an older term is outdated.
   * Absent (as 0) in reports of older software.
   */
  term: z.int().nonnegative().optional(),
  /** Redis could not store the speaker's lease. Other monitors do not take it as long as they receive reports. */
  isUnfenced: z.boolean().optional(),
  /** Identifies the run of the monitor process. Sequences of two runs cannot be compared. */
  run: z.string().min(1),
  /** Increases by one with each report of a run. */
  sequence: z.int().positive(),
  at: instantSchema,
  /** The next report is due after this many milliseconds at the latest. */
  intervalMs: z.int().positive(),
  services: z.array(serviceHealthSchema),
  /** The last published status change that this report includes. For other monitors. */
  lastTransition: transitionIdSchema.optional(),
  /** For other monitors. */
  maintenance: z.array(maintenanceRecordSchema).max(MAX_MAINTENANCE_RECORDS).optional(),
});
export type HealthReport = z.infer<typeof healthReportSchema>;
