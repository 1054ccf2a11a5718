export * from './memory-store.js';
export * from './parse-reading.js';
