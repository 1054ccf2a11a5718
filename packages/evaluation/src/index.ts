export {
  describeAlarm,
  describeAlarmRetraction,
  type AlarmRetraction,
  type DescribedAlarm,
} from './alarm-description.js';
export {
  createAllowedPeriods,
  findFirstForbidden,
  type AllowedHours,
  type AllowedPeriods,
} from './allowed-periods.js';
export * from './apply-readings.js';
export * from './calendar-input-check.js';
export * from './due-alarms.js';
export * from './exception-input-check.js';
export { removeHiddenCharacters } from './hidden-characters.js';
export * from './history-horizon.js';
export * from './input-check.js';
export * from './open-by.js';
export * from './periods.js';
export * from './rule-input-check.js';
export * from './rule-version.js';
export {
  deriveIntervals,
  deriveSignalValue,
  getSignalReport,
  listSignalReports,
  toOpeningState,
  type SensorReading,
  type SignalInterval,
  type SignalReport,
  type SignalValueSince,
} from './signal-intervals.js';
export * from './time-zone-changes.js';
export {
  MAX_WINDOWS_PER_RULE,
  type ActiveWindowInput,
  type CalendarWindowInput,
  type WindowInput,
} from './window-input-check.js';
