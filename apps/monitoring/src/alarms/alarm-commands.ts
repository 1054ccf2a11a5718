import type { AlarmEvent, AlarmState } from '@seguridad-abc/contracts';
import {
  executeCommand,
  type TransactionalAggregateRepository,
  type IdempotentInput,
} from '../commands/execute-command.js';
import type { CommandCaller } from '../domain/decision.js';
import { decideAcknowledgeAlarm, type AcknowledgeAlarmCommand } from '../domain/alarm-decisions.js';
import {
  decideClaimAlarm,
  decideCommentAlarm,
  decideReleaseAlarm,
  decideResolveAlarm,
  type ClaimAlarmCommand,
  type CommentAlarmCommand,
  type ReleaseAlarmCommand,
  type ResolveAlarmCommand,
} from '../domain/alarm-handling-decisions.js';

export type AlarmRepository = TransactionalAggregateRepository<AlarmState, AlarmEvent>;

/** The commands on alarms. Each throws an ExpectedError if it is rejected. */
export interface AlarmCommands {
  acknowledgeAlarm(
    caller: CommandCaller,
    input: IdempotentInput<AcknowledgeAlarmCommand>,
  ): Promise<AlarmState>;
  claimAlarm(caller: CommandCaller, input: IdempotentInput<ClaimAlarmCommand>): Promise<AlarmState>;
  releaseAlarm(caller: CommandCaller, input: IdempotentInput<ReleaseAlarmCommand>): Promise<AlarmState>;
  commentAlarm(caller: CommandCaller, input: IdempotentInput<CommentAlarmCommand>): Promise<AlarmState>;
  resolveAlarm(caller: CommandCaller, input: IdempotentInput<ResolveAlarmCommand>): Promise<AlarmState>;
}

export const createAlarmCommands = (alarms: AlarmRepository): AlarmCommands => ({
  acknowledgeAlarm: (caller, input) =>
    executeCommand(alarms, 'acknowledgeAlarm', input, {
      id: input.id,
      caller,
      decide: (alarm, context) => decideAcknowledgeAlarm(alarm, input, context),
    }),
  claimAlarm: (caller, input) =>
    executeCommand(alarms, 'claimAlarm', input, { id: input.id, caller, decide: decideClaimAlarm }),
  releaseAlarm: (caller, input) =>
    executeCommand(alarms, 'releaseAlarm', input, { id: input.id, caller, decide: decideReleaseAlarm }),
  commentAlarm: (caller, input) =>
    executeCommand(alarms, 'commentAlarm', input, {
      id: input.id,
      caller,
      decide: (alarm, context) => decideCommentAlarm(alarm, input, context),
    }),
  resolveAlarm: (caller, input) =>
    executeCommand(alarms, 'resolveAlarm', input, {
      id: input.id,
      caller,
      decide: (alarm, context) => decideResolveAlarm(alarm, input, context),
    }),
});
