import { createStringScalar } from '@seguridad-abc/platform';
import type { AnyConnection } from '../queries/queries.js';
import type { Resolvers } from './generated.js';

/** Of every kind of connection. */
const CONNECTION = {
  pageInfo: (connection: AnyConnection) => connection,
  totalCount: (connection: AnyConnection) => connection.totalCount(),
};

export const resolvers: Resolvers = {
  DateTime: createStringScalar('DateTime'),
  LocalTime: createStringScalar('LocalTime'),
  TimeZone: createStringScalar('TimeZone'),
  Query: {
    viewer: (_, __, { queries }) => queries.viewer(),
    user: (_, { id }, { queries }) => queries.user(id),
    rule: (_, { id }, { queries }) => queries.rule(id),
    rules: (_, args, { queries }) => queries.rules(args),
    alarm: (_, { id }, { queries }) => queries.alarm(id),
    alarms: (_, args, { queries }) => queries.alarms(args),
    simulateRule: (_, args, { queries }) => queries.simulateRule(args),
  },
  User: {
    __resolveReference: ({ id }, { queries }) => queries.userEntity(id),
    rules: ({ id }, args, { queries }) => queries.rulesOf(id, args),
    openings: ({ id }, _, { queries }) => queries.openingsOf(id),
    alarms: ({ id }, args, { queries }) => queries.alarmsOf(id, args),
  },
  Opening: {
    rules: ({ userId, name }, _, { queries }) => queries.rulesOfOpening(userId, name),
  },
  Rule: {
    __resolveReference: ({ id }, { queries }) => queries.ruleEntity(id),
    user: ({ userId }) => ({ id: userId }),
    alarmCount: ({ id }, { status }, { queries }) => queries.alarmCount(id, status ?? null),
    lastAlarm: ({ id }, _, { queries }) => queries.lastAlarm(id),
  },
  Alarm: {
    __resolveReference: ({ id }, { queries }) => queries.alarmEntity(id),
    rule: ({ ruleId }, _, { queries }) => queries.ruleOfAlarm(ruleId),
    user: ({ userId }) => ({ id: userId }),
  },
  RuleConnection: {
    ...CONNECTION,
    edges: (connection) => connection.edges(),
    nodes: async (connection) => (await connection.edges()).map(({ node }) => node),
  },
  AlarmConnection: {
    ...CONNECTION,
    edges: (connection) => connection.edges(),
    nodes: async (connection) => (await connection.edges()).map(({ node }) => node),
  },
  PageInfo: {
    hasNextPage: (connection) => connection.hasNextPage(),
    hasPreviousPage: (connection) => connection.hasPreviousPage(),
    startCursor: async (connection) => (await connection.edges())[0]?.cursor ?? null,
    endCursor: async (connection) => (await connection.edges()).at(-1)?.cursor ?? null,
  },
};
