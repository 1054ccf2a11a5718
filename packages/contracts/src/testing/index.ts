export * from './alarm-state.js';
export * from './calendar-state.js';
export * from './device-state.js';
export * from './opening-exception-state.js';
export * from './rule-state.js';
