import type { IncomingHttpHeaders } from 'node:http';
import {
  CLIENT_ADDRESS_HEADER,
  formatConsistencyToken,
  isAlarmQueued,
  type Actor,
} from '@seguridad-abc/contracts';
import { deriveShortForm, findOutdatedZoneNotice } from '@seguridad-abc/evaluation';
import { ExpectedError, createStringScalar, type RequestLifetime } from '@seguridad-abc/platform';
import DataLoader from 'dataloader';
import { OperationTypeNode } from 'graphql';
import type { AlarmRepository } from '../alarms/alarm-commands.js';
import type { CalendarRepository } from '../calendars/calendar-commands.js';
import type { DeviceActivityRecorder } from '../devices/device-activity.js';
import type { DeviceRepository } from '../devices/device-commands.js';
import type { CommandSender } from '../devices/sender-authentication.js';
import { getAccessibleState } from '../domain/decision.js';
import type { RuleRepository } from '../rules/rule-commands.js';
import type { Context, MonitoringCommands } from './context.js';
import type { Resolvers } from './generated.js';

export const resolvers: Resolvers = {
  Date: createStringScalar('Date'),
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
    recordReadings: async (_, { input }, { caller, allowedOpenings, commands }) => {
      const recorded = await commands.recordReadings(caller, input, allowedOpenings);
      const { accepted, duplicates, duplicateReadings, refused } = recorded;
      return { accepted, duplicates, duplicateReadings: [...duplicateReadings], refused: [...refused] };
    },
    withdrawReadings: async (_, { input }, { caller, commands }) => {
      const { withdrawn, unknown } = await commands.withdrawReadings(caller, input);
      return { withdrawn, unknown: [...unknown] };
    },
    createCalendar: async (_, { input }, { caller, commands }) => ({
      clientMutationId: input.clientMutationId ?? null,
      calendar: await commands.createCalendar(caller, input),
    }),
    updateCalendar: async (_, { input }, { caller, commands }) => ({
      clientMutationId: input.clientMutationId ?? null,
      calendar: await commands.updateCalendar(caller, input),
    }),
    deleteCalendar: async (_, { input }, { caller, commands }) => ({
      clientMutationId: input.clientMutationId ?? null,
      calendar: await commands.deleteCalendar(caller, input),
    }),
    createException: async (_, { input }, { caller, commands }) => ({
      clientMutationId: input.clientMutationId ?? null,
      exception: await commands.createException(caller, input),
    }),
    cancelException: async (_, { input }, { caller, commands }) => ({
      clientMutationId: input.clientMutationId ?? null,
      exception: await commands.cancelException(caller, input),
    }),
    acknowledgeAlarm: async (_, { input }, { caller, commands }) => ({
      clientMutationId: input.clientMutationId ?? null,
      alarm: await commands.acknowledgeAlarm(caller, input),
    }),
    claimAlarm: async (_, { input }, { caller, commands }) => ({
      clientMutationId: input.clientMutationId ?? null,
      alarm: await commands.claimAlarm(caller, input),
    }),
    releaseAlarm: async (_, { input }, { caller, commands }) => ({
      clientMutationId: input.clientMutationId ?? null,
      alarm: await commands.releaseAlarm(caller, input),
    }),
    commentAlarm: async (_, { input }, { caller, commands }) => ({
      clientMutationId: input.clientMutationId ?? null,
      alarm: await commands.commentAlarm(caller, input),
    }),
    resolveAlarm: async (_, { input }, { caller, commands }) => ({
      clientMutationId: input.clientMutationId ?? null,
      alarm: await commands.resolveAlarm(caller, input),
    }),
    registerDevice: async (_, { input }, { caller, commands }) => ({
      clientMutationId: input.clientMutationId ?? null,
      ...(await commands.registerDevice(caller, input)),
    }),
    revokeDevice: async (_, { input }, { caller, commands }) => ({
      clientMutationId: input.clientMutationId ?? null,
      device: await commands.revokeDevice(caller, input),
    }),
    eraseUserData: async (_, { input }, { caller, commands }) => ({
      clientMutationId: input.clientMutationId ?? null,
      ...(await commands.eraseUserData(caller, input)),
    }),
  },
  Rule: {
    __resolveReference: async ({ id }, { rules }) => (await rules.load(id)) ?? null,
    user: ({ userId }) => ({ __typename: 'User', id: userId }),
    opensAt: ({ windows }) => deriveShortForm(windows).opensAt,
    closesAt: ({ windows }) => deriveShortForm(windows).closesAt,
    days: ({ windows }) => deriveShortForm(windows).days,
    timeZoneNotice: ({ timeZone }) => findOutdatedZoneNotice(timeZone) ?? null,
    calendar: async ({ calendarId }, _, { calendars }) =>
      calendarId === null ? null : ((await calendars.load(calendarId)) ?? null),
    activeWindows: ({ activeWindows }) =>
      activeWindows?.map((window) => ({ ...window, openBy: null })) ?? null,
  },
  Calendar: {
    __resolveReference: async ({ id }, { calendars }) => (await calendars.load(id)) ?? null,
    user: ({ userId }) => ({ __typename: 'User', id: userId }),
  },
  OpeningException: {
    user: ({ userId }) => ({ __typename: 'User', id: userId }),
  },
  Alarm: {
    __resolveReference: async ({ id }, { alarms }) => (await alarms.load(id)) ?? null,
    isQueued: isAlarmQueued,
    user: ({ userId }) => ({ __typename: 'User', id: userId }),
    rule: async ({ ruleId }, _, { rules }) => {
      const rule = await rules.load(ruleId);
      if (!rule) throw new ExpectedError('NOT_FOUND', 'The rule of this alarm is not stored.');
      return rule;
    },
  },
  Device: {
    __resolveReference: async ({ id }, { devices }) => (await devices.load(id)) ?? null,
    user: ({ userId }) => ({ __typename: 'User', id: userId }),
    lastSeenAt: async ({ id }, _, { deviceActivities }) =>
      (await deviceActivities.load(id))?.lastSeenAt ?? null,
    repeatedRequests: async ({ id }, _, { deviceActivities }) =>
      (await deviceActivities.load(id))?.repeatedRequests ?? null,
  },
};

export interface ContextRepositories {
  readonly rules: Pick<RuleRepository, 'findByIds'>;
  readonly calendars: Pick<CalendarRepository, 'findByIds'>;
  readonly alarms: Pick<AlarmRepository, 'findByIds'>;
  readonly devices: Pick<DeviceRepository, 'findByIds'>;
  readonly deviceActivity: Pick<DeviceActivityRecorder, 'find'>;
}

/**
 * @returns a function that creates the context of a request. Events record the actor of the verified sender; the audit trail
 *   also the address of its client, which only the gateway can send.
 */
export const createContextFactory =
  (
    commands: MonitoringCommands,
    { rules, calendars, alarms, devices, deviceActivity }: ContextRepositories,
  ) =>
  ({ actor, openings }: CommandSender, headers: IncomingHttpHeaders, lifetime: RequestLifetime): Context => {
    const address = headers[CLIENT_ADDRESS_HEADER];
    return {
      caller: { ...actor, address: typeof address === 'string' ? address : undefined },
      allowedOpenings: openings,
      get commands() {
        // A further command of a request for which nobody waits is not begun.
        const end = lifetime.findEnd();
        if (end) throw end;
        return commands;
      },
      rules: createAccessibleLoader((ids) => rules.findByIds(ids), actor),
      calendars: createAccessibleLoader((ids) => calendars.findByIds(ids), actor),
      alarms: createAccessibleLoader((ids) => alarms.findByIds(ids), actor),
      devices: createAccessibleLoader((ids) => devices.findByIds(ids), actor),
      deviceActivities: new DataLoader(async (ids) => {
        const activities = await deviceActivity.find(ids);
        return ids.map((id) => activities.get(id));
      }),
    };
  };

const createAccessibleLoader = <State extends { readonly userId: string }>(
  findByIds: (ids: readonly string[]) => Promise<(State | undefined)[]>,
  caller: Actor,
): DataLoader<string, State | undefined> =>
  new DataLoader(async (ids) => (await findByIds(ids)).map((state) => getAccessibleState(caller, state)));

/** Reads the id of the event log and the position at which it ends, for one user or for all. */
export interface LogEndReader {
  end(userId?: string): Promise<{ readonly logId: string; readonly position: number }>;
}

/** @returns a function that adds the consistency token to the response of a mutation, also of a refused one */
export const createResponseExtensions =
  (eventLog: LogEndReader, now: () => string) =>
  async ({ caller }: Context, operation: OperationTypeNode) => {
    if (operation !== OperationTypeNode.MUTATION) return undefined;
    // The token of a customer covers its own data. If it covered all data, the time that a query waits for it would show
    // when other customers write.
    const end = await eventLog.end(caller.role === 'operator' ? undefined : caller.id);
    return { consistencyToken: formatConsistencyToken({ ...end, at: Date.parse(now()) }) };
  };
