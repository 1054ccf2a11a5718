import {
  createCalendarState,
  createDeviceState,
  createOpeningExceptionState,
} from '@seguridad-abc/contracts/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NO_READ_MODEL_RECORDS, type ProjectedRule, type ReadModelRecords } from '../domain/read-model.js';
import {
  buildProjectedHeardInstant,
  buildProjectedInterval,
  buildProjectedOpening,
  buildTimelineEntry,
} from '../testing/projected-records.js';
import { buildAlarmState, buildLog, buildRuleState } from '../testing/log-entries.js';
import { readHeardInstants } from '../testing/read-model-dump.js';
import { openTestReadModel, type TestReadModel } from '../testing/test-read-model.js';

let model: TestReadModel;
beforeEach(() => void (model = openTestReadModel()));
afterEach(() => model.close());

const BEGINNING = { logId: null, position: 0 };
const rule = (id: string, createdPosition: number): ProjectedRule => ({
  state: buildRuleState({
    id,
    windows: null,
    calendarId: 'calendar-1',
    graceSeconds: 30,
    maxOpenSeconds: 60,
    activeWindows: [{ days: [], opensAt: '22:00', closesAt: '06:00' }],
    silentAfterSeconds: 3_600,
    onTamper: true,
    onBatteryLow: true,
    enabled: false,
  }),
  createdPosition,
  changedPosition: createdPosition + 10,
});

const AT = '2026-03-01T08:00:00.000Z';
const acknowledged = { acknowledgedAt: AT, acknowledgedBy: 'olga', note: 'The cat' };
const RECORDS: ReadModelRecords = {
  rules: [rule('a', 1), { state: buildRuleState({ id: 'b' }), createdPosition: 2, changedPosition: 3 }],
  openings: [
    buildProjectedOpening({ name: 'Front', state: 'CLOSED', since: AT, tampered: true, batteryLow: false }),
    buildProjectedOpening({ name: '"1"', changedPosition: 0 }),
  ],
  intervals: [
    buildProjectedInterval({ opening: 'Front', startId: 'r1', endedAt: AT }),
    buildProjectedInterval({ opening: 'Front', startId: '2' }),
    buildProjectedInterval({ opening: 'Front', signal: 'TAMPERED', startId: '2', endedAt: AT }),
    buildProjectedInterval({ opening: '"1"', startId: 'r3', startedAt: null }),
  ],
  heardInstants: [
    buildProjectedHeardInstant({ opening: 'Front', at: 1 }),
    buildProjectedHeardInstant({ opening: 'Front', at: 2, isHeard: false, changedPosition: 9 }),
    buildProjectedHeardInstant({ opening: '"1"', at: 1 }),
  ],
  alarms: [
    { state: buildAlarmState(), change: 'RAISED', changedPosition: 6 },
    {
      state: buildAlarmState({ id: 'b', status: 'CLEARED', clearedAt: AT, ...acknowledged, version: 3 }),
      change: 'ACKNOWLEDGED',
      changedPosition: 8,
    },
  ],
  alarmTimeline: [
    buildTimelineEntry(),
    buildTimelineEntry({ version: 2, kind: 'RESOLVED', by: 'olga', text: null, code: 'TEST', endedAt: AT }),
    buildTimelineEntry({ alarmId: 'b' }),
  ],
  devices: [
    { state: createDeviceState(), createdPosition: 9 },
    {
      state: createDeviceState({ id: 'device-2', openings: null, revokedAt: AT, version: 2 }),
      createdPosition: 10,
    },
  ],
  calendars: [
    { state: createCalendarState(), changedPosition: 11 },
    { state: createCalendarState({ id: 'calendar-2', dates: [], deletedAt: AT }), changedPosition: 12 },
  ],
  exceptions: [
    { state: createOpeningExceptionState(), changedPosition: 13 },
    {
      state: createOpeningExceptionState({
        id: 'exception-2',
        openings: null,
        effect: 'SUSPEND',
        cancelledAt: AT,
      }),
      changedPosition: 14,
    },
  ],
};

/** Each as its opening, instant, whether it is heard, and position. */
const listHeardInstants = () =>
  readHeardInstants(model.file).map((heard) => [
    heard.opening,
    heard.at,
    heard.isHeard === 1,
    heard.changedPosition,
  ]);

describe('the projection store', () => {
  it('returns records as they were written', async () => {
    await model.store.commit({ from: BEGINNING, to: { logId: 'log-1', position: 9 }, records: RECORDS });
    const repeated = Object.fromEntries(
      Object.entries(RECORDS).map(([kind, records]: [string, readonly unknown[]]) => [
        kind,
        [...records, ...records],
      ]),
    ) as unknown as ReadModelRecords;
    expect(await model.store.findStored(repeated)).toEqual({
      ...RECORDS,
      heardInstants: [],
      alarmTimeline: [],
    });
    expect(listHeardInstants()).toEqual([
      ['"1"', 1, true, 1],
      ['Front', 1, true, 1],
      ['Front', 2, false, 9],
    ]);
    const timeline = model.createQueries().alarms.listTimeline('alarm-1', {});
    expect(await timeline.nodes()).toEqual(RECORDS.alarmTimeline.slice(0, 2));
    expect(await model.store.readCheckpoint()).toEqual({ logId: 'log-1', position: 9 });
  });

  it('keeps what the latest event says about a heard instant', async () => {
    const heard = (at: number, isHeard: boolean, changedPosition: number) =>
      buildProjectedHeardInstant({ opening: 'Front', at, isHeard, changedPosition });
    const openings = [buildProjectedOpening({ name: 'Front' })];
    await model.write({ openings, heardInstants: [heard(1, true, 5), heard(2, false, 5)] });
    await model.write({ heardInstants: [heard(1, false, 4), heard(2, true, 6), heard(1, false, 5)] });
    expect(listHeardInstants()).toEqual([
      ['Front', 1, true, 5],
      ['Front', 2, true, 6],
    ]);
  });

  it('distinguishes records by every part of their keys', async () => {
    await model.store.commit({ from: BEGINNING, to: { logId: 'log-1', position: 9 }, records: RECORDS });
    const [opening] = RECORDS.openings;
    const [interval] = RECORDS.intervals;
    const [heard] = RECORDS.heardInstants;
    const others: ReadModelRecords = {
      rules: [rule('A', 9)],
      openings: [
        { ...opening!, userId: 'luis' },
        { ...opening!, name: 'front' },
      ],
      intervals: [
        { ...interval!, userId: 'luis' },
        { ...interval!, opening: 'front' },
        { ...interval!, startId: 'other' },
        { ...interval!, signal: 'BATTERY_LOW' },
      ],
      heardInstants: [
        { ...heard!, userId: 'luis' },
        { ...heard!, opening: 'front' },
        { ...heard!, at: 3 },
      ],
      alarms: [],
      alarmTimeline: [],
      devices: [{ state: createDeviceState({ id: 'Device-1' }), createdPosition: 9 }],
      calendars: [{ state: createCalendarState({ id: 'Calendar-1' }), changedPosition: 9 }],
      exceptions: [{ state: createOpeningExceptionState({ id: 'Exception-1' }), changedPosition: 9 }],
    };
    expect(await model.store.findStored(others)).toEqual(NO_READ_MODEL_RECORDS);
  });

  it('stores set-aside entries unchanged until they are projected', async () => {
    const entries = buildLog([
      { type: 'RuleSung', version: 1, data: { song: ['la'] } },
      { type: 'RuleSung', version: 2, data: null },
    ]);
    const setAside = entries.map((entry) => ({ entry, reason: 'unknown' }));
    const to = { logId: 'log-1', position: 2 };
    await model.store.commit({ from: BEGINNING, to, setAside: [setAside[1]!, setAside[0]!] });
    expect(await model.store.readSetAside(0, 9)).toMatchObject(setAside);
    await model.store.commit({ from: to, to, projectedSetAside: [1] });
    expect(await model.store.readSetAside(0, 9)).toMatchObject([setAside[1]!]);
  });

  it('writes all records and the checkpoint, or nothing', async () => {
    const broken = {
      state: { ...buildRuleState(), name: 'x', version: null as unknown as number },
      createdPosition: 2,
      changedPosition: 2,
    };
    const to = { logId: 'log-1', position: 2 };
    await expect(
      model.store.commit({ from: BEGINNING, to, records: { ...RECORDS, rules: [rule('a', 1), broken] } }),
    ).rejects.toThrow();
    expect(await model.store.readCheckpoint()).toEqual(BEGINNING);
    expect(await model.store.findStored(RECORDS)).toEqual(NO_READ_MODEL_RECORDS);
    expect((await model.repositories.users.findKnownIds(['ana'])).size).toBe(0);
  });

  it('rejects a commit from another checkpoint than the stored one', async () => {
    const to = { logId: 'log-1', position: 1 };
    await model.store.commit({ from: BEGINNING, to, records: RECORDS });
    const others = { ...NO_READ_MODEL_RECORDS, rules: [rule('other', 1)] };
    for (const from of [BEGINNING, { logId: 'log-2', position: 1 }]) {
      await expect(model.store.commit({ from, to, records: others })).rejects.toThrow('not at position');
    }
    expect(await model.store.findStored(others)).toEqual(NO_READ_MODEL_RECORDS);
  });
});
