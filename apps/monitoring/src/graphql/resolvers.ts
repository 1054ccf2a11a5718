import { ExpectedError, createStringScalar } from '@seguridad-abc/platform';
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
