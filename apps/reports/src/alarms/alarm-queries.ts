import {
  ALARM_STATUSES,
  SEVERITIES,
  type AlarmKind,
  type AlarmState,
  type AlarmStatus,
  type InputFault,
  type Severity,
} from '@seguridad-abc/contracts';
import { checkEnumList, checkInstant } from '@seguridad-abc/evaluation';
import { createForbiddenError } from '@seguridad-abc/platform';
import {
  createInputError,
  filterAccessibleEntities,
  resolveListOwner,
  type RequestCaller,
} from '../access/caller-access.js';
import { assertEntityId, createFilterChecks } from '../access/filter-checks.js';
import type { NodeWeight } from '../connections/bounded-list-repository.js';
import { createListLoader, type ListSelection } from '../connections/list-loader.js';
import {
  createConnection,
  EMPTY_CONNECTION,
  parseConnectionArgs,
  type Connection,
  type ConnectionArgs,
  type CursorCodec,
  type CursorFormat,
} from '../connections/relay-connection.js';
import { createEntityLoader, createKeyLoader, type EntityArrivals } from '../consistency/projection-waits.js';
import type { AlarmTimelineEntry } from '../domain/read-model.js';
import type {
  AlarmFilter,
  AlarmQueueFilter,
  AlarmQueueRepository,
  AlarmQueueSortKey,
  AlarmTimelineRepository,
  AlarmTimelineSortKey,
  ProjectedAlarmRepository,
  AlarmScopeColumn,
  AlarmSortKey,
} from './alarm-repository.js';

/** The `AlarmFilter` input as a client sends it. Null means absent. */
export interface AlarmFilterInput {
  readonly userId?: string | null | undefined;
  readonly ruleId?: string | null | undefined;
  readonly opening?: string | null | undefined;
  readonly kind?: AlarmKind | null | undefined;
  readonly severity?: readonly Severity[] | null | undefined;
  readonly status?: readonly AlarmStatus[] | null | undefined;
  readonly acknowledged?: boolean | null | undefined;
  readonly raisedFrom?: string | null | undefined;
  readonly raisedBefore?: string | null | undefined;
}

/** The arguments of an alarm list field. */
export interface AlarmListArgs extends ConnectionArgs {
  readonly filter?: AlarmFilterInput | null | undefined;
}

/** The `AlarmQueueFilter` input as a client sends it. Null means absent. */
export interface AlarmQueueFilterInput {
  readonly userId?: string | null | undefined;
  readonly severity?: readonly Severity[] | null | undefined;
  readonly claim?: 'UNCLAIMED' | 'MINE' | null | undefined;
}

/** The arguments of `alarmQueue`. */
export interface AlarmQueueArgs extends ConnectionArgs {
  readonly filter?: AlarmQueueFilterInput | null | undefined;
}

/** A page of an alarm list. */
export type AlarmConnection = Connection<AlarmState>;

/** A page of the timeline of an alarm. */
export type AlarmTimelineConnection = Connection<AlarmTimelineEntry>;

/** Alarm queries of one request. To the caller, alarms of users that it may not access do not exist. */
export interface AlarmQueries {
  findById(id: string): Promise<AlarmState | null>;
  /**
   * Lists alarms by `raisedAt`, newest first.
   * @throws ExpectedError BAD_USER_INPUT; FORBIDDEN if the filter names a user that the caller may not access
   */
  list(args: AlarmListArgs): AlarmConnection;
  /** Like {@link list}, for the alarms of one user. */
  listByUser(userId: string, args: AlarmListArgs): AlarmConnection;
  /** @param statuses null counts alarms that are not retracted */
  countByRule(ruleId: string, statuses: readonly AlarmStatus[] | null): Promise<number>;
  /** The alarm with the latest `raisedAt` that is not retracted. */
  findLastByRule(ruleId: string): Promise<AlarmState | null>;
  /**
   * Lists the alarms that operators have to resolve, by severity and then by `raisedAt`, oldest first.
   * @throws ExpectedError BAD_USER_INPUT; FORBIDDEN unless the caller is an operator
   */
  listQueue(args: AlarmQueueArgs): AlarmConnection;
  /**
   * Lists what has happened to an alarm that the caller may access, oldest first.
   * @throws ExpectedError BAD_USER_INPUT
   */
  listTimeline(alarmId: string, args: ConnectionArgs): AlarmTimelineConnection;
  /** Resolves a reference from another subgraph. Waits for an alarm that is not projected yet. */
  findEntity(id: string): Promise<AlarmState | null>;
}

const NOT_RETRACTED: readonly AlarmStatus[] = ['ACTIVE', 'CLEARED'];

/** The cursors of alarm lists: an instant and a UUID. */
export const ALARM_CURSOR_FORMAT: CursorFormat<AlarmSortKey> = {
  kind: 'alarm',
  maxBytes: 61,
  parse(text) {
    const [, raisedAt, id] = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z):(.+)$/su.exec(text) ?? [];
    return raisedAt === undefined || id === undefined ? undefined : [raisedAt, id];
  },
};

/** The cursors of the queue: a rank, an instant and a UUID. */
export const ALARM_QUEUE_CURSOR_FORMAT: CursorFormat<AlarmQueueSortKey> = {
  kind: 'alarm queue',
  maxBytes: 63,
  parse(text) {
    const [, rank, raisedAt, id] =
      /^(\d):(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z):(.+)$/su.exec(text) ?? [];
    return raisedAt === undefined || id === undefined ? undefined : [Number(rank), raisedAt, id];
  },
};

/** The cursors of timelines: a version. */
export const ALARM_TIMELINE_CURSOR_FORMAT: CursorFormat<AlarmTimelineSortKey> = {
  kind: 'alarm timeline',
  maxBytes: 15,
  parse: (text) => (/^\d{1,15}$/.test(text) ? [Number(text)] : undefined),
};

/** Characters of the text of a timeline entry that count as a row. An alarm has about as many. */
const TEXT_LENGTH_PER_ROW = 500;
/** Comments have up to 2,000 code points, each of one or two characters. */
const MAX_TEXT_LENGTH = 4_000;
const TIMELINE_ENTRY_WEIGHT: NodeWeight<AlarmTimelineEntry> = {
  max: 1 + MAX_TEXT_LENGTH / TEXT_LENGTH_PER_ROW,
  of: ({ text }) => 1 + Math.floor((text?.length ?? 0) / TEXT_LENGTH_PER_ROW),
};

/** What the queries need for each kind of list: repositories or cursors of alarms, of the queue and of timelines. */
export interface PerAlarmList<Alarms, Queue, Timeline> {
  readonly alarms: Alarms;
  readonly alarmQueue: Queue;
  readonly alarmTimeline: Timeline;
}

/** Creates the alarm queries of one request. */
export function createAlarmQueries(
  repositories: PerAlarmList<ProjectedAlarmRepository, AlarmQueueRepository, AlarmTimelineRepository>,
  arrivals: EntityArrivals,
  cursorCodecs: PerAlarmList<
    CursorCodec<AlarmSortKey>,
    CursorCodec<AlarmQueueSortKey>,
    CursorCodec<AlarmTimelineSortKey>
  >,
  { caller, waitMs, budget }: RequestCaller,
): AlarmQueries {
  const { alarms: repository } = repositories;
  const { alarms: cursors } = cursorCodecs;
  const findByIds = async (ids: readonly string[]) =>
    filterAccessibleEntities(caller, await repository.findByIds(ids));
  const alarms = createKeyLoader(findByIds, budget);
  const entities = createEntityLoader(findByIds, arrivals, { waitMs, budget });
  const lists = createListLoader(repository, budget);
  const queues = createListLoader(repositories.alarmQueue, budget);
  const timelines = createListLoader(repositories.alarmTimeline, budget, TIMELINE_ENTRY_WEIGHT);
  const connect = ({ filter, ...pageArgs }: AlarmListArgs, userId: string | undefined) => {
    const { faults, ...selection } = parseAlarmFilter({ ...filter, userId });
    return createConnection(lists, selection, parseConnectionArgs(pageArgs, cursors, faults), cursors, {
      budget,
    });
  };

  return {
    findById: async (id) => alarms.load(assertEntityId('id', id)),
    list: (args) => connect(args, resolveListOwner(caller, args.filter?.userId)),
    listByUser(userId, args) {
      // Throws if the filter names a user that the caller may not access.
      resolveListOwner(caller, args.filter?.userId);
      const connection = connect(args, userId);
      return (args.filter?.userId ?? userId) === userId ? connection : EMPTY_CONNECTION;
    },
    async countByRule(ruleId, statuses) {
      const checked = checkEnumList('status', statuses ?? NOT_RETRACTED, ALARM_STATUSES);
      if ('faults' in checked) throw createInputError(checked.faults);
      // Sorted and distinct, so that equal counts of many rules share a statement.
      const status = [...new Set(checked.value)].sort();
      return lists.loadCount({ scope: { ruleId }, filter: { status } });
    },
    async findLastByRule(ruleId) {
      const list = { scope: { ruleId }, filter: { status: NOT_RETRACTED } };
      const [last] = await lists.loadSlice(list, { order: 'descending', limit: 1 });
      return last?.node ?? null;
    },
    listQueue({ filter, ...pageArgs }) {
      if (caller.role !== 'operator')
        throw createForbiddenError('Only an operator may read the queue of alarms. Read `alarms` instead.');
      const { faults, ...selection } = parseQueueFilter({ ...filter }, caller.id);
      const codec = cursorCodecs.alarmQueue;
      const page = parseConnectionArgs(pageArgs, codec, faults);
      return createConnection(queues, selection, page, codec, { budget, order: 'ascending' });
    },
    listTimeline(alarmId, args) {
      const codec = cursorCodecs.alarmTimeline;
      const list = { scope: { alarmId }, filter: undefined };
      const page = parseConnectionArgs(args, codec);
      const weight = TIMELINE_ENTRY_WEIGHT;
      return createConnection(timelines, list, page, codec, { budget, weight, order: 'ascending' });
    },
    findEntity: (id) => entities.load(id),
  };
}

function parseAlarmFilter(
  input: AlarmFilterInput,
): ListSelection<AlarmScopeColumn, AlarmFilter> & { readonly faults: readonly InputFault[] } {
  const { userId, ruleId, opening, kind, severity, status, acknowledged, raisedFrom, raisedBefore } = input;
  const checks = createFilterChecks();
  return {
    scope: {
      userId: checks.checkUserId(userId),
      ruleId: checks.checkId('ruleId', ruleId),
      opening: checks.checkOpening(opening),
    },
    filter: {
      kind: kind ?? undefined,
      severity: checks.checkEnumValues('severity', severity, SEVERITIES),
      status: checks.checkEnumValues('status', status, ALARM_STATUSES),
      acknowledged: acknowledged ?? undefined,
      raisedFrom: checks.check(raisedFrom, (text) => checkInstant('raisedFrom', text)),
      raisedBefore: checks.check(raisedBefore, (text) => checkInstant('raisedBefore', text)),
    },
    faults: checks.faults,
  };
}

function parseQueueFilter(
  { userId, severity, claim }: AlarmQueueFilterInput,
  callerId: string,
): ListSelection<'userId', AlarmQueueFilter> & { readonly faults: readonly InputFault[] } {
  const checks = createFilterChecks();
  return {
    scope: { userId: checks.checkUserId(userId) },
    filter: {
      severity: checks.checkEnumValues('severity', severity, SEVERITIES),
      claimedBy: claim === 'MINE' ? callerId : claim === 'UNCLAIMED' ? null : undefined,
    },
    faults: checks.faults,
  };
}
