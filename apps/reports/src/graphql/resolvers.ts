import { isAlarmQueued } from '@seguridad-abc/contracts';
import { deriveShortForm, findOutdatedZoneNotice } from '@seguridad-abc/evaluation';
import { createStringScalar, toCanonicalJson } from '@seguridad-abc/platform';
import type { AnyNodeConnection } from '../connections/relay-connection.js';
import type { Resolvers } from './generated.js';

/** Resolvers that all connection types share. */
const CONNECTION_RESOLVERS = {
  pageInfo: (connection: AnyNodeConnection) => connection,
  totalCount: (connection: AnyNodeConnection) => connection.totalCount(),
};

/** Resolvers of the subgraph. They call the queries of the request and contain no logic. */
export const resolvers: Resolvers = {
  DateTime: createStringScalar('DateTime'),
  LocalTime: createStringScalar('LocalTime'),
  TimeZone: createStringScalar('TimeZone'),
  Date: createStringScalar('Date'),
  Query: {
    viewer: (_, __, { users }) => users.getViewer(),
    user: (_, { id }, { users }) => users.findById(id),
    rule: (_, { id }, { rules }) => rules.findById(id),
    rules: (_, args, { rules }) => rules.list(args),
    alarm: (_, { id }, { alarms }) => alarms.findById(id),
    alarms: (_, args, { alarms }) => alarms.list(args),
    alarmQueue: (_, args, { alarms }) => alarms.listQueue(args),
    auditLog: (_, args, { audit }) => audit.list(args),
    simulateRule: (_, args, { simulateRule }) => simulateRule(args),
  },
  User: {
    __resolveReference: ({ id }, { users }) => users.findEntity(id),
    rules: ({ id }, args, { rules }) => rules.listByUser(id, args),
    openings: async ({ id }, _, { openings }) => [...(await openings.listAllByUser(id))],
    devices: async ({ id }, _, { devices }) => [...(await devices.listByUser(id))],
    calendars: async ({ id }, _, { calendars }) => [...(await calendars.listByUser(id))],
    exceptions: async ({ id }, { active }, { exceptions }) => [
      ...(await exceptions.listByUser(id, active ?? null)),
    ],
    openingConnection: ({ id }, args, { openings }) => openings.listByUser(id, args),
    alarms: ({ id }, args, { alarms }) => alarms.listByUser(id, args),
  },
  Device: {
    user: ({ userId }) => ({ id: userId }),
  },
  Calendar: {
    __resolveReference: ({ id }, { calendars }) => calendars.findEntity(id),
    user: ({ userId }) => ({ id: userId }),
    dates: async ({ id }, _, { calendars }) => [...(await calendars.loadDates(id))],
  },
  OpeningException: {
    user: ({ userId }) => ({ id: userId }),
  },
  Opening: {
    lastReadingAt: ({ userId, name }, _, { openings }) =>
      openings.findLastReadingAt({ userId, opening: name }),
    rules: ({ userId, name }, _, { rules }) => rules.listByOpening(userId, name),
  },
  Rule: {
    __resolveReference: ({ id }, { rules }) => rules.findEntity(id),
    user: ({ userId }) => ({ id: userId }),
    opensAt: ({ windows }) => deriveShortForm(windows).opensAt,
    closesAt: ({ windows }) => deriveShortForm(windows).closesAt,
    days: ({ windows }) => deriveShortForm(windows).days,
    timeZoneNotice: ({ timeZone }) => findOutdatedZoneNotice(timeZone) ?? null,
    activeWindows: ({ activeWindows }) =>
      activeWindows?.map((window) => ({ ...window, openBy: null })) ?? null,
    calendar: ({ calendarId }, _, { calendars }) =>
      calendarId === null ? null : calendars.findById(calendarId),
    alarmCount: ({ id }, { status }, { alarms }) => alarms.countByRule(id, status ?? null),
    lastAlarm: ({ id }, _, { alarms }) => alarms.findLastByRule(id),
  },
  Alarm: {
    __resolveReference: ({ id }, { alarms }) => alarms.findEntity(id),
    rule: ({ ruleId }, _, { rules }) => rules.getForAlarm(ruleId),
    user: ({ userId }) => ({ id: userId }),
    isQueued: isAlarmQueued,
    timeline: ({ id }, args, { alarms }) => alarms.listTimeline(id, args),
  },
  AuditEntry: {
    actor: ({ actor }) => actor?.id ?? null,
    device: ({ actor }) => actor?.device ?? null,
    address: ({ actor }) => actor?.address ?? null,
    actorSalt: ({ actor }) => actor?.salt ?? null,
    userId: ({ subject }) => subject?.userId ?? null,
    subject: ({ subject }) => subject?.id ?? null,
    before: ({ subject }) => (subject?.before ? toCanonicalJson(subject.before) : null),
    after: ({ subject }) => (subject?.after ? toCanonicalJson(subject.after) : null),
    subjectSalt: ({ subject }) => subject?.salt ?? null,
  },
  AuditConnection: {
    pageInfo: (connection) => connection,
    edges: (connection) => connection.edges(),
    nodes: (connection) => connection.nodes(),
  },
  RuleConnection: {
    ...CONNECTION_RESOLVERS,
    edges: (connection) => connection.edges(),
    nodes: (connection) => connection.nodes(),
  },
  AlarmConnection: {
    ...CONNECTION_RESOLVERS,
    edges: (connection) => connection.edges(),
    nodes: (connection) => connection.nodes(),
  },
  AlarmTimelineConnection: {
    ...CONNECTION_RESOLVERS,
    edges: (connection) => connection.edges(),
    nodes: (connection) => connection.nodes(),
  },
  OpeningConnection: {
    ...CONNECTION_RESOLVERS,
    edges: (connection) => connection.edges(),
    nodes: (connection) => connection.nodes(),
  },
  RuleSimulation: {
    async alarms({ alarms }, _, { budget }) {
      await budget.spendReturnedRows(
        alarms.length,
        'Simulate shorter periods or fewer rules, or select only `intervals` and `openSeconds`.',
      );
      return alarms;
    },
  },
  PageInfo: {
    hasNextPage: (connection) => connection.hasNextPage(),
    hasPreviousPage: (connection) => connection.hasPreviousPage(),
    startCursor: (connection) => connection.startCursor(),
    endCursor: (connection) => connection.endCursor(),
  },
};
