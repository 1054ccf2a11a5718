import { formatInstant, parseLogEvent, type AlarmState, type LogEntry } from '@seguridad-abc/contracts';
import {
  createAlarmState,
  createCalendarState,
  createOpeningExceptionState,
  createRuleState,
} from '@seguridad-abc/contracts/testing';
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
    if ('calendar' in data) put(`calendar ${data.calendar.id}`, position, data.calendar);
    if ('exception' in data) put(`exception ${data.exception.id}`, position, data.exception);
    if ('alarm' in data) {
      put(`alarm ${data.alarm.id}`, position, data.alarm);
      put(`timeline ${data.alarm.id} ${position}`, position, isAlarmBeforeHorizon(data.alarm, HORIZON));
    }
    if (type !== 'ReadingsRecorded' && type !== 'OpeningChanged' && type !== 'ReadingsWithdrawn') continue;
    const key = `${data.userId}/${data.opening}`;
    const { state, since, tampered, batteryLow } = data;
    put(`opening ${key}`, position, { state, since, tampered, batteryLow });
    for (const { signal, startId } of data.removed)
      put(`interval ${key}/${signal} ${startId}`, position, null);
    for (const interval of data.intervals)
      put(`interval ${key}/${interval.signal} ${interval.startId}`, position, interval);
    for (const reading of type === 'ReadingsRecorded' ? data.readings : [])
      put(`heard ${key} ${reading.at}`, position, true);
    for (const instant of type === 'ReadingsWithdrawn' ? data.instantsWithoutReading : [])
      put(`heard ${key} ${instant}`, position, false);
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
  // The timeline of an alarm goes with it.
  for (const key of states.keys()) {
    const [kind, alarmId = ''] = key.split(' ');
    if (kind === 'timeline' && !states.has(`alarm ${alarmId}`)) states.delete(key);
  }
  return states;
}

/** Removes what has happened to alarms until they ended before the horizon, even if a later entry brings them back. */
function removeTimelines(states: States): States {
  const ends = new Map<string, number>();
  for (const [key, { position, state }] of states) {
    const [kind, alarmId = ''] = key.split(' ');
    if (kind === 'timeline' && state === true) ends.set(alarmId, Math.max(position, ends.get(alarmId) ?? 0));
  }
  for (const [key, { position }] of states) {
    const [kind, alarmId = ''] = key.split(' ');
    if (kind === 'timeline' && position <= (ends.get(alarmId) ?? 0)) states.delete(key);
  }
  return states;
}

/** Removes the instants before the horizon at which an opening was heard, except the last one. */
function removeHeardInstants(states: States, upTo: number): States {
  const keys = [...states.keys()].filter((key) => key.startsWith('heard')).sort();
  const isHeardBefore = (key: string) => states.get(key)?.state === true && getInstant(key) < HORIZON;
  const last = new Set(
    ['ana/Door', 'ana/Gate'].map((opening) =>
      keys.filter((key) => key.startsWith(`heard ${opening}`) && isHeardBefore(key)).at(-1),
    ),
  );
  for (const key of keys) {
    const { position, state } = states.get(key) ?? { position: 0, state: undefined };
    if (state === false ? position <= upTo : isHeardBefore(key) && !last.has(key)) states.delete(key);
  }
  return states;
}

const getInstant = (key: string) => key.slice(-HORIZON.length);

const compact = (entries: readonly LogEntry[]): LogEntry[] => {
  const selection = createSnapshotSelection(HORIZON);
  for (const entry of entries) selection.observe(entry);
  if (selection.needsSecondPass) for (const entry of entries) selection.observeAgain(entry);
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
    intervals: fc.uniqueArray(
      fc.record({ id: fc.integer({ min: 0, max: 4 }), startedAt: minute, endedAt: fc.option(minute) }),
      { selector: ({ id }) => id, maxLength: 3 },
    ),
    removed: fc.uniqueArray(fc.integer({ min: 5, max: 8 }), { maxLength: 1 }),
    moved: fc.option(fc.integer({ min: 5, max: 8 })),
    signal: fc.constantFrom('OPEN', 'TAMPERED'),
    type: fc.constantFrom('ReadingsRecorded', 'OpeningChanged', 'ReadingsWithdrawn'),
    heard: fc.array(fc.integer({ min: 44, max: 52 }), { minLength: 1, maxLength: 3 }),
  })
  .map(({ opening, isOpen, since, intervals, removed, moved, signal, type, heard }) => ({
    type,
    version: getVersion(type),
    data: {
      userId: 'ana',
      opening,
      state: isOpen ? 'OPEN' : 'CLOSED',
      since: at(since),
      tampered: isOpen,
      batteryLow: null,
      intervals: [
        ...intervals.map(({ id, startedAt, endedAt }) => ({
          signal,
          startId: `r${id}`,
          startedAt: at(startedAt),
          endedAt: endedAt === null ? null : at(endedAt),
        })),
        ...(moved === null || removed.includes(moved)
          ? []
          : [{ signal, startId: `r${moved}`, startedAt: at(since), endedAt: null }]),
      ],
      removed: removed.map((id) => ({ signal, startId: `r${id}` })),
      ...(type === 'ReadingsRecorded' && { readings: heard.map(createReading) }),
      ...(type === 'ReadingsWithdrawn' && {
        readings: heard.map((instant) => ({ id: 'x', at: at(instant) })),
        instantsWithoutReading: heard.map(at),
        reason: 'wrong',
      }),
    },
  }));
const getVersion = (type: string) => (type === 'ReadingsWithdrawn' ? 1 : 2);
const createReading = (instant: number) => ({
  id: `r at ${instant}`,
  state: 'OPEN',
  tampered: null,
  batteryLow: null,
  at: at(instant),
});
const alarmEvent = fc
  .record({
    id: fc.constantFrom('a', 'b', 'c'),
    type: fc.constantFrom('AlarmUpdated', 'AlarmClaimed', 'AlarmResolved'),
    status: fc.constantFrom('ACTIVE', 'CLEARED', 'RETRACTED'),
    end: minute,
  })
  .map(({ id, type, status, end }) => ({
    type,
    data: {
      alarm: createAlarmState({
        id,
        status: status as 'ACTIVE',
        raisedAt: at(Math.max(0, end - 5)),
        clearedAt: status === 'CLEARED' ? at(end) : null,
      }),
    },
  }));
const calendarEvent = fc.constantFrom('c1', 'c2').map((id) => ({
  type: 'CalendarUpdated',
  data: { calendar: createCalendarState({ id }) },
}));
const exceptionEvent = fc.constantFrom('e1', 'e2').map((id) => ({
  type: 'ExceptionCreated',
  data: { exception: createOpeningExceptionState({ id }) },
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
      { weight: 1, arbitrary: calendarEvent },
      { weight: 1, arbitrary: exceptionEvent },
      { weight: 1, arbitrary: ruleEvent },
      { weight: 1, arbitrary: otherEvent },
    ),
    { maxLength: 40 },
  )
  .map((events) => {
    const versions = new Map<string, number>();
    return events.map((event, index): LogEntry => {
      const entry = { version: 1, at: at(index), actor: null, mark: `m${index}`, ...event };
      return { logId: 'log', position: index + 1, ...entry, data: countVersion(event.data, versions) };
    });
  });

/** Gives the events of an alarm the versions 1, 2, 3, ... */
function countVersion(data: object, versions: Map<string, number>): object {
  if (!('alarm' in data)) return data;
  const alarm = data.alarm as AlarmState;
  const version = (versions.get(alarm.id) ?? 0) + 1;
  versions.set(alarm.id, version);
  return { ...data, alarm: { ...alarm, version } };
}

/** After a compaction, monitoring refuses to withdraw readings from before the horizon. */
function omitWithdrawalsOfHistory(entry: LogEntry): LogEntry {
  const data = entry.data as { readonly instantsWithoutReading?: readonly string[] };
  const instants = data.instantsWithoutReading?.filter((instant) => instant >= HORIZON);
  return instants ? { ...entry, data: { ...data, instantsWithoutReading: instants } } : entry;
}

const toSorted = (states: States) => [...states].sort(([a], [b]) => (a < b ? -1 : 1));

describe('the snapshot of a log', () => {
  it('and the later entries give the states of all entries, apart from removed history', () => {
    fc.assert(
      fc.property(log, fc.nat(40), (entries, length) => {
        const upTo = Math.min(length, entries.length);
        const [earlier, later] = [entries.slice(0, upTo), entries.slice(upTo)];
        // A reading before the horizon may be withdrawn later, so these instants are removed first.
        const removeFirst = (states: States) => removeTimelines(removeHeardInstants(states, upTo));
        const replay = (first: readonly LogEntry[]) =>
          removeHistory(applyEntries(later, removeFirst(applyEntries(first))), upTo);
        expect(toSorted(replay(compact(earlier)))).toEqual(toSorted(replay(earlier)));
      }),
    );
  });

  it('can be compacted again', () => {
    fc.assert(
      fc.property(log, fc.nat(40), fc.nat(40), (entries, one, other) => {
        const [first, upTo] = [one, other]
          .map((end) => Math.min(end, entries.length))
          .sort((a, b) => a - b) as [number, number];
        const earlier = entries.slice(0, first);
        const later = entries.slice(first, upTo).map(omitWithdrawalsOfHistory);
        const once = compact([...earlier, ...later]);
        const twice = compact([...compact(earlier), ...later]);
        expect(twice).toEqual(once);
      }),
    );
  });

  it('has the last entry of each calendar and exception', () => {
    const entries = [1, 2, 3, 4].map((position): LogEntry => ({
      logId: 'log',
      position,
      version: 1,
      at: at(position),
      actor: null,
      ...(position < 3
        ? { type: 'CalendarUpdated', data: { calendar: createCalendarState({ version: position }) } }
        : {
            type: 'ExceptionCancelled',
            data: { exception: createOpeningExceptionState({ version: position }) },
          }),
    }));
    expect(compact(entries)).toStrictEqual([entries[1], entries[3]]);
  });

  it('has the last reading before the horizon that is not withdrawn, and all later ones', () => {
    const opening = {
      userId: 'ana',
      opening: 'Door',
      state: 'CLOSED',
      since: at(0),
      intervals: [],
      removed: [],
    };
    const createEntry = (position: number, type: string, data: object): LogEntry => ({
      logId: 'log',
      position,
      type,
      version: getVersion(type),
      at: at(position),
      actor: null,
      data: { ...opening, ...data },
    });
    const recorded = (position: number, ...minutes: number[]) =>
      createEntry(position, 'ReadingsRecorded', { readings: minutes.map(createReading) });
    const withdrawn = (position: number, instant: number) =>
      createEntry(position, 'ReadingsWithdrawn', {
        readings: [{ id: 'x', at: at(instant) }],
        instantsWithoutReading: [at(instant)],
        reason: 'wrong',
      });
    const listReadings = (entries: readonly LogEntry[]) =>
      compact(entries).map(({ position, data }) => [
        position,
        (data as { readings?: { at: string }[] }).readings?.map((reading) => reading.at),
      ]);
    const entries = [recorded(1, 20, 40, 50), recorded(2, 30, 60), recorded(3, 10)];
    expect(listReadings(entries)).toStrictEqual([
      [1, [at(40), at(50)]],
      [2, [at(60)]],
      [3, undefined],
    ]);
    expect(listReadings([...entries, withdrawn(4, 60), withdrawn(5, 40), recorded(6, 25)])).toStrictEqual([
      [1, [at(50)]],
      [2, [at(30)]],
      [6, undefined],
    ]);
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
    const data = { state: 'CLOSED', intervals: [], removed: [], readings: [{ at: at(39) }] };
    expect(compact(readings)).toMatchObject([{ position: 40, type: 'ReadingsRecorded', data }]);
  });
});
