import type { LogEntry } from '@seguridad-abc/contracts';
import {
  buildAlarmEvent,
  buildLog,
  buildReadingsRecorded,
  buildRuleCreated,
  buildRuleUpdated,
  type TestEvent,
} from './log-entries.js';

const instant = (seconds: number): string => new Date(Date.UTC(2026, 2, 1) + seconds * 1_000).toISOString();
const USERS = 50;

/** Builds one event of a log in which readings and alarms prevail, as they do in practice. */
export function buildMixedEvent(index: number): TestEvent {
  const group = Math.floor(index / 10);
  const userId = `user-${group % USERS}`;
  const opening = `Door ${group % 7}`;
  const id = `${group}`;
  const alarm = { id: `alarm-${id}`, ruleId: `rule-${id}`, userId, opening, raisedAt: instant(group) };
  const readings = (version: number, state: 'OPEN' | 'CLOSED') =>
    buildReadingsRecorded(
      {
        userId,
        opening,
        state,
        since: instant(index),
        intervals: [
          {
            signal: 'OPEN',
            startId: `reading-${id}-${version}`,
            startedAt: instant(index),
            endedAt: state === 'OPEN' ? null : instant(index + 1),
          },
        ],
      },
      [{ id: `reading-${index}`, state, at: instant(index) }],
    );
  switch (index % 10) {
    case 0:
      return buildRuleCreated({ id: `rule-${id}`, userId, opening, name: `Rule ${id}` });
    case 1:
    case 4:
      return readings(index % 10, 'OPEN');
    case 2:
      return buildAlarmEvent('AlarmRaised', alarm);
    case 3:
    case 5:
      return readings((index % 10) - (index % 10 === 3 ? 2 : 1), 'CLOSED');
    case 6:
      return buildAlarmEvent('AlarmCleared', {
        ...alarm,
        status: 'CLEARED',
        clearedAt: instant(index),
        version: 2,
      });
    case 7:
      return buildAlarmEvent('AlarmAcknowledged', {
        ...alarm,
        status: 'CLEARED',
        clearedAt: instant(index),
        acknowledgedAt: instant(index),
        acknowledgedBy: 'olga',
        version: 3,
      });
    case 8:
      return buildRuleUpdated({ id: `rule-${id}`, userId, opening, name: `Rule ${id}, changed` });
    default:
      return readings(9, 'OPEN');
  }
}

/** Builds a log of {@link buildMixedEvent} with an entry that this version cannot read. */
export const buildMixedLog = (count: number): LogEntry[] =>
  buildLog([
    ...Array.from({ length: count - 1 }, (_, index) => buildMixedEvent(index)),
    { type: 'RuleSung', version: 1, data: { song: ['la'] } },
  ]);
