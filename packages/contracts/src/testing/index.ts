export * from './alarm-state.js';
export * from './device-state.js';
export * from './rule-state.js';
