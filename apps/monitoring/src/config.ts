import { commonSettings, count, port, readSettings, type Environment } from '@seguridad-abc/platform';
import type { z } from 'zod';

export const monitoringSettings = {
  ...commonSettings,
  MONITORING_PORT: port(4001),
  /** About as many entries stay on the Redis Stream; a reader further behind gets them from the log. */
  STREAM_MAX_LENGTH: count(100_000, 100, 100_000_000),
  /** Commands that share a commit at most; 1: each waits for the disk by itself. */
  GROUP_COMMIT_MAX: count(256, 1, 10_000),
};

export type MonitoringConfig = z.infer<z.ZodObject<typeof monitoringSettings>>;

export const readMonitoringConfig = (env: Environment): MonitoringConfig =>
  readSettings(monitoringSettings, env);
