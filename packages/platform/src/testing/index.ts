export * from './redis-server.js';
export * from './test-helpers.js';
