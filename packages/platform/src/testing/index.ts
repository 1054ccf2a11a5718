export * from './recorded-tracing.js';
export * from './postgres-server.js';
export * from './redis-server.js';
export * from './test-helpers.js';
export * from './event-loop-monitor.js';
export * from './freezing-proxy.js';
export * from './failing-disk.js';
export * from './small-disk.js';
