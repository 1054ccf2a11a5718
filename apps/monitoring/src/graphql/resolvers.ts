import { ExpectedError, createStringScalar } from '@seguridad-abc/platform';
import type { Resolvers } from './generated.js';

export const resolvers: Resolvers = {
  DateTime: createStringScalar('DateTime'),
  LocalTime: createStringScalar('LocalTime'),
  TimeZone: createStringScalar('TimeZone'),
  Mutation: {
    createRule: async (_, { input }, { commands }) => ({
      ...keyOf(input),
      rule: await commands.createRule(input),
    }),
    updateRule: async (_, { input }, { commands }) => ({
      ...keyOf(input),
      rule: await commands.updateRule(input),
    }),
    deleteRule: async (_, { input }, { commands }) => ({
      ...keyOf(input),
      rule: await commands.deleteRule(input),
    }),
    recordReadings: async (_, { input }, { commands }) => {
      const { accepted, duplicates, refused } = await commands.recordReadings(input);
      return { accepted, duplicates, refused: [...refused] };
    },
    acknowledgeAlarm: async (_, { input }, { commands }) => ({
      ...keyOf(input),
      alarm: await commands.acknowledgeAlarm(input),
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
      if (!rule) throw new ExpectedError('NOT_FOUND', 'The rule of this alarm is not on record.');
      return rule;
    },
  },
};

const keyOf = ({ clientMutationId }: { clientMutationId?: string | null | undefined }) => ({
  clientMutationId: clientMutationId ?? null,
});
