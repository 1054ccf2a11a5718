import { formatInstant, parseLogEvent, type LogEntry } from '@seguridad-abc/contracts';
import { createAlarmState, createRuleState } from '@seguridad-abc/contracts/testing';
import { isAlarmBeforeHorizon } from '@seguridad-abc/evaluation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSnapshotSelection } from './log-snapshot.js';

const at = (minute: number) => formatInstant(Date.UTC(2026, 0, 1) + minute * 60_000);
const HORIZON = at(50);

/** What a reader holds: the last state of each thing, with the position of the entry that carried it. */
type States = Map<string, { readonly position: number; readonly state: unknown }>;

/** Applies entries as readers do: the last entry about a thing wins, and removed intervals are remembered. */
function applyEntries(entries: readonly LogEntry[], states: States = new Map()): States {
  const put = (key: string, position: number, state: unknown) => {
    if ((states.get(key)?.position ?? 0) < position) states.set(key, { position, state });
  };
  for (const entry of entries) {
    const { position } = entry;
    const parsed = parseLogEvent(entry);
    if (!parsed.ok) {
      put(`unreadable ${position}`, position, entry.data);
      continue;
    }
    const { type, data } = parsed.event;
    if ('rule' in data) put(`rule ${data.rule.id} ${data.rule.version}`, position, data.rule);
    if ('alarm' in data) put(`alarm ${data.alarm.id}`, position, data.alarm);
    if (type !== 'ReadingsRecorded' && type !== 'OpeningChanged' && type !== 'ReadingsWithdrawn') continue;
    const key = `${data.userId}/${data.opening}`;
    const { state, since, tampered, batteryLow } = data;
    put(`opening ${key}`, position, { state, since, tampered, batteryLow });
    for (const { signal, startId } of data.removed)
      put(`interval ${key}/${signal}/${startId}`, position, null);
    for (const interval of data.intervals)
      put(`interval ${key}/${interval.signal}/${interval.startId}`, position, interval);
  }
  return states;
}

/** Removes what `HistoryRemoved` removes. */
function removeHistory(states: States, upTo: number): States {
  for (const [key, { position, state }] of states) {
    const interval = state as { endedAt: string | null } | null;
    const isOldInterval =
      key.startsWith('interval') &&
      (interval === null ? position <= upTo : interval.endedAt !== null && interval.endedAt < HORIZON);
    const isOldAlarm =
      key.startsWith('alarm') &&
      isAlarmBeforeHorizon(state as Parameters<typeof isAlarmBeforeHorizon>[0], HORIZON);
    if (isOldInterval || isOldAlarm) states.delete(key);
  }
  return states;
}

const compact = (entries: readonly LogEntry[]): LogEntry[] => {
  const selection = createSnapshotSelection(HORIZON);
  for (const entry of entries) selection.observe(entry);
  const positions = new Set(selection.listPositions());
  return entries
    .filter(({ position }) => positions.has(position))
    .flatMap((entry) => selection.select(entry) ?? []);
};

const minute = fc.integer({ min: 0, max: 100 });
const openingEvent = fc
  .record({
    opening: fc.constantFrom('Door', 'Gate'),
    isOpen: fc.boolean(),
    since: minute,
    tampered: fc.option(fc.boolean()),
    batteryLow: fc.option(fc.boolean()),
    signal: fc.constantFrom('OPEN', 'OPEN', 'TAMPERED'),
    intervals: fc.uniqueArray(
      fc.record({ id: fc.integer({ min: 0, max: 4 }), startedAt: minute, endedAt: fc.option(minute) }),
      { selector: ({ id }) => id, maxLength: 3 },
    ),
    removed: fc.uniqueArray(fc.integer({ min: 5, max: 8 }), { maxLength: 1 }),
    moved: fc.option(fc.integer({ min: 5, max: 8 })),
    hasReadings: fc.boolean(),
  })
  .map(
    ({ opening, isOpen, since, tampered, batteryLow, signal, intervals, removed, moved, hasReadings }) => ({
      type: hasReadings ? 'ReadingsRecorded' : 'OpeningChanged',
      data: {
        userId: 'ana',
        opening,
        state: isOpen ? 'OPEN' : 'CLOSED',
        since: at(since),
        tampered,
        batteryLow,
        intervals: [
          ...intervals.map(({ id, startedAt, endedAt }) => ({
            signal,
            startId: `r${id}`,
            startedAt: at(startedAt),
            endedAt: endedAt === null ? null : at(endedAt),
          })),
          ...(moved === null || removed.includes(moved)
            ? []
            : [{ startId: `r${moved}`, startedAt: at(since), endedAt: null }]),
        ],
        removed: removed.map((id) => (id === 5 ? `r${id}` : { signal, startId: `r${id}` })),
        ...(hasReadings && { readings: [{ id: 'x', state: 'OPEN', at: at(since) }] }),
      },
    }),
  );
const alarmEvent = fc
  .record({
    id: fc.constantFrom('a', 'b', 'c'),
    status: fc.constantFrom('ACTIVE', 'CLEARED', 'RETRACTED'),
    end: minute,
  })
  .map(({ id, status, end }) => ({
    type: 'AlarmUpdated',
    data: {
      alarm: createAlarmState({
        id,
        status: status as 'ACTIVE',
        raisedAt: at(Math.max(0, end - 5)),
        clearedAt: status === 'CLEARED' ? at(end) : null,
      }),
    },
  }));
const ruleEvent = fc.integer({ min: 1, max: 3 }).map((version) => ({
  type: version === 1 ? 'RuleCreated' : 'RuleUpdated',
  data: { rule: createRuleState({ version }) },
}));
const otherEvent = fc.constantFrom(
  { type: 'UserErased', data: { pseudonym: 'p', salt: 's' } },
  { type: 'EventErased', data: {} },
  { type: 'OfALaterVersion', data: { what: 'is this' } },
  { type: 'HistoryRemoved', data: { before: at(0), position: 0 } },
);
const log = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: openingEvent },
      { weight: 3, arbitrary: alarmEvent },
      { weight: 1, arbitrary: ruleEvent },
      { weight: 1, arbitrary: otherEvent },
    ),
    { maxLength: 40 },
  )
  .map((events) =>
    events.map((event, index): LogEntry => ({
      logId: 'log',
      position: index + 1,
      version: 1,
      at: at(index),
      actor: null,
      mark: `m${index}`,
      ...event,
    })),
  );

const toSorted = (states: States) => [...states].sort(([a], [b]) => (a < b ? -1 : 1));

describe('the snapshot of a log', () => {
  it('and the later entries give the states of all entries, apart from removed history', () => {
    fc.assert(
      fc.property(log, fc.nat(40), (entries, length) => {
        const upTo = Math.min(length, entries.length);
        const expected = removeHistory(applyEntries(entries), upTo);
        const compacted = [...compact(entries.slice(0, upTo)), ...entries.slice(upTo)];
        expect(toSorted(removeHistory(applyEntries(compacted), upTo))).toEqual(toSorted(expected));
      }),
    );
  });

  it('can be compacted again', () => {
    fc.assert(
      fc.property(log, fc.nat(40), fc.nat(40), (entries, one, other) => {
        const [first, upTo] = [one, other]
          .map((end) => Math.min(end, entries.length))
          .sort((a, b) => a - b) as [number, number];
        const once = compact(entries.slice(0, upTo));
        const twice = compact([...compact(entries.slice(0, first)), ...entries.slice(first, upTo)]);
        expect(twice).toEqual(once);
      }),
    );
  });

  it('has one entry for an opening, however many readings it has had', () => {
    const readings = Array.from({ length: 40 }, (_, index): LogEntry => {
      const startedAt = at(index - (index % 2));
      const endedAt = index % 2 === 0 ? null : at(index);
      return {
        logId: 'log',
        position: index + 1,
        type: 'ReadingsRecorded',
        version: 1,
        at: at(index),
        actor: null,
        data: {
          userId: 'ana',
          opening: 'Door',
          state: index % 2 === 0 ? 'OPEN' : 'CLOSED',
          since: at(index),
          intervals: [{ startId: startedAt, startedAt, endedAt }],
          removed: [],
          readings: [{ id: String(index), state: 'OPEN', at: at(index) }],
        },
      };
    });
    expect(compact(readings)).toMatchObject([
      { position: 40, type: 'OpeningChanged', data: { state: 'CLOSED', intervals: [], removed: [] } },
    ]);
  });
});
