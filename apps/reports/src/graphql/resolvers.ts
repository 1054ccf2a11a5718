import type { Resolvers } from './generated.js';

export const resolvers: Resolvers = {
  Query: {
    viewer: (_, __, { queries }) => queries.viewer(),
    user: (_, { id }, { queries }) => queries.user(id),
    rule: (_, { id }, { queries }) => queries.rule(id),
    rules: (_, args, { queries }) => queries.rules(args),
  },
  User: {
    __resolveReference: ({ id }, { queries }) => queries.userEntity(id),
    rules: ({ id }, args, { queries }) => queries.rulesOf(id, args),
  },
  Rule: {
    __resolveReference: ({ id }, { queries }) => queries.ruleEntity(id),
    user: ({ userId }) => ({ id: userId }),
  },
  RuleConnection: {
    edges: (connection) => connection.edges(),
    nodes: async (connection) => (await connection.edges()).map(({ node }) => node),
    pageInfo: (connection) => connection,
    totalCount: (connection) => connection.totalCount(),
  },
  PageInfo: {
    hasNextPage: (connection) => connection.hasNextPage(),
    hasPreviousPage: (connection) => connection.hasPreviousPage(),
    startCursor: async (connection) => (await connection.edges())[0]?.cursor ?? null,
    endCursor: async (connection) => (await connection.edges()).at(-1)?.cursor ?? null,
  },
};
