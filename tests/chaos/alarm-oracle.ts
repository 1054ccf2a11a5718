import {
  deriveIntervals,
  findAlarmsOfInterval,
  NO_EXCEPTIONS,
  type RuleVersion,
  type SignalReport,
} from '@seguridad-abc/evaluation';
import { createRuleVersion } from '@seguridad-abc/evaluation/testing';
import type { AcknowledgedCommand, AcknowledgedReading, AlarmState, ChaosHistory } from './history.js';

/** An alarm as the oracle finds it. Rule, kind and instant identify it. */
export interface ExpectedAlarm {
  readonly ruleId: string;
  readonly kind: string;
  readonly raisedAt: number;
  /** Null while the opening is open. */
  readonly clearedAt: number | null;
}

/**
 * Computes the alarms of all confirmed rules and readings with the pure evaluation, at once and from the beginning.
 * @param now alarms that are due later are left out
 */
export function computeExpectedAlarms(
  commands: readonly AcknowledgedCommand[],
  readings: readonly AcknowledgedReading[],
  now: number,
): ExpectedAlarm[] {
  return groupBy(commands, ({ rule }) => rule.id).flatMap(([ruleId, ofRule]) => {
    const versions = deriveVersions(ofRule);
    const [first] = ofRule;
    const ofOpening = readings.filter(
      ({ userId, opening }) => userId === first?.rule.userId && opening === first.rule.opening,
    );
    const rule = { versions, exceptions: NO_EXCEPTIONS };
    return deriveIntervals(ofOpening.map(toSignalReport)).flatMap((interval) =>
      findAlarmsOfInterval(rule, 'OPEN', interval, now + 1)
        .alarms.filter(({ at }) => at <= now)
        .map(({ kind, at }) => ({ ruleId, kind, raisedAt: at, clearedAt: interval.endedAt })),
    );
  });
}

const toSignalReport = ({ id, at, state }: AcknowledgedReading): SignalReport => ({
  id,
  at,
  value: state === 'OPEN',
});

/** The versions of a rule: each holds until the next one. */
function deriveVersions(commands: readonly AcknowledgedCommand[]): RuleVersion[] {
  const ordered = [...commands].sort((a, b) => a.rule.version - b.rule.version);
  let from = -Infinity;
  const starts = ordered.map(({ rule }, index) => {
    from = Math.max(from, index === 0 ? rule.effectiveFrom : rule.updatedAt);
    return from;
  });
  return ordered.map(({ rule }, index) =>
    createRuleVersion({
      windows: rule.isNeverAllowed ? [] : null,
      from: starts[index] ?? 0,
      until: starts[index + 1] ?? null,
      enabled: rule.enabled && rule.deletedAt === null,
      maxOpenSeconds: rule.maxOpenSeconds,
    }),
  );
}

/** Compares the alarms of the reports with those of the oracle. */
export function checkAlarms({ commands, readings, final }: ChaosHistory): string[] {
  const expected = computeExpectedAlarms(commands, readings, final.at);
  const found = final.alarms.filter(({ status }) => status !== 'RETRACTED');
  const byKey = new Map<string, AlarmState>();
  const messages: string[] = [];
  for (const alarm of found) {
    const key = formatAlarmKey(alarm);
    if (byKey.has(key)) messages.push(`doubled: ${key}`);
    byKey.set(key, alarm);
  }
  for (const alarm of expected) {
    const key = formatAlarmKey(alarm);
    const actual = byKey.get(key);
    byKey.delete(key);
    if (!actual) {
      messages.push(`missing: ${key}`);
      continue;
    }
    const status = alarm.clearedAt === null ? 'ACTIVE' : 'CLEARED';
    if (actual.clearedAt !== alarm.clearedAt || actual.status !== status) {
      messages.push(
        `${key} is ${actual.status} at ${String(actual.clearedAt)}, not ${status} at ${String(alarm.clearedAt)}`,
      );
    }
  }
  for (const key of byKey.keys()) messages.push(`unexpected: ${key}`);
  return messages;
}

const formatAlarmKey = ({ ruleId, kind, raisedAt }: Pick<ExpectedAlarm, 'ruleId' | 'kind' | 'raisedAt'>) =>
  `${kind} of rule ${ruleId} at ${new Date(raisedAt).toISOString()}`;

/** Groups items, in the order in which their keys first occur. */
export function groupBy<Item>(
  items: readonly Item[],
  getKey: (item: Item) => string,
): [key: string, items: Item[]][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = getKey(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups];
}
