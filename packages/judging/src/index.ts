export * from './instant.js';
export * from './local-time.js';
export * from './time-zone.js';
