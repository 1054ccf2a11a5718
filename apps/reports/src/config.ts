import {
  commonSettings,
  millisecondsSetting,
  portSetting,
  readSettings,
  type Environment,
} from '@seguridad-abc/platform';
import { z } from 'zod';

export const reportsSettings = {
  ...commonSettings,
  REPORTS_PORT: portSetting(4002),
  MONITORING_PORT: portSetting(4001),
  /** Where monitoring serves its log. @default this machine, `MONITORING_PORT` */
  MONITORING_URL: z
    .string()
    .regex(/^https?:\/\/\S+$/, 'must be a URL like http://127.0.0.1:4001')
    .optional(),
  /** How long an answer waits for what is not projected yet, at most. */
  PROJECTION_WAIT_MS: millisecondsSetting(500, 0, 10_000),
};

export type ReportsConfig = z.infer<z.ZodObject<typeof reportsSettings>>;

export const readReportsConfig = (env: Environment): ReportsConfig => readSettings(reportsSettings, env);
