export * from './create-rule-version.js';
export * from './memory-store.js';
export * from './parse-report.js';
