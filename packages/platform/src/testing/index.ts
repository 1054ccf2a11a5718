export * from './eventually.js';
export * from './folder.js';
export * from './identity.js';
export * from './logs.js';
export * from './redis.js';
