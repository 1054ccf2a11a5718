import type { AlarmEvent, AlarmState } from '@seguridad-abc/contracts';
import {
  executeCommand,
  type TransactionalAggregateRepository,
  type IdempotentInput,
} from '../commands/execute-command.js';
import type { CommandCaller } from '../domain/decision.js';
import { decideAcknowledgeAlarm, type AcknowledgeAlarmCommand } from '../domain/alarm-decisions.js';

export type AlarmRepository = TransactionalAggregateRepository<AlarmState, AlarmEvent>;

export interface AlarmCommands {
  /** @throws ExpectedError if the command is rejected */
  acknowledgeAlarm(
    caller: CommandCaller,
    input: IdempotentInput<AcknowledgeAlarmCommand>,
  ): Promise<AlarmState>;
}

export const createAlarmCommands = (alarms: AlarmRepository): AlarmCommands => ({
  acknowledgeAlarm: (caller, input) =>
    executeCommand(alarms, 'acknowledgeAlarm', input, {
      id: input.id,
      caller,
      decide: (alarm, context) => decideAcknowledgeAlarm(alarm, input, context),
    }),
});
