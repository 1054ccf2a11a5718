import {
  commonSettings,
  countSetting,
  millisecondsSetting,
  portSetting,
  readSettings,
  type Environment,
} from '@seguridad-abc/platform';
import type { z } from 'zod';

export const monitoringSettings = {
  ...commonSettings,
  MONITORING_PORT: portSetting(4001),
  /** About as many entries stay on the Redis Stream; a reader further behind gets them from the log. */
  STREAM_MAX_LENGTH: countSetting(100_000, 100, 100_000_000),
  /** Commands that share a commit at most, a reading counting as one; 1: each waits for the disk by itself. */
  GROUP_COMMIT_MAX: countSetting(256, 1, 10_000),
  /** An alarm is held back so long while the opening is open: a closing may still arrive that is earlier. */
  LATENESS_ALLOWANCE_MS: millisecondsSetting(0, 0, 3_600_000),
};

export type MonitoringConfig = z.infer<z.ZodObject<typeof monitoringSettings>>;

export const readMonitoringConfig = (env: Environment): MonitoringConfig =>
  readSettings(monitoringSettings, env);
