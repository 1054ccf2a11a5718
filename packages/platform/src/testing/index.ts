export * from './eventually.js';
export * from './folder.js';
export * from './logs.js';
export * from './redis.js';
