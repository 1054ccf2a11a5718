import {
  commonSettings,
  countSetting,
  millisecondsSetting,
  portSetting,
  readSettings,
  type Environment,
} from '@seguridad-abc/platform';
import { z } from 'zod';

const NAMES = /^[\w.-]{1,80}(\s*,\s*[\w.-]{1,80})*$/;

export const heartbeatSettings = {
  ...commonSettings,
  HEARTBEAT_PORT: portSetting(4003),
  /** Services that are missed where they are not heard; others are watched once they have been heard. */
  HEARTBEAT_EXPECTED: z
    .string()
    .trim()
    .regex(NAMES, 'must be names of services with commas between')
    .default('gateway,monitoring,reports,heartbeat')
    .transform((names) => [...new Set(names.split(/\s*,\s*/))]),
  /** A process whose event loop is held up longer than this is DEGRADED. */
  HEARTBEAT_MAX_LOOP_DELAY_MS: millisecondsSetting(500, 1, 3_600_000),
  /** A process that has more log entries than this waiting is DEGRADED. */
  HEARTBEAT_MAX_LAG_ENTRIES: countSetting(1_000, 0, 1_000_000_000),
};

export type HeartbeatConfig = z.infer<z.ZodObject<typeof heartbeatSettings>>;

export const readHeartbeatConfig = (env: Environment): HeartbeatConfig =>
  readSettings(heartbeatSettings, env);
