export * from './apply-readings.js';
export * from './due-alarms.js';
export * from './allowed-hours.js';
export * from './input-check.js';
export * from './instant.js';
export * from './interval-history.js';
export {
  deriveIntervals,
  deriveOpeningState,
  type OpenInterval,
  type OpeningStateSince,
} from './open-intervals.js';
export * from './local-time.js';
export * from './sensor-reading.js';
export * from './alarm-description.js';
export * from './rule-version.js';
export * from './rule-fields.js';
export * from './time-zone.js';
