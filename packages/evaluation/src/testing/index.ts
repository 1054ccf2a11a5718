export * from './memory-store.js';
export * from './readings.js';
