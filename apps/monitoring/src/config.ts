import {
  commonSettings,
  createCountSetting,
  createMillisecondsSetting,
  createPortSetting,
  readSettings,
  type EnvironmentVariables,
} from '@seguridad-abc/platform';
import type { z } from 'zod';

export const monitoringSettings = {
  ...commonSettings,
  MONITORING_PORT: createPortSetting(4001),
  /** Approximate number of entries that stay on the Redis Stream. A reader that is further behind reads `GET /log`. */
  STREAM_MAX_LENGTH: createCountSetting(100_000, 100, 100_000_000),
  /** Maximum number of commands per group commit; a reading counts as one. 1: every command has its own disk flush. */
  GROUP_COMMIT_MAX: createCountSetting(256, 1, 10_000),
  /** How long an alarm is held back while its interval is open, in case an earlier `CLOSED` reading still arrives. */
  LATENESS_ALLOWANCE_MS: createMillisecondsSetting(0, 0, 3_600_000),
};

export type MonitoringConfig = z.infer<z.ZodObject<typeof monitoringSettings>>;

export const readMonitoringConfig = (env: EnvironmentVariables): MonitoringConfig =>
  readSettings(monitoringSettings, env);
