export { describeAlarm, describeAlarmRetraction } from './alarm-description.js';
export * from './allowed-hours.js';
export * from './apply-readings.js';
export * from './due-alarms.js';
export * from './history-horizon.js';
export * from './input-check.js';
export {
  deriveIntervals,
  deriveOpeningState,
  type OpeningInterval,
  type OpeningStateSince,
  type SensorReading,
} from './opening-intervals.js';
export * from './rule-input-check.js';
export * from './time-zone-changes.js';
