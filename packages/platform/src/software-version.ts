import { createRequire } from 'node:module';

/** The version of this software. All packages of an installation have the same one. */
export const { version: SOFTWARE_VERSION } = createRequire(import.meta.url)('../package.json') as {
  version: string;
};

/**
 * The version of the time zone data with which this process converts local times, such as `2025c`. Node.js contains the data;
 * `ICU_TIMEZONE_FILES_DIR` can name newer data. `unknown` if Node.js was built without it.
 */
export const TIME_ZONE_DATA_VERSION = process.versions['tz'] ?? 'unknown';
