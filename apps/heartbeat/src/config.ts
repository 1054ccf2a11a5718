import {
  commonSettings,
  createCountSetting,
  createMillisecondsSetting,
  createPortSetting,
  databaseSettings,
  readSettings,
  storageSettings,
  type EnvironmentVariables,
} from '@seguridad-abc/platform';
import { z } from 'zod';

const SERVICE_NAMES = /^[\w.-]{1,80}(\s*,\s*[\w.-]{1,80})*$/;

/** The settings of the heartbeat service. */
export const heartbeatSettings = {
  ...commonSettings,
  ...storageSettings,
  ...databaseSettings,
  HEARTBEAT_PORT: createPortSetting(4003),
  /** Services that are always listed, and DOWN without heartbeats. Others are listed after their first heartbeat. */
  HEARTBEAT_EXPECTED: z
    .string()
    .trim()
    .regex(SERVICE_NAMES, 'must be names of services, separated by commas')
    .default('gateway,monitoring,reports,heartbeat')
    .transform((names) => [...new Set(names.split(/\s*,\s*/))]),
  /** A process with a longer event-loop delay is DEGRADED. */
  HEARTBEAT_MAX_LOOP_DELAY_MS: createMillisecondsSetting(500, 1, 3_600_000),
  /** A process with more waiting log entries is DEGRADED. */
  HEARTBEAT_MAX_LAG_ENTRIES: createCountSetting(1_000, 0, 1_000_000_000),
  /** A process whose clock differs more from the clocks of the other processes is DEGRADED. */
  HEARTBEAT_MAX_CLOCK_SKEW_MS: createMillisecondsSetting(5_000, 100, 86_400_000),
  /** A process that publishes or projects no log entry for this time, although entries wait, is DEGRADED. */
  HEARTBEAT_MAX_STALL_MS: createMillisecondsSetting(15_000, 1_000, 3_600_000),
};

export type HeartbeatConfig = z.infer<z.ZodObject<typeof heartbeatSettings>>;

/** @throws StartError if a setting is invalid */
export const readHeartbeatConfig = (env: EnvironmentVariables): HeartbeatConfig =>
  readSettings(heartbeatSettings, env);
