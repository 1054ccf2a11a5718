import type { AlarmState, RuleState } from '@seguridad-abc/contracts';
import type DataLoader from 'dataloader';
import type { AlarmCommands } from '../alarms/alarm-commands.js';
import type { CommandCaller } from '../domain/decision.js';
import type { ReadingCommands } from '../readings/reading-commands.js';
import type { RuleCommands } from '../rules/rule-commands.js';

export interface MonitoringCommands extends RuleCommands, ReadingCommands, AlarmCommands {}

/** The context of one request, which its resolvers use. */
export interface Context {
  readonly caller: CommandCaller;
  readonly commands: MonitoringCommands;
  /** Loads the rules that the caller may see, with one statement per request. */
  readonly rules: DataLoader<string, RuleState | undefined>;
  /** Loads the alarms that the caller may see, with one statement per request. */
  readonly alarms: DataLoader<string, AlarmState | undefined>;
}
