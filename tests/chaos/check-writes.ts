import { groupBy } from './alarm-oracle.js';
import type { ChaosHistory, RuleState } from './history.js';

/** Checks that the reports have every confirmed command and reading, once, and nothing else. */
export function checkWrites({ commands, readings, unacknowledged, final }: ChaosHistory): string[] {
  const messages = unacknowledged.map((what) => `never confirmed: ${what}`);
  const stored = new Map<string, RuleState[]>(groupBy(final.rules, ({ id }) => id));
  const names = new Map<string, string>();
  for (const [id, ofRule] of groupBy(commands, ({ rule }) => rule.id)) {
    for (const { rule, versionBefore, key } of ofRule) {
      // A command that was executed twice skips a version.
      if (rule.version !== versionBefore + 1)
        messages.push(`command ${key} changed rule ${id} from version ${versionBefore} to ${rule.version}`);
    }
    const last = ofRule.reduce((a, b) => (b.rule.version > a.rule.version ? b : a)).rule;
    const [found, ...more] = stored.get(id) ?? [];
    stored.delete(id);
    if (more.length > 0) messages.push(`rule ${id} is listed ${more.length + 1} times`);
    if (last.deletedAt !== null) {
      if (found) messages.push(`rule ${id} is deleted, but is listed at version ${found.version}`);
      continue;
    }
    if (!found) messages.push(`rule ${id} is lost`);
    else messages.push(...compareRules(last, found));
    const name = `${last.userId} ${last.opening} ${last.name}`;
    if (names.has(name)) messages.push(`rules ${id} and ${names.get(name) ?? ''} have the same name`);
    names.set(name, id);
  }
  for (const id of stored.keys()) messages.push(`rule ${id} was never confirmed`);
  messages.push(...compareReadings(readings, final.readings));
  return messages;
}

function compareRules(expected: RuleState, found: RuleState): string[] {
  const fields = Object.keys(expected) as (keyof RuleState)[];
  return fields
    .filter((field) => expected[field] !== found[field])
    .map(
      (field) =>
        `rule ${expected.id} has ${field} ${String(found[field])}, confirmed was ${String(expected[field])}`,
    );
}

type Reading = ChaosHistory['final']['readings'][number];
const formatReadingKey = ({ userId, opening, id }: Reading) => `${userId} ${opening} ${id}`;

function compareReadings(confirmed: readonly Reading[], stored: readonly Reading[]): string[] {
  const messages: string[] = [];
  const byKey = new Map<string, Reading>();
  for (const reading of stored) {
    const key = formatReadingKey(reading);
    if (byKey.has(key)) messages.push(`reading ${key} is stored twice`);
    byKey.set(key, reading);
  }
  for (const reading of confirmed) {
    const key = formatReadingKey(reading);
    const found = byKey.get(key);
    byKey.delete(key);
    if (!found) messages.push(`reading ${key} is lost`);
    else if (found.state !== reading.state || found.at !== reading.at)
      messages.push(`reading ${key} is stored as ${found.state} at ${found.at}`);
  }
  for (const key of byKey.keys()) messages.push(`reading ${key} was never confirmed`);
  return messages;
}

/** Checks queries that carried the consistency token of a command. */
export function checkReads({ reads }: ChaosHistory): string[] {
  return reads
    .filter(({ isStale }) => !isStale)
    .flatMap(({ ruleId, at, knownVersion, knownDeleted, version }) => {
      const isCorrect = knownDeleted ? version === null : version !== null && version >= knownVersion;
      const known = knownDeleted ? 'its deletion' : `version ${knownVersion}`;
      const time = new Date(at).toISOString();
      return isCorrect ? [] : [`rule ${ruleId} at ${time}: read ${String(version)}, knew ${known}`];
    });
}

/** Checks that each subscriber has received the last state of every rule and alarm, versions in order, and nothing twice. */
export function checkSubscribers({ commands, changes, subscribers, final }: ChaosHistory): string[] {
  const messages: string[] = [];
  const lastVersions = new Map<string, number>();
  for (const { rule } of commands)
    lastVersions.set(rule.id, Math.max(rule.version, lastVersions.get(rule.id) ?? 0));
  const bySubscriber = new Map(groupBy(changes, ({ subscriber }) => subscriber));
  for (const { name, type } of subscribers) {
    const received = bySubscriber.get(name) ?? [];
    const seen = new Map<string, string | number>();
    for (const { subject, at } of received) {
      const time = new Date(at).toISOString();
      if (subject.type === 'rule') {
        const { id, version } = subject.rule;
        const before = Number(seen.get(id) ?? 0);
        if (version <= before)
          messages.push(`${name} received version ${version} of rule ${id} after ${before}, at ${time}`);
        seen.set(id, Math.max(version, before));
      } else {
        seen.set(subject.alarm.id, formatAlarm(subject.alarm));
      }
    }
    const expected: Iterable<readonly [string, string | number]> =
      type === 'rule'
        ? lastVersions
        : type === 'alarm'
          ? final.alarms.map((alarm) => [alarm.id, formatAlarm(alarm)] as const)
          : [];
    for (const [id, state] of expected) {
      if (seen.get(id) !== state)
        messages.push(`${name} has ${String(seen.get(id))} of ${type} ${id}, not ${state}`);
    }
  }
  return messages;
}

const formatAlarm = ({
  status,
  clearedAt,
}: {
  readonly status: string;
  readonly clearedAt: number | null;
}): string => `${status} ${String(clearedAt)}`;
