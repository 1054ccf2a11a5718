import { formatInstant, type AlarmEvent, type AlarmKind, type AlarmState } from '@seguridad-abc/contracts';
import {
  describeAlarm,
  describeAlarmRetraction,
  findAlarmOfSilence,
  findAlarmsOfInterval,
  findLateOpeningAlarms,
  type DueSearch,
  type EvaluatedVersions,
  type LateOpeningAlarm,
  type OpenByOccurrence,
  type OpenIntervals,
} from '@seguridad-abc/evaluation';
import { getLaterInstant } from './decision.js';
import { KINDS_OF_SUBJECT, type EvaluatedEpisode } from './episode.js';

/** An alarm as monitoring stores it: its public state, and what its next evaluation needs. */
export interface AlarmRecord extends AlarmState {
  readonly openingId: number;
  /** Identifies the alarm's episode among those of its opening, rule and subject. A late reading can change it. */
  readonly startKey: string;
  /** When the episode starts, in milliseconds since 1970. */
  readonly startedAt: number;
  /** When the window of a `NOT_OPENED` alarm ends. Null for other kinds. */
  readonly windowEndsAt: number | null;
  /** Why the alarm was raised: `reason` without a retraction. */
  readonly cause: string;
}

/** The events that an evaluation can cause. Commands cause the others. */
type EvaluationEventType = Extract<
  AlarmEvent['type'],
  'AlarmRaised' | 'AlarmCleared' | 'AlarmRetracted' | 'AlarmUpdated'
>;

/** A new version of a stored alarm, with the event that it makes. */
export interface StoredAlarmChange {
  /** Undefined: only what the next evaluation needs has changed. */
  readonly type: EvaluationEventType | undefined;
  readonly alarm: AlarmRecord;
}

/** A raised alarm. It gets a free id, and the present severity of its rule, when it is saved. */
export interface RaisedAlarm {
  readonly type: 'AlarmRaised';
  readonly newAlarm: Omit<AlarmRecord, 'id' | 'severity'>;
}

/** What an evaluation changes of an alarm. */
export type EvaluatedAlarmChange = StoredAlarmChange | RaisedAlarm;

/** A rule as the evaluation of one episode needs it. */
export interface EvaluatedRule {
  readonly id: string;
  readonly userId: string;
  readonly opening: string;
  readonly openingId: number;
  /** The versions that hold at any time of the episode, in order, and the exceptions of the opening. */
  readonly evaluated: EvaluatedVersions;
}

export interface EvaluationOptions {
  /** The server's instant. */
  readonly now: string;
  /** How long an alarm is held back while its episode lasts, in milliseconds. */
  readonly latenessAllowanceMs: number;
  /** Alarms of a lasting episode that are due before this instant are found. */
  readonly searchUntil: number;
  /** Whether readings were withdrawn. The reason of a retraction names it. */
  readonly isWithdrawal: boolean;
}

export interface EpisodeEvaluation {
  readonly alarmChanges: readonly EvaluatedAlarmChange[];
  /** When the episode has to be evaluated again if it lasts until then; Infinity if no alarm can follow. */
  readonly nextDueAt: number;
}

/** What an alarm is about at present. */
type AlarmEpisode = Pick<AlarmRecord, 'startKey' | 'startedAt' | 'windowEndsAt'>;

/** A condition that is broken at an instant, and when it ends: null if it lasts. */
interface BrokenCondition {
  readonly kind: AlarmKind;
  readonly raisedAt: number;
  readonly clearedAt: number | null;
}

/**
 * Alarms whose episode does not exist any more, or ends before they were due. If their condition was broken at that time all the
 * same, the alarm of that time continues them. The others are retracted.
 */
export interface OrphanedAlarms {
  /** Takes the earliest alarm of a rule and kind whose last period overlaps a period, and that `canContinueAt` its beginning. */
  take(ruleId: string, broken: BrokenCondition): AlarmRecord | undefined;
}

export const NO_ORPHANED_ALARMS: OrphanedAlarms = { take: () => undefined };

/**
 * Whether an orphaned alarm can continue as one that is raised at an instant. The claim and the resolution of an alarm are about what
 * had happened until then: what happens later needs a new alarm, which nobody has handled.
 */
export function canContinueAt({ resolution, claimedAt }: AlarmState, raisedAt: number): boolean {
  const handledAt = resolution?.at ?? claimedAt;
  return handledAt === null || raisedAt <= Date.parse(handledAt);
}

/**
 * Evaluates an interval or a silence under one rule: updates its stored alarms, and raises those that are due. The semantics are
 * in docs/evaluation.md.
 * @param stored the stored alarms of this rule and episode
 * @param orphans alarms that can continue in this episode
 */
export function evaluateEpisode(
  rule: EvaluatedRule,
  episode: EvaluatedEpisode,
  stored: readonly AlarmRecord[],
  orphans: OrphanedAlarms,
  options: EvaluationOptions,
): EpisodeEvaluation {
  const { startKey, startedAt, endedAt } = episode;
  const own: AlarmEpisode = { startKey, startedAt, windowEndsAt: null };
  const alarmChanges: EvaluatedAlarmChange[] = [];
  const missing: AlarmKind[] = [];
  for (const kind of KINDS_OF_SUBJECT[episode.subject]) {
    const alarm = selectAlarm(stored, kind);
    if (!alarm) {
      missing.push(kind);
      continue;
    }
    if (!reachesAlarm(episode, alarm)) continue;
    const broken = { kind, raisedAt: Date.parse(alarm.raisedAt), clearedAt: endedAt };
    const orphan = alarm.status === 'RETRACTED' ? orphans.take(rule.id, broken) : undefined;
    const change = orphan
      ? continueAlarm(orphan, broken, own, alarm.cause, options.now)
      : updateAlarm(alarm, broken, options.now);
    if (change) alarmChanges.push(change);
  }
  if (missing.length === 0) return { alarmChanges, nextDueAt: Infinity };

  const latestMs = Date.parse(options.now) - options.latenessAllowanceMs;
  const found = findDueAlarms(rule.evaluated, episode, options.searchUntil);
  let nextDueAt = found.searchedUntil;
  for (const due of found.alarms) {
    if (!missing.includes(due.kind)) continue;
    if (endedAt === null && due.at > latestMs) {
      nextDueAt = Math.min(nextDueAt, due.at);
      continue;
    }
    const cause = describeAlarm(rule.evaluated, due, episode);
    const broken = { kind: due.kind, raisedAt: due.at, clearedAt: endedAt };
    const orphan = orphans.take(rule.id, broken);
    const change = orphan
      ? continueAlarm(orphan, broken, own, cause, options.now)
      : raiseAlarm(rule, broken, own, cause, options);
    if (change) alarmChanges.push(change);
  }
  return { alarmChanges, nextDueAt };
}

const findDueAlarms = (
  evaluated: EvaluatedVersions,
  { subject, startedAt, endedAt }: EvaluatedEpisode,
  searchUntil: number,
): DueSearch => {
  switch (subject) {
    case 'SILENCE':
      return findAlarmOfSilence(evaluated, { startedAt, endedAt }, searchUntil);
    case 'LATE_OPENINGS':
      throw new Error('Late openings have no episodes: call evaluateLateOpenings.');
    default:
      return findAlarmsOfInterval(evaluated, subject, { startedAt, endedAt }, searchUntil);
  }
};

/**
 * Selects the alarm of a kind that continues an episode: the one that is not retracted, or the one that was retracted last.
 * Several alarms can have one start if a late reading has moved one of them there.
 */
export function selectAlarm(stored: readonly AlarmRecord[], kind: AlarmKind): AlarmRecord | undefined {
  let selected: AlarmRecord | undefined;
  for (const alarm of stored) {
    if (alarm.kind !== kind) continue;
    if (alarm.status !== 'RETRACTED') return alarm;
    if (!selected || alarm.updatedAt > selected.updatedAt) selected = alarm;
  }
  return selected;
}

/**
 * Whether an episode lasts at the instant of an alarm that it has raised. That instant is final: it follows from the start of the
 * episode, and from the rule and the exceptions as they were then. A changed rule and new zone data leave it as it is.
 */
export const reachesAlarm = (
  { endedAt }: Pick<EvaluatedEpisode, 'endedAt'>,
  { raisedAt }: AlarmRecord,
): boolean => endedAt === null || endedAt > Date.parse(raisedAt);

/**
 * Evaluates windows in which the opening has to be opened by a certain time under one rule.
 * @param stored the stored alarms of windows that are to be evaluated again
 * @param occurrences the windows whose time has come
 * @param timeZone the zone in which the reasons of retractions show wall-clock times
 */
export function evaluateLateOpenings(
  rule: EvaluatedRule,
  stored: readonly AlarmRecord[],
  occurrences: readonly OpenByOccurrence[],
  intervals: OpenIntervals,
  timeZone: string,
  options: EvaluationOptions,
): EpisodeEvaluation {
  const nowMs = Date.parse(options.now);
  const alarmChanges: EvaluatedAlarmChange[] = [];
  let nextDueAt = Infinity;
  const toBroken = ({ dueAt, clearsAt }: LateOpeningAlarm): BrokenCondition => {
    if (clearsAt > nowMs) nextDueAt = Math.min(nextDueAt, clearsAt);
    return { kind: 'NOT_OPENED', raisedAt: dueAt, clearedAt: clearsAt > nowMs ? null : clearsAt };
  };
  const evaluatedStarts = new Set<number>();
  for (const { startedAt } of stored) {
    if (evaluatedStarts.has(startedAt)) continue;
    evaluatedStarts.add(startedAt);
    const alarm = selectAlarm(
      stored.filter((one) => one.startedAt === startedAt),
      'NOT_OPENED',
    );
    if (!alarm) continue;
    const dueAt = Date.parse(alarm.raisedAt);
    const occurrence = { startedAt, dueAt, endsAt: alarm.windowEndsAt ?? dueAt, versionIndex: 0 };
    const [late] = findLateOpeningAlarms([occurrence], intervals);
    const change = late
      ? updateAlarm(alarm, toBroken(late), options.now)
      : retractAlarm(alarm, findFirstOpening(intervals, startedAt), timeZone, options);
    if (change) alarmChanges.push(change);
  }
  const others = occurrences.filter(({ startedAt }) => !evaluatedStarts.has(startedAt));
  for (const late of findLateOpeningAlarms(others, intervals)) {
    const { startedAt, endsAt } = late;
    const own = { startKey: formatInstant(startedAt), startedAt, windowEndsAt: endsAt };
    const due = { kind: 'NOT_OPENED', at: late.dueAt, versionIndex: late.versionIndex } as const;
    const cause = describeAlarm(rule.evaluated, due, { startedAt });
    alarmChanges.push(raiseAlarm(rule, toBroken(late), own, cause, options));
  }
  return { alarmChanges, nextDueAt };
}

/** When an opening that was opened in time was opened; the start of the window if it was open already. */
function findFirstOpening(intervals: OpenIntervals, windowStart: number): number | undefined {
  const before = intervals.intervalBefore(windowStart);
  if (before && (before.endedAt === null || before.endedAt > windowStart)) return windowStart;
  return intervals.intervalFrom(windowStart)?.startedAt;
}

/** The fields of a stored alarm that a change sets. `updatedAt` and `version` follow. */
type AlarmChanges = Partial<Omit<AlarmRecord, 'id' | 'updatedAt' | 'version'>>;

/** @returns undefined if nothing changes */
function createChange(
  alarm: AlarmRecord,
  type: EvaluationEventType,
  changes: AlarmChanges,
  now: string,
): StoredAlarmChange | undefined {
  const changed = Object.entries(changes).filter(
    ([field, value]) => alarm[field as keyof AlarmRecord] !== value,
  );
  if (changed.length === 0) return undefined;
  if (changed.every(([field]) => INTERNAL_FIELDS.has(field)))
    return { type: undefined, alarm: { ...alarm, ...changes } };
  return {
    type,
    alarm: {
      ...alarm,
      ...changes,
      updatedAt: getLaterInstant(now, alarm.updatedAt),
      version: alarm.version + 1,
    },
  };
}

/** The fields of a stored alarm that its events do not carry. */
const INTERNAL_FIELDS: ReadonlySet<string> = new Set([
  'openingId',
  'startKey',
  'startedAt',
  'windowEndsAt',
  'cause',
]);

/**
 * Derives the next version of a stored alarm whose condition is broken. One that returns after its retraction has to be handled again.
 * @returns undefined if nothing changes
 */
function updateAlarm(
  alarm: AlarmRecord,
  { clearedAt }: Pick<BrokenCondition, 'clearedAt'>,
  now: string,
): StoredAlarmChange | undefined {
  const present = deriveStatus(clearedAt);
  if (alarm.status === 'RETRACTED')
    return createChange(alarm, 'AlarmRaised', { ...present, ...UNHANDLED, reason: alarm.cause }, now);
  return createChange(alarm, getChangeType(alarm, present), present, now);
}

/** The handling of an alarm that was just raised. */
const UNHANDLED = { claimedBy: null, claimedAt: null, resolution: null, needsResolution: true } as const;

/** Moves an alarm to the episode in which its condition continues. @returns undefined if nothing changes */
const continueAlarm = (
  alarm: AlarmRecord,
  { raisedAt, clearedAt }: BrokenCondition,
  episode: AlarmEpisode,
  cause: string,
  now: string,
): StoredAlarmChange | undefined => {
  const present = deriveStatus(clearedAt);
  const moved = { ...episode, ...present, raisedAt: formatInstant(raisedAt) };
  // Another reading of the same instant starts the episode: what the reason says is still true.
  const isSame = alarm.startedAt === moved.startedAt && alarm.raisedAt === moved.raisedAt;
  const changes = isSame ? moved : { ...moved, cause, reason: cause };
  return createChange(alarm, getChangeType(alarm, present), changes, now);
};

const getChangeType = (alarm: AlarmRecord, present: Pick<AlarmRecord, 'status'>): EvaluationEventType =>
  alarm.status === 'ACTIVE' && present.status === 'CLEARED' ? 'AlarmCleared' : 'AlarmUpdated';

/**
 * Retracts an alarm whose condition was never broken.
 * @param shownAt the instant of what shows it, such as the end of its episode; undefined if the episode does not exist any more
 * @param timeZone the zone in which the reason shows wall-clock times
 * @returns undefined if it is retracted already
 */
export function retractAlarm(
  alarm: AlarmRecord,
  shownAt: number | undefined,
  timeZone: string,
  { now, isWithdrawal }: Pick<EvaluationOptions, 'now' | 'isWithdrawal'>,
): StoredAlarmChange | undefined {
  if (alarm.status === 'RETRACTED') return undefined;
  const retraction = describeAlarmRetraction({
    kind: alarm.kind,
    raisedAt: Date.parse(alarm.raisedAt),
    endedAt: shownAt,
    timeZone,
    isWithdrawal,
  });
  const reason = `${alarm.cause}; ${retraction}`;
  return createChange(alarm, 'AlarmRetracted', { status: 'RETRACTED', reason }, now);
}

const raiseAlarm = (
  { id: ruleId, userId, opening, openingId }: EvaluatedRule,
  { kind, raisedAt, clearedAt }: BrokenCondition,
  episode: AlarmEpisode,
  cause: string,
  { now }: EvaluationOptions,
): RaisedAlarm => ({
  type: 'AlarmRaised',
  newAlarm: {
    ruleId,
    userId,
    opening,
    openingId,
    ...episode,
    kind,
    ...deriveStatus(clearedAt),
    raisedAt: formatInstant(raisedAt),
    acknowledgedAt: null,
    acknowledgedBy: null,
    note: null,
    ...UNHANDLED,
    claimCount: 0,
    commentCount: 0,
    cause,
    reason: cause,
    updatedAt: now,
    version: 1,
  },
});

/** The status of an alarm that is due. @param clearedAt the end of its condition */
const deriveStatus = (clearedAt: number | null): Pick<AlarmRecord, 'status' | 'clearedAt'> =>
  clearedAt === null
    ? { status: 'ACTIVE', clearedAt: null }
    : { status: 'CLEARED', clearedAt: formatInstant(clearedAt) };
