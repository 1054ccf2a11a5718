export * from './beat.js';
export * from './consistency.js';
export * from './events.js';
export * from './health.js';
export * from './log-entry.js';
export * from './rule-change.js';
export * from './topics.js';
