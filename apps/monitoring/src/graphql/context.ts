import type { AlarmState, CalendarState, DeviceState, RuleState } from '@seguridad-abc/contracts';
import type DataLoader from 'dataloader';
import type { AlarmCommands } from '../alarms/alarm-commands.js';
import type { CalendarCommands } from '../calendars/calendar-commands.js';
import type { DeviceCommands } from '../devices/device-commands.js';
import type { DeviceActivity } from '../devices/device-repository.js';
import type { CommandCaller } from '../domain/decision.js';
import type { ErasureCommands } from '../erasure/erasure-commands.js';
import type { ExceptionCommands } from '../exceptions/exception-commands.js';
import type { ReadingCommands } from '../readings/reading-commands.js';
import type { RuleCommands } from '../rules/rule-commands.js';

export interface MonitoringCommands
  extends
    RuleCommands,
    CalendarCommands,
    ExceptionCommands,
    ReadingCommands,
    AlarmCommands,
    DeviceCommands,
    ErasureCommands {}

/** The context of one request, which its resolvers use. */
export interface Context {
  readonly caller: CommandCaller;
  /** The openings to which the caller is bound. Undefined: any opening of the users that it may access. */
  readonly allowedOpenings: readonly string[] | undefined;
  readonly commands: MonitoringCommands;
  /** Loads the rules that the caller may see, with one statement per request. */
  readonly rules: DataLoader<string, RuleState | undefined>;
  /** Loads the calendars that the caller may see, with one statement per request. */
  readonly calendars: DataLoader<string, CalendarState | undefined>;
  /** Loads the alarms that the caller may see, with one statement per request. */
  readonly alarms: DataLoader<string, AlarmState | undefined>;
  /** Loads the devices that the caller may see, with one statement per request. */
  readonly devices: DataLoader<string, DeviceState | undefined>;
  /** Loads the activity of devices that the caller may see, with one statement per request. */
  readonly deviceActivities: DataLoader<string, DeviceActivity | undefined>;
}
