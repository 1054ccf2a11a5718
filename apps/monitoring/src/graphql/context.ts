import {
  formatConsistencyToken,
  type Actor,
  type AlarmState,
  type RuleState,
} from '@seguridad-abc/contracts';
import DataLoader from 'dataloader';
import { OperationTypeNode } from 'graphql';
import type { AlarmCommands, AlarmRepository } from '../alarms/alarm-commands.js';
import { getAccessibleState } from '../domain/decision.js';
import type { ReadingCommands } from '../readings/reading-commands.js';
import type { RuleCommands, RuleRepository } from '../rules/rule-commands.js';

export interface MonitoringCommands extends RuleCommands, ReadingCommands, AlarmCommands {}

/** The context of one request, which its resolvers use. */
export interface Context {
  readonly caller: Actor;
  readonly commands: MonitoringCommands;
  /** Loads the rules that the caller may see, with one statement per request. */
  readonly rules: DataLoader<string, RuleState | undefined>;
  /** Loads the alarms that the caller may see, with one statement per request. */
  readonly alarms: DataLoader<string, AlarmState | undefined>;
}

export interface ContextRepositories {
  readonly rules: Pick<RuleRepository, 'findByIds'>;
  readonly alarms: Pick<AlarmRepository, 'findByIds'>;
}

/** @returns a function that creates the context of a request. Events record only the id and role of the verified caller. */
export const createContextFactory =
  (commands: MonitoringCommands, { rules, alarms }: ContextRepositories) =>
  ({ id, role }: Actor): Context => {
    const caller = { id, role };
    return {
      caller,
      commands,
      rules: createAccessibleLoader((ids) => rules.findByIds(ids), caller),
      alarms: createAccessibleLoader((ids) => alarms.findByIds(ids), caller),
    };
  };

const createAccessibleLoader = <State extends { readonly userId: string }>(
  findByIds: (ids: readonly string[]) => Promise<(State | undefined)[]>,
  caller: Actor,
): DataLoader<string, State | undefined> =>
  new DataLoader(async (ids) => (await findByIds(ids)).map((state) => getAccessibleState(caller, state)));

/**
 * @param getLogEnd the log's id and last position
 * @returns a function that adds the consistency token to the response of a mutation
 */
export const createResponseExtensions =
  (getLogEnd: () => Promise<{ readonly logId: string; readonly position: number }>, now: () => string) =>
  async (_context: Context, operation: OperationTypeNode) => {
    if (operation !== OperationTypeNode.MUTATION) return undefined;
    // The position of the command's own event, or a later one if other commands were committed meanwhile.
    const token = { ...(await getLogEnd()), at: Date.parse(now()) };
    return { consistencyToken: formatConsistencyToken(token) };
  };
