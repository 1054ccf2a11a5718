import {
  formatInstant,
  type AlarmKind,
  type CalendarDate,
  type OpeningExceptionState,
  type OpeningIntervalRecord,
  type Signal,
} from '@seguridad-abc/contracts';
import {
  createCalendarDates,
  createExceptionPeriods,
  findAlarmOfSilence,
  findAlarmsOfInterval,
  findLateOpeningAlarms,
  listOpenByOccurrences,
  watchesOpenBy,
  type EvaluatedVersions,
  type RuleVersion,
  type SignalInterval,
} from '@seguridad-abc/evaluation';
import type { RuleSimulationRequest } from './rule-simulation-request.js';

/** The effect that a rule would have had on the recorded readings. */
export interface RuleSimulationResult {
  /** Ordered by `raisedAt`. */
  readonly alarms: SimulatedAlarm[];
  /** The number of times that the opening was opened within the period. */
  readonly intervals: number;
  /** How long the opening was open within the period, in seconds. */
  readonly openSeconds: number;
}

/** An alarm that the simulated rule would have raised. */
export interface SimulatedAlarm {
  readonly kind: AlarmKind;
  readonly opening: string;
  readonly raisedAt: string;
  readonly clearedAt: string | null;
}

/** What else than readings has an effect on a simulated rule. */
export interface SimulationSurroundings {
  /** The dates of the rule's calendar. Null: it has none. */
  readonly calendarDates: readonly CalendarDate[] | null;
  /** The exceptions of the opening that overlap the period. */
  readonly exceptions: readonly OpeningExceptionState[];
}

/**
 * The alarms that a rule would have raised if it had held in the period and at no other time. It receives the records of the opening
 * in several parts, in order.
 */
export interface RuleSimulation {
  /** The records that it needs. */
  readonly needs: SimulationNeeds;
  /** @param intervals of one signal, those that overlap or start in the period that `needs` names */
  addIntervals(signal: Signal, intervals: readonly OpeningIntervalRecord[]): void;
  /**
   * Finds the times without a reading that are long enough for an alarm.
   * @param instants those that `needs` names, in ms since 1970
   */
  findSilences(instants: readonly number[]): SimulatedSilence[];
  addSilences(silences: readonly SimulatedSilence[]): void;
  /**
   * Looks for windows in which the opening was opened too late. To be called after all intervals were added.
   * @param from in ms since 1970
   * @param until in ms since 1970, exclusive
   * @returns the number of windows in which the opening had to be opened from `from` to `until`
   */
  checkOpenings(from: number, until: number): number;
  /** Call it last. */
  getResult(): RuleSimulationResult;
}

/** A time without a reading: from one reading, or -Infinity, to the next one. In ms since 1970. */
export interface SimulatedSilence {
  readonly startedAt: number;
  readonly endedAt: number;
}

/** `[from, until)`, in ms since 1970. */
interface SimulatedPeriod {
  readonly from: number;
  readonly until: number;
}

/** The records of its opening that a simulation needs. */
export interface SimulationNeeds {
  readonly intervals: readonly (SimulatedPeriod & { readonly signal: Signal })[];
  /** How many times as long as with a rule of one window an interval, or a silence, takes. */
  readonly costPerInterval: number;
  /** Also the last instant at or before `from`, and the first at or after `until`. Undefined: none is needed. */
  readonly heardInstants: SimulatedPeriod | undefined;
  /** Undefined: `checkOpenings` need not be called. */
  readonly openings: SimulatedPeriod | undefined;
}

/**
 * A window in which the opening has to be opened can begin so long before that instant, and end so long after it: a day, and at
 * most two days of clock changes.
 */
const OPEN_BY_MARGIN_MS = 3 * 24 * 60 * 60 * 1_000;

/** So many windows take as long as the rest of the evaluation. */
const WINDOWS_PER_COST = 10;

/** @param now ms since 1970; alarms that are due later are omitted */
export function startRuleSimulation(
  { opening, conditions, from, to }: RuleSimulationRequest,
  { calendarDates, exceptions }: SimulationSurroundings,
  now: number,
): RuleSimulation {
  const fromMs = Date.parse(from);
  const toMs = Date.parse(to);
  // `until` is exclusive, and an alarm that is due exactly now is raised.
  const until = Math.min(toMs, now + 1);
  const period = { from: fromMs, until };
  const version: RuleVersion = {
    ...conditions,
    ...period,
    enabled: true,
    calendar: calendarDates && createCalendarDates(calendarDates),
  };
  const rule: EvaluatedVersions = {
    versions: [version],
    exceptions: createExceptionPeriods(exceptions),
  };
  const isOpenByWatched = watchesOpenBy(version);
  const silentMs = (conditions.silentAfterSeconds ?? Infinity) * 1_000;

  const alarms: SimulatedAlarm[] = [];
  let openMs = 0;
  let count = 0;
  /** The intervals of the signal OPEN, if they are needed again. */
  const openIntervals: SignalInterval[] = [];
  let lastHeardAt = -Infinity;
  /** The starts of the windows that have an alarm. */
  const lateStarts = new Set<number>();

  const addAlarm = (kind: AlarmKind, at: number, clearedAt: number | null) =>
    alarms.push({
      kind,
      opening,
      raisedAt: formatInstant(at),
      clearedAt: clearedAt === null || clearedAt > now ? null : formatInstant(clearedAt),
    });

  /** @param endedAt the instant of the next reading; null if there is none */
  const addSilence = (startedAt: number, endedAt: number | null) => {
    for (const { kind, at } of findAlarmOfSilence(rule, { startedAt, endedAt }, until).alarms)
      addAlarm(kind, at, endedAt);
  };

  return {
    needs: {
      intervals: [
        isOpenByWatched
          ? { signal: 'OPEN', from: fromMs - OPEN_BY_MARGIN_MS, until: toMs + OPEN_BY_MARGIN_MS }
          : { signal: 'OPEN', from: fromMs, until: toMs },
        ...(conditions.onTamper ? [{ signal: 'TAMPERED', from: fromMs, until: toMs } as const] : []),
        ...(conditions.onBatteryLow ? [{ signal: 'BATTERY_LOW', from: fromMs, until: toMs } as const] : []),
      ],
      costPerInterval:
        1 +
        Math.max(0, (conditions.windows?.length ?? 0) + (conditions.activeWindows?.length ?? 0) - 1) /
          WINDOWS_PER_COST,
      heardInstants: conditions.silentAfterSeconds === null ? undefined : period,
      openings: isOpenByWatched ? period : undefined,
    },

    addIntervals(signal, intervals) {
      for (const record of intervals) {
        const interval = toSignalInterval(record);
        const { startedAt, endedAt } = interval;
        if (signal === 'OPEN') {
          if (isOpenByWatched) openIntervals.push(interval);
          openMs += Math.max(0, Math.min(endedAt ?? now, toMs) - Math.max(startedAt, fromMs));
          if (startedAt >= fromMs && startedAt < toMs) count++;
        }
        for (const { kind, at } of findAlarmsOfInterval(rule, signal, interval, until).alarms)
          addAlarm(kind, at, endedAt);
      }
    },

    findSilences(instants) {
      const silences: SimulatedSilence[] = [];
      for (const at of instants) {
        if (at - Math.max(lastHeardAt, fromMs) > silentMs)
          silences.push({ startedAt: lastHeardAt, endedAt: at });
        lastHeardAt = at;
      }
      return silences;
    },

    addSilences(silences) {
      for (const { startedAt, endedAt } of silences) addSilence(startedAt, endedAt);
    },

    checkOpenings(sliceFrom, sliceUntil) {
      const occurrences = listOpenByOccurrences(rule, sliceFrom, sliceUntil - 1);
      for (const { startedAt, dueAt, clearsAt } of findLateOpeningAlarms(occurrences, {
        intervalBefore: (at) => openIntervals[countStartsBefore(openIntervals, at) - 1],
        intervalFrom: (at) => openIntervals[countStartsBefore(openIntervals, at)],
      })) {
        // A window has one alarm, the first, also if windows with the same start are in several slices.
        if (lateStarts.has(startedAt)) continue;
        lateStarts.add(startedAt);
        addAlarm('NOT_OPENED', dueAt, clearsAt);
      }
      return occurrences.length;
    },

    getResult() {
      addSilence(lastHeardAt, null);
      return {
        alarms: alarms.sort(compareAlarms),
        intervals: count,
        openSeconds: Math.floor(openMs / 1_000),
      };
    },
  };
}

const toSignalInterval = ({ startId, startedAt, endedAt }: OpeningIntervalRecord): SignalInterval => ({
  startId,
  startedAt: Date.parse(startedAt),
  endedAt: endedAt === null ? null : Date.parse(endedAt),
});

/** @param intervals ordered by start */
function countStartsBefore(intervals: readonly SignalInterval[], at: number): number {
  let low = 0;
  let high = intervals.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((intervals[middle]?.startedAt ?? Infinity) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Orders alarms by instant, and those of one instant by kind. */
const compareAlarms = (a: SimulatedAlarm, b: SimulatedAlarm): number => {
  const [first, second] = [a.raisedAt + a.kind, b.raisedAt + b.kind];
  return first < second ? -1 : Number(first > second);
};
