import type {
  AlarmChangesPage,
  AlarmKind,
  AlarmState,
  AlarmStatus,
  Severity,
} from '@seguridad-abc/contracts';
import type { ListRepository } from '../connections/list-repository.js';
import type { AlarmTimelineEntry } from '../domain/read-model.js';

/** Columns that the scope of an alarm list may fix. */
export type AlarmScopeColumn = 'userId' | 'ruleId' | 'opening';

/** Alarms are listed in the order of `raisedAt`; the id orders alarms of the same instant. */
export type AlarmSortKey = readonly [raisedAt: string, id: string];

/** A valid filter of alarm lists. An absent field selects all alarms. */
export interface AlarmFilter {
  readonly kind?: AlarmKind | undefined;
  readonly severity?: readonly Severity[] | undefined;
  readonly status?: readonly AlarmStatus[] | undefined;
  readonly acknowledged?: boolean | undefined;
  /** Alarms raised at or after this instant. */
  readonly raisedFrom?: string | undefined;
  /** Alarms raised before this instant. */
  readonly raisedBefore?: string | undefined;
}

/** Reads projected alarms. Each method runs one statement, `findChangesSince` three. */
export interface ProjectedAlarmRepository extends ListRepository<
  AlarmScopeColumn,
  AlarmFilter,
  AlarmState,
  AlarmSortKey
> {
  findByIds(ids: readonly string[]): Promise<ReadonlyMap<string, AlarmState>>;
  /**
   * Reads the last change of each alarm whose last change is after a log position, in log order.
   * @param userId null for the alarms of all users
   * @param limit maximum number of changes
   */
  findChangesSince(after: number, userId: string | null, limit: number): Promise<AlarmChangesPage>;
}

/** The queue is in the order of severity, then of `raisedAt`; the id orders alarms of the same instant. */
export type AlarmQueueSortKey = readonly [queueRank: number, raisedAt: string, id: string];

/** A valid filter of the queue. An absent field selects all alarms of the queue. */
export interface AlarmQueueFilter {
  readonly severity?: readonly Severity[] | undefined;
  /** The id of the operator that has claimed the alarm; null if nobody has. */
  readonly claimedBy?: string | null | undefined;
}

/** Reads the queue of operators: projected alarms that are to be resolved. Each method runs one statement. */
export type AlarmQueueRepository = ListRepository<'userId', AlarmQueueFilter, AlarmState, AlarmQueueSortKey>;

export type AlarmTimelineSortKey = readonly [version: number];

/** Reads the timelines of alarms, in the order of versions. Each method runs one statement. */
export type AlarmTimelineRepository = ListRepository<
  'alarmId',
  undefined,
  AlarmTimelineEntry,
  AlarmTimelineSortKey
>;
