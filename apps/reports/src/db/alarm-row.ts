import type { ProjectedAlarm } from '../domain/things.js';
import type { alarms } from './schema.js';

export type AlarmRow = typeof alarms.$inferSelect;

export const toAlarmRow = ({ state, change, changedPosition }: ProjectedAlarm): AlarmRow => ({
  ...state,
  change,
  changedPosition,
});

export const fromAlarmRow = ({ change, changedPosition, ...state }: AlarmRow): ProjectedAlarm => ({
  state,
  change,
  changedPosition,
});
