import type { IncomingHttpHeaders } from 'node:http';
import { CONSISTENCY_TOKEN_HEADER, parseConsistencyToken, type Actor } from '@seguridad-abc/contracts';
import type { RequestLifetime } from '@seguridad-abc/platform';
import type { RequestCaller } from '../access/caller-access.js';
import { createRequestBudget, type RequestBudget, type RequestLimits } from '../access/request-budget.js';
import {
  ALARM_CURSOR_FORMAT,
  ALARM_QUEUE_CURSOR_FORMAT,
  ALARM_TIMELINE_CURSOR_FORMAT,
  createAlarmQueries,
  type AlarmQueries,
} from '../alarms/alarm-queries.js';
import {
  AUDIT_CURSOR_FORMAT,
  createAuditQueries,
  type AuditQueries,
  type AuditSortKey,
} from '../audit/audit-queries.js';
import type { ReadAuditPage } from '../audit/audit-client.js';
import type {
  AlarmQueueRepository,
  AlarmQueueSortKey,
  AlarmSortKey,
  AlarmTimelineRepository,
  AlarmTimelineSortKey,
  ProjectedAlarmRepository,
} from '../alarms/alarm-repository.js';
import { createCalendarQueries, type CalendarQueries } from '../calendars/calendar-queries.js';
import type { ProjectedCalendarRepository } from '../calendars/calendar-repository.js';
import { createCursorCodec, type CursorCodec } from '../connections/relay-connection.js';
import type { ProjectionWaits } from '../consistency/projection-waits.js';
import {
  createDeviceQueries,
  type DeviceListRepository,
  type DeviceQueries,
} from '../devices/device-queries.js';
import { createExceptionQueries, type ExceptionQueries } from '../exceptions/exception-queries.js';
import type { ProjectedExceptionRepository } from '../exceptions/exception-repository.js';
import {
  createOpeningQueries,
  OPENING_CURSOR_FORMAT,
  type OpeningQueries,
} from '../openings/opening-queries.js';
import type { OpeningReader, OpeningSortKey } from '../openings/opening-repository.js';
import { createRuleQueries, RULE_CURSOR_FORMAT, type RuleQueries } from '../rules/rule-queries.js';
import type { ProjectedRuleRepository, RuleSortKey } from '../rules/rule-repository.js';
import { createRuleSimulator, type RuleSimulator } from '../simulation/rule-simulator.js';
import { createUserQueries, type UserQueries, type KnownUserRepository } from '../users/user-queries.js';

/** The queries of one request. They batch and cache reads, so equal reads of a request share one statement. */
export interface RequestQueries {
  readonly rules: RuleQueries;
  readonly alarms: AlarmQueries;
  readonly users: UserQueries;
  readonly openings: OpeningQueries;
  readonly audit: AuditQueries;
  readonly devices: DeviceQueries;
  readonly calendars: CalendarQueries;
  readonly exceptions: ExceptionQueries;
  readonly simulateRule: RuleSimulator;
  readonly budget: RequestBudget;
}

/** The context that the resolvers of one request share. */
export interface Context extends RequestQueries {
  /**
   * The age of the request's consistency token in ms, if the read model does not have that state yet, or of the oldest
   * event that it may lack. Undefined if the response is as fresh as the request demands.
   */
  readonly stalenessMs: number | undefined;
}

/** The cursors of each kind of list. */
export interface ListCursors {
  readonly rules: CursorCodec<RuleSortKey>;
  readonly alarms: CursorCodec<AlarmSortKey>;
  readonly alarmQueue: CursorCodec<AlarmQueueSortKey>;
  readonly alarmTimeline: CursorCodec<AlarmTimelineSortKey>;
  readonly openings: CursorCodec<OpeningSortKey>;
  readonly audit: CursorCodec<AuditSortKey>;
}

/** @param secret the secret of the installation, from which the keys of the cursors are derived */
export const createListCursors = (secret: string): ListCursors => ({
  rules: createCursorCodec(RULE_CURSOR_FORMAT, secret),
  alarms: createCursorCodec(ALARM_CURSOR_FORMAT, secret),
  alarmQueue: createCursorCodec(ALARM_QUEUE_CURSOR_FORMAT, secret),
  alarmTimeline: createCursorCodec(ALARM_TIMELINE_CURSOR_FORMAT, secret),
  openings: createCursorCodec(OPENING_CURSOR_FORMAT, secret),
  audit: createCursorCodec(AUDIT_CURSOR_FORMAT, secret),
});

/** The parts that the queries of all requests share. */
export interface RequestQueriesOptions {
  readonly repositories: {
    readonly rules: ProjectedRuleRepository;
    readonly alarms: ProjectedAlarmRepository;
    readonly alarmQueue: AlarmQueueRepository;
    readonly alarmTimeline: AlarmTimelineRepository;
    readonly openings: OpeningReader;
    readonly users: KnownUserRepository;
    readonly devices: DeviceListRepository;
    readonly calendars: ProjectedCalendarRepository;
    readonly exceptions: ProjectedExceptionRepository;
  };
  readonly readAuditPage: ReadAuditPage;
  readonly arrivals: ProjectionWaits['arrivals'];
  readonly cursors: ListCursors;
  /** Returns the current instant in ms since 1970. */
  readonly now: () => number;
}

/** Creates the queries of one request, with empty caches. */
export const createRequestQueries = (
  { repositories, readAuditPage, arrivals, cursors, now }: RequestQueriesOptions,
  request: RequestCaller,
): RequestQueries => {
  const calendars = createCalendarQueries(repositories.calendars, arrivals.calendars, request);
  return {
    rules: createRuleQueries(repositories.rules, arrivals.rules, cursors.rules, request),
    alarms: createAlarmQueries(repositories, arrivals.alarms, cursors, request),
    users: createUserQueries(repositories.users, arrivals.users, request),
    openings: createOpeningQueries(repositories.openings, cursors.openings, request, now),
    audit: createAuditQueries(readAuditPage, cursors.audit, request),
    devices: createDeviceQueries(repositories.devices, request),
    calendars,
    exceptions: createExceptionQueries(repositories.exceptions, request, now),
    simulateRule: createRuleSimulator({ ...repositories, calendars }, request, now),
    budget: request.budget,
  };
};

/** Whether the read model has all events that are older than this process. It lacks them while the only one is built. */
export interface ReadModelCompleteness {
  /** Resolves to whether it is complete, after `ms` at the latest. */
  waitUntilComplete(ms: number): Promise<boolean>;
  /** The instant since which events may be missing, in ms since 1970. */
  readonly incompleteSince: number;
}

/** The parts that the contexts of all requests share. */
export interface ContextFactoryOptions extends RequestQueriesOptions {
  readonly completeness: ReadModelCompleteness;
  readonly checkpointWaiter: Pick<ProjectionWaits['checkpointWaiter'], 'waitUntilReached'>;
  /** Maximum wait of a request for the projection, in ms. */
  readonly waitMs: number;
  readonly limits: RequestLimits;
}

/**
 * Creates the function that builds the context of a request.
 * A request with a consistency token waits once, before execution, until the read model has that state. It then does not
 * wait for single entities: that state contains all entities that the request can refer to. While the only read model is
 * incomplete, every request waits for it.
 */
export const createContextFactory =
  (options: ContextFactoryOptions) =>
  async (caller: Actor, headers: IncomingHttpHeaders, lifetime: RequestLifetime): Promise<Context> => {
    const { checkpointWaiter, completeness, waitMs, limits, now } = options;
    const budget = createRequestBudget(limits, lifetime);
    if (!(await completeness.waitUntilComplete(waitMs))) {
      const stalenessMs = Math.max(0, now() - completeness.incompleteSince);
      return { ...createRequestQueries(options, { caller, budget, waitMs: 0 }), stalenessMs };
    }
    const token = parseConsistencyToken(headers[CONSISTENCY_TOKEN_HEADER]);
    if (!token)
      return { ...createRequestQueries(options, { caller, budget, waitMs }), stalenessMs: undefined };
    const isReached = await checkpointWaiter.waitUntilReached(token, waitMs);
    return {
      ...createRequestQueries(options, { caller, budget, waitMs: 0 }),
      stalenessMs: isReached ? undefined : Math.max(0, now() - token.at),
    };
  };

/** Builds the `extensions` of a response: `staleness`, in ms, if the response may miss the requested state. */
export const createResponseExtensions = ({ stalenessMs }: Context) =>
  stalenessMs === undefined ? undefined : { staleness: stalenessMs };
