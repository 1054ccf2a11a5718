import type { AlarmChangeKind, AlarmEvent, OpeningChange } from '@seguridad-abc/contracts';
import type { PlacedEvent } from './read-batch.js';
import type { Things } from './things.js';

/** What events tell of each thing, as it is after each of them: a thing may be told of again and again. */
export function tell(events: readonly PlacedEvent[]): Things {
  const told = events.map(tellOne);
  return {
    rules: told.flatMap(({ rules = [] }) => rules),
    openings: told.flatMap(({ openings = [] }) => openings),
    intervals: told.flatMap(({ intervals = [] }) => intervals),
    alarms: told.flatMap(({ alarms = [] }) => alarms),
  };
}

function tellOne({ event, position }: PlacedEvent): Partial<Things> {
  switch (event.type) {
    case 'RuleCreated':
    case 'RuleUpdated':
    case 'RuleDeleted': {
      const { rule } = event.data;
      const opening = {
        userId: rule.userId,
        name: rule.opening,
        state: null,
        since: null,
        changedPosition: 0,
      };
      return { rules: [{ state: rule, createdPosition: position }], openings: [opening] };
    }
    case 'ReadingsRecorded':
    case 'OpeningChanged':
      return tellOpening(event.data, position);
    case 'AlarmRaised':
    case 'AlarmCleared':
    case 'AlarmRetracted':
    case 'AlarmAcknowledged':
    case 'AlarmUpdated':
      return {
        alarms: [{ state: event.data.alarm, change: CHANGES[event.type], changedPosition: position }],
      };
  }
}

const CHANGES = {
  AlarmRaised: 'RAISED',
  AlarmCleared: 'CLEARED',
  AlarmRetracted: 'RETRACTED',
  AlarmAcknowledged: 'ACKNOWLEDGED',
  AlarmUpdated: 'UPDATED',
} as const satisfies Record<AlarmEvent['type'], AlarmChangeKind>;

function tellOpening(change: OpeningChange, changedPosition: number): Partial<Things> {
  const { userId, opening, state, since } = change;
  const told = (startId: string, startedAt: string | null, endedAt: string | null) => ({
    userId,
    opening,
    startId,
    startedAt,
    endedAt,
    changedPosition,
  });
  return {
    openings: [{ userId, name: opening, state, since, changedPosition }],
    intervals: [
      ...change.removed.map((startId) => told(startId, null, null)),
      ...change.intervals.map(({ startId, startedAt, endedAt }) => told(startId, startedAt, endedAt)),
    ],
  };
}
