import { formatInstant, type Signal } from '@seguridad-abc/contracts';
import { getSilenceStart, listOpenByOccurrences, NO_EXCEPTIONS } from '@seguridad-abc/evaluation';
import type { AlarmRecord } from '../domain/interval-evaluation.js';
import { deriveAlarmId } from '../evaluation/alarm-ids.js';
import { MAX_WINDOW_MS, NO_READING } from '../readings/changed-episodes.js';
import type { OpeningTableAccess } from '../readings/opening-tables.js';
import type { RuleTableAccess } from '../rules/rule-repository.js';

/** In which episode an alarm continues. */
export type AlarmStart = Pick<AlarmRecord, 'startKey' | 'startedAt' | 'windowEndsAt'>;

type AlarmInOpening = Pick<AlarmRecord, 'id' | 'ruleId' | 'kind' | 'raisedAt' | 'openingId'>;

/**
 * Creates a function that finds the episode of an alarm that is not retracted: the one that lasts at the instant at which the
 * alarm was due. It returns undefined if there is none, because the log ends before its event.
 */
export function createAlarmStartFinder(
  { intervals, readings }: Pick<OpeningTableAccess, 'intervals' | 'readings'>,
  { rules, versions }: Pick<RuleTableAccess, 'rules' | 'versions'>,
): (alarm: AlarmInOpening) => Promise<AlarmStart | undefined> {
  const findInterval = async (
    openingId: number,
    signal: Signal,
    at: number,
  ): Promise<AlarmStart | undefined> => {
    const last = await intervals.findLastBefore(openingId, signal, at + 1);
    if (!last || (last.endedAt !== null && last.endedAt <= at)) return undefined;
    return { startKey: last.startId, startedAt: last.startedAt, windowEndsAt: null };
  };

  const findSilence = async ({ openingId, ruleId }: AlarmInOpening, at: number): Promise<AlarmStart> => {
    const rule = await rules.findById(ruleId);
    const beginsAt = rule ? Date.parse(rule.effectiveFrom) : at;
    const heardAt = await readings.findHeardBefore(openingId, at + 1);
    const startedAt = getSilenceStart(heardAt ?? NO_READING, beginsAt);
    return { startKey: formatInstant(startedAt), startedAt, windowEndsAt: null };
  };

  const findWindow = async ({ id, ruleId, kind }: AlarmInOpening, at: number): Promise<AlarmStart> => {
    const ofRule = await versions.findByRule(ruleId, at - MAX_WINDOW_MS, at + 1);
    const found = listOpenByOccurrences({ versions: ofRule, exceptions: NO_EXCEPTIONS }, at, at);
    const occurrence =
      found.find(({ startedAt }) => deriveAlarmId(ruleId, kind, formatInstant(startedAt)) === id) ?? found[0];
    // Without one, the zone data has changed since.
    const { startedAt, endsAt } = occurrence ?? { startedAt: at, endsAt: at };
    return { startKey: formatInstant(startedAt), startedAt, windowEndsAt: endsAt };
  };

  return async (alarm) => {
    const at = Date.parse(alarm.raisedAt);
    switch (alarm.kind) {
      case 'SILENT':
        return findSilence(alarm, at);
      case 'NOT_OPENED':
        return findWindow(alarm, at);
      case 'TAMPERED':
      case 'BATTERY_LOW':
        return findInterval(alarm.openingId, alarm.kind, at);
      default:
        return findInterval(alarm.openingId, 'OPEN', at);
    }
  };
}
