/**
 * The Redis of an installation, for programs that are no services: its settings, and single connections. Commands import this entry
 * point, because the whole package loads the server libraries.
 */
export { describeRedisAddress } from './redis-client-options.js';
export * from './redis-fault.js';
export * from './redis-settings.js';
export { readRedisSettings } from './settings.js';
