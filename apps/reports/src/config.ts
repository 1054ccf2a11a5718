import {
  commonSettings,
  createCountSetting,
  createMillisecondsSetting,
  createPortSetting,
  createServiceUrlsSetting,
  readSettings,
  storageSettings,
  type EnvironmentVariables,
} from '@seguridad-abc/platform';
import type { z } from 'zod';

/** The environment settings of reports, as zod schemas by name. */
export const reportsSettings = {
  ...commonSettings,
  ...storageSettings,
  REPORTS_PORT: createPortSetting(4002),
  MONITORING_PORT: createPortSetting(4001),
  /** The base URLs of all instances of monitoring, for its event log. @default `MONITORING_PORT` on this machine */
  MONITORING_URL: createServiceUrlsSetting('http://127.0.0.1:4001').optional(),
  /**
   * Base URLs of other instances of reports, with commas between. An instance without a usable read model downloads a snapshot from the
   * first of them that has one, instead of reading the whole event log.
   */
  REPORTS_PEERS: createServiceUrlsSetting('http://reports-2:4002').default([]),
  /** Maximum wait of a query for data that is not projected yet, in ms. */
  PROJECTION_WAIT_MS: createMillisecondsSetting(500, 0, 10_000),
  /** Rows that one request may read, and objects that it may return in lists, each. */
  MAX_ROWS_PER_REQUEST: createCountSetting(10_000, 100, 10_000_000),
  /** Recorded intervals on which one request may simulate rules. */
  MAX_SIMULATED_INTERVALS_PER_REQUEST: createCountSetting(50_000, 100, 100_000_000),
};

/** The validated settings of reports. */
export type ReportsConfig = z.infer<z.ZodObject<typeof reportsSettings>>;

/** @throws StartError with every invalid setting */
export const readReportsConfig = (env: EnvironmentVariables): ReportsConfig =>
  readSettings(reportsSettings, env);
