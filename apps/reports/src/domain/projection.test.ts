import type {
  AlarmEvent,
  AlarmState,
  CalendarState,
  DeviceState,
  OpeningExceptionState,
  OpeningIntervalRecord,
  LogEntry,
  OpeningEvent,
  RuleState,
} from '@seguridad-abc/contracts';
import {
  createCalendarState,
  createDeviceState,
  createOpeningExceptionState,
} from '@seguridad-abc/contracts/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  buildAlarmCommented,
  buildAlarmEvent,
  buildAlarmReleased,
  buildAlarmState,
  buildCalendarEvent,
  buildExceptionEvent,
  buildReading,
  buildReadingsWithdrawn,
  buildRuleCreated,
  buildRuleDeleted,
  buildLog,
  buildReadingsRecorded,
  buildRuleState,
  buildRuleUpdated,
  type TestEvent,
} from '../testing/log-entries.js';
import {
  deriveReadModelRecords,
  findUserErasures,
  mergeRecordsByKey,
  parseLogEntries,
  mergeIntoStoredRecords,
  READ_MODEL_RECORD_MERGES,
  MAX_ENTRIES_PER_LOG_READ,
  estimateNextReadCount,
  splitIntoTransactionBatches,
  foldTextForSearch,
  type RuleAndAlarmChangesToPublish,
} from './projection.js';
import {
  getKnownUserIds,
  getQueueRank,
  NO_READ_MODEL_RECORDS,
  type RecordKind,
  type ReadModelRecord,
  type ReadModelRecords,
} from './read-model.js';

const AT = '2026-03-01T08:00:00.000Z';

/** Writes changed records to a read model and sorts all by key. */
function writeRecords(model: ReadModelRecords, changed: ReadModelRecords): ReadModelRecords {
  const write = <Kind extends RecordKind>(kind: Kind): ReadModelRecord<Kind>[] => {
    const { getKey } = READ_MODEL_RECORD_MERGES[kind];
    const records = new Map<string, ReadModelRecord<Kind>>();
    for (const record of [...model[kind], ...changed[kind]]) records.set(getKey(record), record);
    return [...records].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, record]) => record);
  };
  return {
    rules: write('rules'),
    openings: write('openings'),
    intervals: write('intervals'),
    heardInstants: write('heardInstants'),
    alarms: write('alarms'),
    alarmTimeline: write('alarmTimeline'),
    devices: write('devices'),
    calendars: write('calendars'),
    exceptions: write('exceptions'),
  };
}

/** Projects batches one after another, as the projector does. */
function replay(batches: readonly (readonly LogEntry[])[], before: ReadModelRecords = NO_READ_MODEL_RECORDS) {
  let model = writeRecords(NO_READ_MODEL_RECORDS, before);
  const changes: RuleAndAlarmChangesToPublish[] = [];
  for (const batch of batches) {
    const projection = mergeIntoStoredRecords(deriveReadModelRecords(parseLogEntries(batch).events), model);
    model = writeRecords(model, projection.records);
    changes.push(projection.changes);
  }
  const rules = changes.flatMap((each) => each.rules);
  return { model, changes: { rules, alarms: changes.flatMap((each) => each.alarms) } };
}

const HANDLING_ACTIONS = ['claim', 'release', 'comment', 'resolve', 'acknowledge'] as const;
type HandlingAction = (typeof HANDLING_ACTIONS)[number];
const isHandlingAction = (action: string): action is HandlingAction =>
  (HANDLING_ACTIONS as readonly string[]).includes(action);

function buildHandlingEvent(action: HandlingAction, alarm: AlarmState): AlarmEvent {
  switch (action) {
    case 'claim':
      return buildAlarmEvent('AlarmClaimed', { ...alarm, claimedBy: 'olga', claimedAt: AT });
    case 'release':
      return buildAlarmReleased({ ...alarm, claimedBy: null, claimedAt: null });
    case 'comment':
      return buildAlarmCommented(`comment ${alarm.version}`, alarm);
    case 'resolve':
      return buildAlarmEvent('AlarmResolved', {
        ...alarm,
        resolution: { code: 'TEST', note: 'tested', by: 'olga', at: AT },
      });
    case 'acknowledge':
      return buildAlarmEvent('AlarmAcknowledged', { ...alarm, acknowledgedBy: 'ana', acknowledgedAt: AT });
  }
}

/** Creates a generator of the next event of a rule, an opening, an alarm, and so on. It remembers the earlier events. */
function createEventGenerator() {
  const rules = new Map<string, RuleState>();
  const openings = new Map<string, OpeningIntervalRecord[]>();
  const alarms = new Map<string, AlarmState>();
  const devices = new Map<string, DeviceState>();
  const calendars = new Map<string, CalendarState>();
  const exceptions = new Map<string, OpeningExceptionState>();
  return {
    rule(id: string, action: string): TestEvent[] {
      const before = rules.get(id);
      if (before?.deletedAt) return [];
      const version = (before?.version ?? 0) + 1;
      const overrides = { id, version, name: `${id}${version}`, opening: `opening ${id}` };
      const event = !before
        ? buildRuleCreated(overrides)
        : action === 'end'
          ? buildRuleDeleted(overrides)
          : buildRuleUpdated(overrides);
      rules.set(id, event.data.rule);
      return [event];
    },
    opening(name: string, action: string): TestEvent[] {
      const intervals = openings.get(name) ?? [];
      const last = intervals.at(-1);
      const [first] = intervals;
      openings.set(name, intervals);
      if (action === 'undo' && first) {
        intervals.shift();
        const { signal, startId, startedAt } = first;
        return [buildReadingsWithdrawn({ opening: name, removed: [{ signal, startId }] }, [startedAt])];
      }
      if (last?.endedAt === null) {
        last.endedAt = AT;
        return [buildReadingsRecorded({ opening: name, state: 'CLOSED', intervals: [{ ...last }] })];
      }
      // After an `undo`, the id can be that of an earlier interval.
      const signal = intervals.length === 1 ? 'TAMPERED' : 'OPEN';
      intervals.push({ signal, startId: `${name}${intervals.length}`, startedAt: AT, endedAt: null });
      return [buildReadingsRecorded({ opening: name, state: 'OPEN', intervals: [{ ...intervals.at(-1)! }] })];
    },
    alarm(id: string, action: string): TestEvent[] {
      const before = alarms.get(id);
      const version = (before?.version ?? 0) + 1;
      if (before && isHandlingAction(action)) {
        const event = buildHandlingEvent(action, { ...before, version });
        alarms.set(id, event.data.alarm);
        return [event];
      }
      const status = action === 'end' ? 'CLEARED' : action === 'undo' ? 'RETRACTED' : 'ACTIVE';
      const types = { ACTIVE: 'AlarmRaised', CLEARED: 'AlarmCleared', RETRACTED: 'AlarmRetracted' } as const;
      const event: AlarmEvent = buildAlarmEvent(types[status], { ...before, id, version, status });
      alarms.set(id, event.data.alarm);
      return [event];
    },
    device(id: string): TestEvent[] {
      const before = devices.get(id);
      if (before?.revokedAt) return [];
      const device = createDeviceState({ id, version: before ? 2 : 1, revokedAt: before ? AT : null });
      devices.set(id, device);
      return [{ type: before ? 'DeviceRevoked' : 'DeviceRegistered', version: 1, data: { device } }];
    },
    calendar(id: string, action: string): TestEvent[] {
      const before = calendars.get(id);
      if (before?.deletedAt) return [];
      const version = (before?.version ?? 0) + 1;
      const deletedAt = before && action === 'end' ? AT : null;
      const type = !before ? 'CalendarCreated' : deletedAt ? 'CalendarDeleted' : 'CalendarUpdated';
      const event = buildCalendarEvent(type, { id, version, deletedAt, name: `${id}${version}` });
      calendars.set(id, event.data.calendar);
      return [event];
    },
    exception(id: string): TestEvent[] {
      const before = exceptions.get(id);
      if (before?.cancelledAt) return [];
      const type = before ? 'ExceptionCancelled' : 'ExceptionCreated';
      const event = buildExceptionEvent(type, {
        id,
        version: before ? 2 : 1,
        cancelledAt: before ? AT : null,
      });
      exceptions.set(id, event.data.exception);
      return [event];
    },
  };
}

/** Logs of a few rules, openings and alarms, mixed with events of an unknown type. */
const histories: fc.Arbitrary<LogEntry[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom('rule', 'opening', 'alarm', 'device', 'calendar', 'exception', 'unknown'),
      id: fc.constantFrom('a', 'b', 'c'),
      action: fc.constantFrom('continue', 'continue', 'end', 'undo', ...HANDLING_ACTIONS),
    }),
    { maxLength: 40 },
  )
  .map((steps) => {
    const generator = createEventGenerator();
    return buildLog(
      steps.flatMap(({ kind, id, action }): TestEvent[] =>
        kind === 'unknown' ? [{ type: 'RuleSung', version: 1, data: { id } }] : generator[kind](id, action),
      ),
    );
  });

const HANDLING_FIELDS: readonly string[] = [
  'claimedBy',
  'claimedAt',
  'claimCount',
  'resolution',
  'commentCount',
  'needsResolution',
];

/** The event as software before the handling of alarms writes it. */
const toOldEvent = (event: AlarmEvent): TestEvent => {
  const isOldField = ([field]: [string, unknown]) => !HANDLING_FIELDS.includes(field);
  const alarm = Object.fromEntries(Object.entries(event.data.alarm).filter(isOldField));
  return { ...event, data: { alarm } };
};

const cutPositions = fc.array(fc.nat(40), { maxLength: 5 });
const cutIntoBatches = (entries: readonly LogEntry[], cuts: readonly number[]) => {
  const bounds = [0, ...cuts.filter((cut) => cut < entries.length).sort((a, b) => a - b), entries.length];
  return bounds.slice(1).map((end, index) => entries.slice(bounds[index], end));
};

describe('the projection', () => {
  test('stores the last state of a rule, and the positions of its creation and of that state', () => {
    const log = buildLog([
      buildRuleCreated({ id: 'x' }),
      buildRuleCreated(),
      buildRuleUpdated({ name: 'Other' }),
    ]);
    const { rules } = replay([log]).model;
    expect(rules.find(({ state }) => state.id === 'rule-1')).toEqual({
      state: buildRuleState({ version: 2, name: 'Other' }),
      createdPosition: 2,
      changedPosition: 3,
    });
  });

  test('stores the last state of an alarm and the kind of its last change', () => {
    const log = buildLog([
      buildAlarmEvent(),
      buildAlarmEvent('AlarmAcknowledged', { version: 2, acknowledgedBy: 'olga', acknowledgedAt: AT }),
    ]);
    expect(replay([log]).model.alarms).toEqual([
      {
        state: buildAlarmState({ version: 2, acknowledgedBy: 'olga', acknowledgedAt: AT }),
        change: 'ACKNOWLEDGED',
        changedPosition: 2,
      },
    ]);
  });

  test('stores an opening at its first rule, and its state only from readings', () => {
    const opening = { userId: 'ana', name: 'Front door', tampered: null, batteryLow: null };
    expect(replay([buildLog([buildRuleCreated()])]).model.openings).toEqual([
      { ...opening, state: null, since: null, changedPosition: 0 },
    ]);
    expect(
      replay([buildLog([buildRuleCreated(), buildReadingsRecorded(), buildRuleCreated({ id: 'other' })])])
        .model.openings,
    ).toEqual([{ ...opening, state: 'OPEN', since: AT, changedPosition: 2 }]);
  });

  test('stores the last version of an interval, and that an interval was removed', () => {
    const interval = { signal: 'OPEN', startId: 'reading-1', startedAt: AT, endedAt: AT } as const;
    const log = buildLog([
      buildReadingsRecorded({
        state: 'CLOSED',
        intervals: [interval, { ...interval, startId: 'reading-2' }],
      }),
      buildReadingsRecorded({
        intervals: [{ ...interval, endedAt: null }],
        removed: [{ signal: 'OPEN', startId: 'reading-2' }],
      }),
    ]);
    const of = { userId: 'ana', opening: 'Front door', signal: 'OPEN', changedPosition: 2 };
    expect(replay([log]).model.intervals).toEqual([
      { ...of, startId: 'reading-1', startedAt: AT, endedAt: null },
      { ...of, startId: 'reading-2', startedAt: null, endedAt: null },
    ]);
  });

  test('keeps the intervals of different signals apart', () => {
    const interval = { startId: 'reading-1', startedAt: AT, endedAt: null };
    const log = buildLog([
      buildReadingsRecorded({
        tampered: true,
        batteryLow: false,
        intervals: [
          { ...interval, signal: 'OPEN' },
          { ...interval, signal: 'TAMPERED' },
        ],
      }),
      buildReadingsRecorded({
        tampered: false,
        batteryLow: false,
        intervals: [],
        removed: [{ signal: 'TAMPERED', startId: 'reading-1' }],
      }),
    ]);
    const { openings, intervals } = replay([log]).model;
    expect(openings).toMatchObject([{ state: 'OPEN', tampered: false, batteryLow: false }]);
    expect(intervals.map(({ signal, startedAt }) => [signal, startedAt])).toEqual([
      ['OPEN', AT],
      ['TAMPERED', null],
    ]);
  });

  test('stores each instant at which an opening was heard, and that its readings were withdrawn', () => {
    const at = (minute: number) => `2026-03-01T08:0${minute}:00.000Z`;
    const log = buildLog([
      buildReadingsRecorded({}, [
        { id: '1', state: 'OPEN', at: at(1) },
        { id: '2', batteryLow: false, at: at(2) },
        { id: '3', tampered: true, at: at(2) },
        { id: '4', state: 'CLOSED', at: at(3) },
      ]),
      buildReadingsWithdrawn({}, [at(1), at(3)]),
      buildReadingsRecorded({}, [{ id: '5', state: 'OPEN', at: at(3) }]),
    ]);
    const of = { userId: 'ana', opening: 'Front door' };
    expect(replay([log]).model.heardInstants).toEqual([
      { ...of, at: Date.parse(at(1)), isHeard: false, changedPosition: 2 },
      { ...of, at: Date.parse(at(2)), isHeard: true, changedPosition: 1 },
      { ...of, at: Date.parse(at(3)), isHeard: true, changedPosition: 3 },
    ]);
  });

  test('stores the state of an opening that changes without a new reading', () => {
    const { userId, opening, intervals, removed } = buildReadingsRecorded().data;
    const change = (version: 1 | 2): OpeningEvent => ({
      type: 'OpeningChanged',
      version,
      data: {
        userId,
        opening,
        state: 'OPEN',
        since: AT,
        tampered: null,
        batteryLow: null,
        intervals,
        removed,
      },
    });
    const { model } = replay([buildLog([buildReadingsRecorded()])]);
    expect(replay([buildLog([change(2)])]).model).toEqual({ ...model, heardInstants: [] });
    // In a log that was compacted by software that kept no readings, the interval shows them.
    expect(replay([buildLog([change(1)])]).model).toEqual(model);
  });

  test('reads events of version 1', () => {
    const rule = {
      id: 'rule-1',
      userId: 'ana',
      name: 'Front door at night',
      opening: 'Front door',
      opensAt: '08:00',
      closesAt: '18:00',
      days: ['MONDAY', 'FRIDAY'],
      timeZone: 'America/Bogota',
      maxOpenSeconds: null,
      severity: 'WARNING',
      enabled: true,
      effectiveFrom: AT,
      createdAt: AT,
      updatedAt: AT,
      deletedAt: null,
      version: 1,
    };
    const change = { userId: 'ana', opening: 'Front door', since: AT };
    const old = buildLog([
      { type: 'RuleCreated', version: 1, data: { rule } },
      {
        type: 'ReadingsRecorded',
        version: 1,
        data: {
          ...change,
          state: 'OPEN',
          intervals: [
            { startId: 'a', startedAt: AT, endedAt: AT },
            { startId: 'b', startedAt: AT, endedAt: null },
          ],
          removed: [],
          readings: [{ id: 'a', state: 'OPEN', at: AT }],
        },
      },
      {
        type: 'OpeningChanged',
        version: 1,
        data: { ...change, state: 'CLOSED', intervals: [], removed: ['b'] },
      },
      {
        type: 'RuleUpdated',
        version: 1,
        data: { rule: { ...rule, opensAt: null, closesAt: null, maxOpenSeconds: 60, version: 2 } },
      },
    ]);
    expect(parseLogEntries(old).setAside).toEqual([]);
    const of = { userId: 'ana', opening: 'Front door' };
    expect(replay([old]).model).toEqual({
      ...NO_READ_MODEL_RECORDS,
      rules: [
        {
          state: buildRuleState({ windows: null, maxOpenSeconds: 60, version: 2 }),
          createdPosition: 1,
          changedPosition: 4,
        },
      ],
      openings: [
        {
          userId: 'ana',
          name: 'Front door',
          state: 'CLOSED',
          since: AT,
          tampered: null,
          batteryLow: null,
          changedPosition: 3,
        },
      ],
      intervals: [
        { ...of, signal: 'OPEN', startId: 'a', startedAt: AT, endedAt: AT, changedPosition: 2 },
        { ...of, signal: 'OPEN', startId: 'b', startedAt: null, endedAt: null, changedPosition: 3 },
      ],
      heardInstants: [{ ...of, at: Date.parse(AT), isHeard: true, changedPosition: 2 }],
    });
    expect(replay([old.slice(0, 1)]).model.rules[0]?.state.windows).toEqual([
      { days: ['MONDAY', 'FRIDAY'], opensAt: '08:00', closesAt: '18:00', openBy: null },
    ]);
  });

  test('stores the last state of a calendar and of an exception', () => {
    const log = buildLog([
      buildCalendarEvent(),
      buildExceptionEvent(),
      buildCalendarEvent('CalendarUpdated', { version: 2, dates: [] }),
      buildExceptionEvent('ExceptionCancelled', { version: 2, cancelledAt: AT }),
    ]);
    expect(replay([log]).model).toEqual({
      ...NO_READ_MODEL_RECORDS,
      calendars: [{ state: createCalendarState({ version: 2, dates: [] }), changedPosition: 3 }],
      exceptions: [
        { state: createOpeningExceptionState({ version: 2, cancelledAt: AT }), changedPosition: 4 },
      ],
    });
  });

  test('stores the state of a device and the position of its first event', () => {
    const device = createDeviceState({ version: 2, revokedAt: AT });
    const log = buildLog([
      { type: 'DeviceRegistered', version: 1, data: { device: createDeviceState() } },
      { type: 'DeviceRevoked', version: 1, data: { device } },
    ]);
    expect(replay([log]).model).toEqual({
      ...NO_READ_MODEL_RECORDS,
      devices: [{ state: device, createdPosition: 1 }],
    });
  });

  test('keeps openings of different names and different users apart', () => {
    const { openings } = replay([
      buildLog([
        buildRuleCreated({ id: '1' }),
        buildRuleCreated({ id: '2', opening: 'Back door' }),
        buildRuleCreated({ id: '3', userId: 'bruno' }),
      ]),
    ]).model;
    expect(openings.map(({ userId, name }) => [userId, name])).toEqual([
      ['ana', 'Back door'],
      ['ana', 'Front door'],
      ['bruno', 'Front door'],
    ]);
  });

  test('keeps intervals of different openings and alarms of different ids apart', () => {
    const { intervals, alarms } = replay([
      buildLog([
        buildReadingsRecorded(),
        buildReadingsRecorded({ opening: 'Back door' }),
        buildAlarmEvent('AlarmRaised', { id: 'a' }),
        buildAlarmEvent('AlarmRaised', { id: 'b' }),
      ]),
    ]).model;
    expect(intervals.map(({ opening }) => opening)).toEqual(['Back door', 'Front door']);
    expect(alarms.map(({ state }) => state.id)).toEqual(['a', 'b']);
  });

  test('stores nothing of an erasure, which the store applies', () => {
    const erasure = { pseudonym: 'erased-1', salt: 'salt' };
    const { events, setAside } = parseLogEntries(
      buildLog([
        { type: 'EventErased', version: 1, data: {} },
        { type: 'UserErased', version: 1, data: erasure },
        buildRuleCreated(),
      ]),
    );
    expect(setAside).toEqual([]);
    expect(deriveReadModelRecords(events.slice(0, 2))).toEqual(NO_READ_MODEL_RECORDS);
    expect(findUserErasures(events)).toEqual([{ position: 2, ...erasure }]);
  });

  test('stores only the alarm and its timeline of an event of an alarm', () => {
    const { alarms, alarmTimeline, ...others } = replay([buildLog([buildAlarmEvent()])]).model;
    expect(alarms).toEqual([{ state: buildAlarmState(), change: 'RAISED', changedPosition: 1 }]);
    expect(alarmTimeline).toHaveLength(1);
    expect(others).toEqual({
      rules: [],
      openings: [],
      intervals: [],
      heardInstants: [],
      devices: [],
      calendars: [],
      exceptions: [],
    });
  });

  test('stores what has happened to an alarm: one entry for each event', () => {
    const handled = { claimedBy: 'olga', claimedAt: AT };
    const log = buildLog([
      buildAlarmEvent('AlarmRaised', { reason: 'open too long' }),
      buildAlarmEvent('AlarmAcknowledged', { version: 2, acknowledgedBy: 'ana', note: 'My fault' }),
      buildAlarmEvent('AlarmClaimed', { version: 3, ...handled }),
      buildAlarmCommented('Called her.', { version: 4, ...handled }),
      buildAlarmEvent('AlarmCleared', {
        version: 5,
        status: 'CLEARED',
        clearedAt: '2026-03-01T09:00:00.000Z',
      }),
      buildAlarmReleased({ version: 6, status: 'CLEARED' }),
      buildAlarmEvent('AlarmResolved', {
        version: 7,
        status: 'CLEARED',
        resolution: { code: 'USER_ERROR', note: 'Forgot it.', by: 'omar', at: AT },
      }),
      buildAlarmEvent('AlarmRetracted', { version: 8, status: 'RETRACTED', reason: 'never open' }),
      buildAlarmEvent('AlarmRaised', { version: 9, reason: 'open too long' }),
      buildAlarmEvent('AlarmUpdated', { version: 10 }),
    ]);
    const { model, changes } = replay([log]);
    expect(
      model.alarmTimeline
        .toSorted((a, b) => a.version - b.version)
        .map(({ kind, by, status, text, code }) => [kind, by, status, text, code]),
    ).toEqual([
      ['RAISED', null, 'ACTIVE', 'open too long', null],
      ['ACKNOWLEDGED', 'ana', 'ACTIVE', 'My fault', null],
      ['CLAIMED', 'olga', 'ACTIVE', null, null],
      ['COMMENTED', 'olga', 'ACTIVE', 'Called her.', null],
      ['CLEARED', null, 'CLEARED', null, null],
      ['RELEASED', 'olga', 'CLEARED', null, null],
      ['RESOLVED', 'omar', 'CLEARED', 'Forgot it.', 'USER_ERROR'],
      ['RETRACTED', null, 'RETRACTED', 'never open', null],
      ['RETURNED', null, 'ACTIVE', 'open too long', null],
      ['UPDATED', null, 'ACTIVE', null, null],
    ]);
    expect(model.alarmTimeline.find(({ kind }) => kind === 'CLEARED')).toMatchObject({
      alarmId: 'alarm-1',
      at: AT,
      endedAt: '2026-03-01T09:00:00.000Z',
      position: 5,
    });
    expect(changes.alarms.map(({ kind }) => kind)).toEqual([
      'RAISED',
      'ACKNOWLEDGED',
      'CLAIMED',
      'COMMENTED',
      'CLEARED',
      'RELEASED',
      'RESOLVED',
      'RETRACTED',
      'RAISED',
      'UPDATED',
    ]);
  });

  test('reads events from before the handling of alarms: those alarms are queued while they are active', () => {
    const raised = toOldEvent(buildAlarmEvent());
    const cleared = toOldEvent(buildAlarmEvent('AlarmCleared', { version: 2, status: 'CLEARED' }));
    const queueRanks = [[raised], [raised, cleared]].map((events) => {
      const [alarm] = replay([buildLog(events)]).model.alarms;
      expect(alarm?.state).toMatchObject({ claimedBy: null, resolution: null, commentCount: 0 });
      return alarm && getQueueRank(alarm.state);
    });
    expect(queueRanks).toEqual([1, null]);
    expect(replay([buildLog([raised, cleared])]).model.alarmTimeline.map(({ kind }) => kind)).toEqual([
      'RAISED',
      'CLEARED',
    ]);
  });

  test('keeps an alarm in the queue after an event of an instance of monitoring that does not know the queue', () => {
    const raised = buildAlarmEvent();
    const cleared = toOldEvent(buildAlarmEvent('AlarmCleared', { version: 2, status: 'CLEARED' }));
    const log = buildLog([raised, cleared]);
    for (const batches of [[log], cutIntoBatches(log, [1]), [[...log].reverse()], [[log[1]!], [log[0]!]]]) {
      const { model, changes } = replay(batches);
      expect(model.alarms).toMatchObject([{ change: 'CLEARED', changedPosition: 2, state: { version: 2 } }]);
      expect(model.alarms.map(({ state }) => getQueueRank(state))).toEqual([1]);
      expect(changes.alarms.at(-1)).toMatchObject({ kind: 'CLEARED', alarm: { status: 'CLEARED' } });
    }
    const { alarms } = replay([log]).changes;
    expect(alarms).toMatchObject([{ kind: 'RAISED' }, { kind: 'CLEARED', alarm: { needsResolution: true } }]);
  });

  test('publishes each change of a rule or an alarm in log order', () => {
    const { rules, alarms } = replay([
      buildLog([
        buildRuleCreated(),
        buildAlarmEvent(),
        buildRuleUpdated(),
        buildAlarmEvent('AlarmCleared', { version: 2, status: 'CLEARED' }),
        buildRuleDeleted({ version: 3 }),
        buildAlarmEvent('AlarmRetracted', { version: 3, status: 'RETRACTED' }),
        buildAlarmEvent('AlarmRaised', { version: 4 }),
        buildAlarmEvent('AlarmUpdated', { version: 5 }),
      ]),
    ]).changes;
    expect(rules.map(({ kind, position, rule }) => [kind, position, rule.version])).toEqual([
      ['CREATED', 1, 1],
      ['UPDATED', 3, 2],
      ['DELETED', 5, 3],
    ]);
    expect(alarms.map(({ kind, position, alarm }) => [kind, position, alarm.version])).toEqual([
      ['RAISED', 2, 1],
      ['CLEARED', 4, 2],
      ['RETRACTED', 6, 3],
      ['RAISED', 7, 4],
      ['UPDATED', 8, 5],
    ]);
  });

  test('sets aside entries that it cannot read, and continues', () => {
    const log = buildLog([
      buildRuleCreated(),
      { type: 'RuleSung', version: 1, data: {} },
      { ...buildRuleUpdated(), version: 3 },
      buildRuleCreated({ id: 'y' }),
    ]);
    const { events, setAside } = parseLogEntries(log);
    expect(events.map(({ position }) => position)).toEqual([1, 4]);
    expect(setAside.map(({ entry }) => entry)).toEqual([log[1], log[2]]);
    expect(setAside[1]?.reason).toContain('RuleUpdated v3');
  });

  test('gives the same read model and changes for every division into batches', () => {
    fc.assert(
      fc.property(histories, cutPositions, (log, cuts) => {
        expect(replay(cutIntoBatches(log, cuts))).toEqual(replay([log]));
      }),
    );
  });

  test('changes nothing and publishes nothing when entries are replayed', () => {
    fc.assert(
      fc.property(histories, fc.nat(40), (log, from) => {
        const once = replay([log]);
        const again = replay([log.slice(from)], once.model);
        expect(again).toEqual({ model: once.model, changes: { rules: [], alarms: [] } });
      }),
    );
  });

  test('gives the same read model for every order and repetition of entries', () => {
    fc.assert(
      fc.property(
        histories.chain((log) =>
          fc.record({
            log: fc.constant(log),
            mixed: fc.shuffledSubarray([...log, ...log], { minLength: log.length * 2 }),
          }),
        ),
        ({ log, mixed }) => {
          expect(replay([mixed]).model).toEqual(replay([log]).model);
        },
      ),
    );
  });

  test('takes only the position of creation from a late event of an older version', () => {
    const stored = deriveReadModelRecords([{ event: buildRuleUpdated({ version: 3 }), position: 9 }]);
    const mergeEvent = (event: ReturnType<typeof buildRuleCreated>, position: number) =>
      mergeRecordsByKey(
        READ_MODEL_RECORD_MERGES.rules,
        stored.rules,
        deriveReadModelRecords([{ event, position }]).rules,
      ).changed;
    expect(mergeEvent(buildRuleCreated(), 4)).toEqual([
      { state: stored.rules[0]!.state, createdPosition: 4, changedPosition: 9 },
    ]);
    expect(mergeEvent(buildRuleUpdated({ version: 2 }), 12)).toEqual([]);
    const late = deriveReadModelRecords([{ event: buildRuleCreated(), position: 4 }]);
    const { records, changes } = mergeIntoStoredRecords(late, { ...NO_READ_MODEL_RECORDS, ...stored });
    expect(records.rules).toHaveLength(1);
    expect(changes.rules).toEqual([]);
  });

  test('writes no record that an entry does not change', () => {
    const log = buildLog([buildReadingsRecorded(), buildAlarmEvent(), buildRuleCreated({ id: 'x' })]);
    const derive = () => deriveReadModelRecords(parseLogEntries(log).events);
    const { records } = mergeIntoStoredRecords(derive(), NO_READ_MODEL_RECORDS);
    expect(mergeIntoStoredRecords(derive(), records).records).toEqual(NO_READ_MODEL_RECORDS);
  });
});

const reading = buildReading({ id: 'r', state: 'OPEN' });
const buildEntry = (readings: number): TestEvent => ({
  ...buildReadingsRecorded(),
  data: { ...buildReadingsRecorded().data, readings: Array.from({ length: readings }, () => reading) },
});
const countReadings = (batches: readonly (readonly { data: unknown }[])[]) =>
  batches.map((batch) =>
    batch.reduce((sum, { data }) => sum + ((data as { readings?: unknown[] }).readings?.length ?? 0), 0),
  );

test('batches hold all entries in order, and only a single entry exceeds the maximum weight', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant(0), fc.nat(1_500)), { maxLength: 40 }), (sizes) => {
      const log = buildLog(sizes.map((size) => (size === 0 ? buildRuleCreated() : buildEntry(size))));
      const batches = splitIntoTransactionBatches(log);
      expect(batches.flat()).toEqual(log);
      countReadings(batches).forEach((weight, index) => {
        expect(batches[index]).not.toHaveLength(0);
        if (batches[index]!.length > 1) expect(weight).toBeLessThanOrEqual(1_000);
      });
    }),
  );
});

test('small entries share a batch', () => {
  expect(
    splitIntoTransactionBatches(
      buildLog(Array.from({ length: MAX_ENTRIES_PER_LOG_READ }, () => buildRuleCreated())),
    ),
  ).toHaveLength(1);
  expect(splitIntoTransactionBatches([])).toEqual([]);
});

test('a batch is filled up to the maximum weight', () => {
  const log = buildLog([buildRuleCreated(), buildRuleCreated(), buildRuleCreated()]);
  expect(splitIntoTransactionBatches(log, 2).map(({ length }) => length)).toEqual([2, 1]);
});

test('an erasure is a batch alone', () => {
  const erasure = { type: 'UserErased', version: 1, data: { pseudonym: 'erased-1', salt: 'salt' } };
  const log = buildLog([buildRuleCreated(), erasure, buildRuleCreated(), buildRuleCreated()]);
  expect(splitIntoTransactionBatches(log).map(({ length }) => length)).toEqual([1, 1, 2]);
});

test('openings, devices, calendars and exceptions make their users known', () => {
  const records = deriveReadModelRecords([
    { event: buildRuleCreated(), position: 1 },
    {
      event: {
        type: 'DeviceRegistered',
        version: 1,
        data: { device: createDeviceState({ userId: 'bruno' }) },
      },
      position: 2,
    },
    { event: buildCalendarEvent('CalendarCreated', { userId: 'carla' }), position: 3 },
    { event: buildExceptionEvent('ExceptionCreated', { userId: 'david' }), position: 4 },
  ]);
  expect([...getKnownUserIds(records)]).toEqual(['ana', 'bruno', 'carla', 'david']);
});

test('the read count is estimated from the weight of the last entries', () => {
  expect(estimateNextReadCount([])).toBe(MAX_ENTRIES_PER_LOG_READ);
  expect(estimateNextReadCount(buildLog([buildRuleCreated(), buildRuleCreated()]))).toBe(
    MAX_ENTRIES_PER_LOG_READ,
  );
  expect(estimateNextReadCount(buildLog([buildEntry(97), buildEntry(97)]))).toBe(10);
  expect(estimateNextReadCount(buildLog([buildEntry(5_000)]))).toBe(1);
  expect(estimateNextReadCount(buildLog([{ type: 'RuleSung', version: 1, data: null }]))).toBe(
    MAX_ENTRIES_PER_LOG_READ,
  );
});

/** Texts of all kinds of characters, with ligatures and combining marks. Creating `binary` takes a second of CPU time. */
const createTexts = () =>
  fc.string({
    unit: fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('ς', 'Σ', 'ẞ', 'İ', 'é', 'e\u0301', 'Ñ', 'ﬁ'),
    ),
  });

describe('folding a text', () => {
  test.each([
    ['Puerta Jardín', 'puerta jardin'],
    ['NIÑO', 'nino'],
    ['Straße', 'strasse'],
    ['STRASSE', 'strasse'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['İzmir', 'izmir'],
    ['Façade', 'facade'],
    ['Кухня Ёлка', 'кухня елка'],
    ['100% _x_', '100% _x_'],
  ])('folds %s to %s', (name, folded) => expect(foldTextForSearch(name)).toBe(folded));

  test('makes composed and decomposed letters equal', () =>
    expect(foldTextForSearch('Jard\u00edn')).toBe(foldTextForSearch('Jardi\u0301n')));

  test('folds a part of a text to a part of the folded whole', () => {
    const texts = createTexts();
    fc.assert(
      fc.property(texts, texts, texts, (before, part, after) => {
        expect(foldTextForSearch(before + part + after)).toContain(foldTextForSearch(part));
      }),
    );
  });

  test('makes upper and lower case equal', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('abcxyzñéßσςΣÄöЁж 7-')) }), (name) => {
        expect(foldTextForSearch(name.toUpperCase())).toBe(foldTextForSearch(name));
        expect(foldTextForSearch(name.toLowerCase())).toBe(foldTextForSearch(name));
      }),
    );
  });

  test('does not change a folded text', () => {
    fc.assert(
      fc.property(createTexts(), (name) => {
        expect(foldTextForSearch(foldTextForSearch(name))).toBe(foldTextForSearch(name));
      }),
    );
  });
});
