import type { IncomingHttpHeaders } from 'node:http';
import { CLIENT_ADDRESS_HEADER, formatConsistencyToken, type Actor } from '@seguridad-abc/contracts';
import { ExpectedError, createStringScalar, type RequestLifetime } from '@seguridad-abc/platform';
import DataLoader from 'dataloader';
import { OperationTypeNode } from 'graphql';
import type { AlarmRepository } from '../alarms/alarm-commands.js';
import { getAccessibleState } from '../domain/decision.js';
import type { EventLog } from '../log/event-log.js';
import type { RuleRepository } from '../rules/rule-commands.js';
import type { Context, MonitoringCommands } from './context.js';
import type { Resolvers } from './generated.js';

export const resolvers: Resolvers = {
  DateTime: createStringScalar('DateTime'),
  LocalTime: createStringScalar('LocalTime'),
  TimeZone: createStringScalar('TimeZone'),
  Mutation: {
    createRule: async (_, { input }, { caller, commands }) => ({
      clientMutationId: input.clientMutationId ?? null,
      rule: await commands.createRule(caller, input),
    }),
    updateRule: async (_, { input }, { caller, commands }) => ({
      clientMutationId: input.clientMutationId ?? null,
      rule: await commands.updateRule(caller, input),
    }),
    deleteRule: async (_, { input }, { caller, commands }) => ({
      clientMutationId: input.clientMutationId ?? null,
      rule: await commands.deleteRule(caller, input),
    }),
    recordReadings: async (_, { input }, { caller, commands }) => {
      const { accepted, duplicates, refused } = await commands.recordReadings(caller, input);
      return { accepted, duplicates, refused: [...refused] };
    },
    acknowledgeAlarm: async (_, { input }, { caller, commands }) => ({
      clientMutationId: input.clientMutationId ?? null,
      alarm: await commands.acknowledgeAlarm(caller, input),
    }),
  },
  Rule: {
    __resolveReference: async ({ id }, { rules }) => (await rules.load(id)) ?? null,
    user: ({ userId }) => ({ __typename: 'User', id: userId }),
  },
  Alarm: {
    __resolveReference: async ({ id }, { alarms }) => (await alarms.load(id)) ?? null,
    user: ({ userId }) => ({ __typename: 'User', id: userId }),
    rule: async ({ ruleId }, _, { rules }) => {
      const rule = await rules.load(ruleId);
      if (!rule) throw new ExpectedError('NOT_FOUND', 'The rule of this alarm is not stored.');
      return rule;
    },
  },
};

export interface ContextRepositories {
  readonly rules: Pick<RuleRepository, 'findByIds'>;
  readonly alarms: Pick<AlarmRepository, 'findByIds'>;
}

/**
 * @returns a function that creates the context of a request. Events record only the id and role of the verified caller; the
 *   audit trail also the address of its client, which only the gateway can send.
 */
export const createContextFactory =
  (commands: MonitoringCommands, { rules, alarms }: ContextRepositories) =>
  ({ id, role }: Actor, headers: IncomingHttpHeaders, lifetime: RequestLifetime): Context => {
    const address = headers[CLIENT_ADDRESS_HEADER];
    const caller = { id, role, address: typeof address === 'string' ? address : undefined };
    return {
      caller,
      get commands() {
        // A further command of a request for which nobody waits is not begun.
        const end = lifetime.findEnd();
        if (end) throw end;
        return commands;
      },
      rules: createAccessibleLoader((ids) => rules.findByIds(ids), caller),
      alarms: createAccessibleLoader((ids) => alarms.findByIds(ids), caller),
    };
  };

const createAccessibleLoader = <State extends { readonly userId: string }>(
  findByIds: (ids: readonly string[]) => Promise<(State | undefined)[]>,
  caller: Actor,
): DataLoader<string, State | undefined> =>
  new DataLoader(async (ids) => (await findByIds(ids)).map((state) => getAccessibleState(caller, state)));

/** @returns a function that adds the consistency token to the response of a mutation, also of a refused one */
export const createResponseExtensions =
  (eventLog: Pick<EventLog, 'end'>, now: () => string) =>
  async ({ caller }: Context, operation: OperationTypeNode) => {
    if (operation !== OperationTypeNode.MUTATION) return undefined;
    // The token of a customer covers its own data. If it covered all data, the time that a query waits for it would show
    // when other customers write.
    const end = await eventLog.end(caller.role === 'operator' ? undefined : caller.id);
    return { consistencyToken: formatConsistencyToken({ ...end, at: Date.parse(now()) }) };
  };
