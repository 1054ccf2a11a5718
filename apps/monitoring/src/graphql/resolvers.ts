import type { RuleState } from '@seguridad-abc/contracts';
import { stringScalar } from '@seguridad-abc/platform';
import type { Resolvers } from './generated.js';

export const resolvers: Resolvers = {
  DateTime: stringScalar('DateTime'),
  LocalTime: stringScalar('LocalTime'),
  TimeZone: stringScalar('TimeZone'),
  Mutation: {
    createRule: async (_, { input }, { commands }) => answer(input, await commands.createRule(input)),
    updateRule: async (_, { input }, { commands }) => answer(input, await commands.updateRule(input)),
    deleteRule: async (_, { input }, { commands }) => answer(input, await commands.deleteRule(input)),
  },
  Rule: {
    __resolveReference: async ({ id }, { rules }) => (await rules.load(id)) ?? null,
    user: ({ userId }) => ({ __typename: 'User', id: userId }),
  },
};

const answer = ({ clientMutationId }: { clientMutationId?: string | null | undefined }, rule: RuleState) => ({
  clientMutationId: clientMutationId ?? null,
  rule,
});
