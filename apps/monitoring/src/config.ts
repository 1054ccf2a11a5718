import { MAX_DEVICES_PER_USER_LIMIT } from '@seguridad-abc/contracts';
import {
  commonSettings,
  createCountSetting,
  createInstantSetting,
  createMillisecondsSetting,
  createPortSetting,
  databaseSettings,
  readSettings,
  storageSettings,
  type EnvironmentVariables,
} from '@seguridad-abc/platform';
import { z } from 'zod';
import type { Quotas } from './domain/quotas.js';

export const monitoringSettings = {
  ...commonSettings,
  ...storageSettings,
  ...databaseSettings,
  MONITORING_PORT: createPortSetting(4001),
  /** Approximate number of entries that stay on the Redis Stream. A reader that is further behind reads `GET /log`. */
  STREAM_MAX_LENGTH: createCountSetting(100_000, 100, 100_000_000),
  /** Approximate memory that the Redis Stream may use, in bytes. */
  STREAM_MAX_BYTES: createCountSetting(256 * 1024 * 1024, 1024 * 1024, 1024 ** 4),
  /** Maximum number of commands per group commit; a reading counts as one. 1: every command has its own disk flush. */
  GROUP_COMMIT_MAX: createCountSetting(256, 1, 10_000),
  /** How long an alarm is held back while its interval is open, in case an earlier `CLOSED` reading still arrives. */
  LATENESS_ALLOWANCE_MS: createMillisecondsSetting(0, 0, 3_600_000),

  /**
   * `bound`: the token of a device must be bound to a registered device or to openings. `any`: it may be bound to neither.
   * @default `bound` in production, `any` elsewhere
   */
  DEVICE_TOKENS: z.enum(['any', 'bound']).optional(),
  /** Devices of one user that are not revoked. It binds operators too. */
  MAX_DEVICES_PER_USER: createCountSetting(100, 1, MAX_DEVICES_PER_USER_LIMIT),
  /** How long entries of the audit trail are kept, in days. 0: for ever. */
  AUDIT_RETENTION_DAYS: createCountSetting(0, 0, 36_500),

  /**
   * How long history is kept, in days: readings, intervals and alarms that are over, and the entries of the event log about
   * them. 0: for ever.
   */
  LOG_RETENTION_DAYS: createCountSetting(0, 0, 36_500),
  /** The folder to which entries of the event log are written before they are removed. Empty: they are not. */
  LOG_ARCHIVE_FOLDER: z.string().default(''),

  /** Readings from before this instant are refused: they come from a clock that was never set. */
  READINGS_NOT_BEFORE: createInstantSetting('2001-01-01T00:00:00Z'),

  // The quotas of customers and devices. Operators are not bound.
  /** How far a reading may be behind the server's clock, in seconds. */
  MAX_LATENESS_SECONDS: createCountSetting(86_400, 60, 3_153_600_000),
  /** Rules of one opening that are not deleted. */
  MAX_RULES_PER_OPENING: createCountSetting(50, 1, 1_000_000),
  /** Rules of one user that are not deleted. */
  MAX_RULES_PER_USER: createCountSetting(5_000, 1, 10_000_000),
  MAX_OPENINGS_PER_USER: createCountSetting(1_000, 1, 10_000_000),
  /** Calendars of one user that are not deleted. */
  MAX_CALENDARS_PER_USER: createCountSetting(20, 1, 10_000),
  /** Exceptions of one user that have not ended. */
  MAX_EXCEPTIONS_PER_USER: createCountSetting(100, 1, 10_000),
  MAX_READINGS_PER_MINUTE: createCountSetting(600, 1, 10_000_000),
  /** Alarms that the readings of one command can raise: each reading counts two for each rule of its opening. */
  MAX_ALARMS_PER_COMMAND: createCountSetting(10_000, 2, 10_000_000),
};

export type MonitoringConfig = z.infer<z.ZodObject<typeof monitoringSettings>>;

/** @throws StartError if a setting is invalid */
export const readMonitoringConfig = (env: EnvironmentVariables): MonitoringConfig =>
  readSettings(monitoringSettings, env);

export const getQuotas = (config: MonitoringConfig): Quotas => ({
  rulesPerOpening: config.MAX_RULES_PER_OPENING,
  rulesPerUser: config.MAX_RULES_PER_USER,
  openingsPerUser: config.MAX_OPENINGS_PER_USER,
  calendarsPerUser: config.MAX_CALENDARS_PER_USER,
  exceptionsPerUser: config.MAX_EXCEPTIONS_PER_USER,
  devicesPerUser: config.MAX_DEVICES_PER_USER,
  readingsPerMinute: config.MAX_READINGS_PER_MINUTE,
  alarmsPerCommand: config.MAX_ALARMS_PER_COMMAND,
  latenessMs: config.MAX_LATENESS_SECONDS * 1_000,
});

/** Whether the token of a device may be bound to neither a registered device nor to openings. */
export const allowsUnboundDeviceTokens = ({ DEVICE_TOKENS, NODE_ENV }: MonitoringConfig): boolean =>
  (DEVICE_TOKENS ?? (NODE_ENV === 'production' ? 'bound' : 'any')) === 'any';
