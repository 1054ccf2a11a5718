import type { Actor, AlarmState } from '@seguridad-abc/contracts';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createRuleInput, OPERATOR } from '../testing/fixtures.js';
import { replayLog } from '../testing/replay-log.js';
import { createTestClock } from '../testing/test-clock.js';
import { openTestStorage, type TestStorage } from '../testing/test-storage.js';

const at = (time: string) => `2026-01-31T${time}.000Z`;
const clock = createTestClock(at('08:00:00'));
const ANA: Actor = { id: 'ana', role: 'customer' };
let test: TestStorage;
beforeEach(async () => {
  clock.set(at('08:00:00'));
  test = await openTestStorage({ now: clock.now });
  onTestFinished(() => test.close());
});

const read = (id: string, state: 'OPEN' | 'CLOSED', time: string) =>
  test.commands.recordReadings({
    userId: 'ana',
    readings: [{ id, opening: 'Shop', state, at: at(time) }],
  });
const withdraw = (ids: readonly string[], caller = OPERATOR, reason = ' a wrong sensor ') =>
  test.commandsOf(caller).withdrawReadings({ userId: 'ana', opening: 'Shop', ids, reason });
const createTimer = () =>
  test.commands.createRule(createRuleInput({ maxOpenSeconds: 60, effectiveFrom: at('00:00:00') }));
const alarms = async (): Promise<AlarmState[]> => [
  ...(await replayLog(test.eventLog, 'ana')).alarms.values(),
];
const lastEvent = async () => {
  const { position } = await test.eventLog.end();
  return (await test.eventLog.read(position - 1, 1)).entries[0];
};

describe('withdrawReadings', () => {
  it('makes everything as if the readings had never arrived, and keeps their ids used', async () => {
    await read('a', 'OPEN', '07:00:00');
    await read('b', 'CLOSED', '07:10:00');
    await read('c', 'OPEN', '07:20:00');
    expect(await withdraw(['b', 'c', 'none', 'b'])).toEqual({ withdrawn: 2, unknown: ['none'] });
    const { intervals } = await replayLog(test.eventLog, 'ana');
    expect([...intervals.get('Shop')!.values()]).toEqual([
      { signal: 'OPEN', startId: 'a', startedAt: at('07:00:00'), endedAt: null },
    ]);
    expect(await read('b', 'CLOSED', '07:10:00')).toMatchObject({
      accepted: 0,
      duplicateReadings: [{ id: 'b', index: 0, differs: false }],
    });
    // Sent again it changes nothing.
    const { position } = await test.eventLog.end();
    expect(await withdraw(['b', 'c', 'none'])).toEqual({ withdrawn: 0, unknown: ['none'] });
    expect((await test.eventLog.end()).position).toBe(position);
    expect(await withdraw(['a'])).toMatchObject({ withdrawn: 1 });
    expect(await lastEvent()).toMatchObject({
      type: 'ReadingsWithdrawn',
      actor: OPERATOR,
      data: {
        userId: 'ana',
        opening: 'Shop',
        state: null,
        since: null,
        readings: [{ id: 'a', at: at('07:00:00') }],
        instantsWithoutReading: [at('07:00:00')],
        intervals: [],
        removed: [{ signal: 'OPEN', startId: 'a' }],
        reason: 'a wrong sensor',
      },
    });
  });

  it('is recorded in the audit trail with who, when and why', async () => {
    await read('a', 'OPEN', '07:00:00');
    await withdraw(['a'], ANA);
    const { entries } = await test.storage.auditTrail.readPage({ order: 'descending', limit: 1 });
    expect(entries).toMatchObject([
      {
        action: 'withdrawReadings',
        actor: { id: 'ana' },
        subject: {
          id: 'Shop',
          userId: 'ana',
          after: { withdrawnReadings: { Shop: 1 }, reason: 'a wrong sensor' },
        },
      },
    ]);
  });

  it('names no instant that another reading has, and withdraws early readings', async () => {
    await read('a', 'OPEN', '07:00:00');
    await read('b', 'OPEN', '07:00:00');
    await withdraw(['a']);
    expect(await lastEvent()).toMatchObject({ data: { instantsWithoutReading: [] } });
    await read('early', 'CLOSED', '08:02:00');
    expect(await withdraw(['early'])).toEqual({ withdrawn: 1, unknown: [] });
    expect(await lastEvent()).toMatchObject({
      data: { state: 'OPEN', instantsWithoutReading: [at('08:02:00')] },
    });
    clock.set(at('08:03:00'));
    while (await test.storage.dueJobs.runSome());
    expect(await lastEvent()).toMatchObject({ type: 'ReadingsWithdrawn' });
    expect(await test.storage.dueJobs.findNextDueAt()).toBeUndefined();
  });

  it('refuses a customer the readings under an active alarm, and takes back nothing', async () => {
    await createTimer();
    await read('z', 'CLOSED', '06:00:00');
    await read('a', 'OPEN', '07:00:00');
    await read('b', 'OPEN', '07:30:00');
    const [alarm] = await alarms();
    await expect(withdraw(['z', 'b'], ANA)).rejects.toMatchObject({
      extensions: { code: 'CONFLICT', alarmIds: [alarm!.id], readingIds: ['b'] },
    });
    expect(await withdraw(['z'], ANA)).toMatchObject({ withdrawn: 1 });
    expect(await withdraw(['a', 'b'])).toMatchObject({ withdrawn: 2 });
    expect(await alarms()).toMatchObject([{ status: 'RETRACTED' }]);
    // The alarm is not active any more.
    await read('c', 'OPEN', '07:00:00');
    await read('d', 'CLOSED', '07:30:00');
    expect(await withdraw(['c', 'd'], ANA)).toMatchObject({ withdrawn: 2 });
  });

  it('refuses a customer the closing before a window in which nobody has opened', async () => {
    const windows = [{ opensAt: '07:00', closesAt: '12:00', openBy: '07:30' }];
    await test.commands.createRule(
      createRuleInput({ windows, timeZone: 'UTC', maxOpenSeconds: null, effectiveFrom: at('00:00:00') }),
    );
    await read('z', 'OPEN', '05:00:00');
    await read('a', 'CLOSED', '06:00:00');
    await read('b', 'CLOSED', '06:30:00');
    while (await test.storage.dueJobs.runSome());
    const isLate = ({ kind, status }: AlarmState) => kind === 'NOT_OPENED' && status === 'ACTIVE';
    const alarm = (await alarms()).find(isLate);
    await expect(withdraw(['z', 'a', 'b'], ANA)).rejects.toMatchObject({
      extensions: { code: 'CONFLICT', alarmIds: [alarm?.id], readingIds: ['a', 'b'] },
    });
    expect(await withdraw(['z'], ANA)).toMatchObject({ withdrawn: 1 });
    expect((await alarms()).filter(isLate)).toHaveLength(1);
  });

  it('checks its input, and refuses other users and devices', async () => {
    await expect(withdraw([], OPERATOR, '')).rejects.toMatchObject({
      extensions: {
        code: 'BAD_USER_INPUT',
        faults: [
          { path: ['input', 'ids'], code: 'OUT_OF_RANGE' },
          { path: ['input', 'reason'], code: 'EMPTY' },
        ],
      },
    });
    await expect(withdraw(['a', ''], OPERATOR, 'x'.repeat(501))).rejects.toMatchObject({
      extensions: {
        faults: [
          { path: ['input', 'ids', 1], code: 'EMPTY' },
          { path: ['input', 'reason'], code: 'TOO_LONG' },
        ],
      },
    });
    await expect(withdraw(Array.from({ length: 1_001 }, (_, index) => String(index)))).rejects.toMatchObject({
      extensions: { faults: [{ code: 'OUT_OF_RANGE' }] },
    });
    for (const caller of [
      { id: 'eva', role: 'customer' },
      { id: 'ana', role: 'device', device: 'd1' },
    ] as const)
      await expect(withdraw(['a'], caller)).rejects.toMatchObject({ extensions: { code: 'FORBIDDEN' } });
    expect(await withdraw(['a'])).toEqual({ withdrawn: 0, unknown: ['a'] });
  });

  it('takes several transactions for many readings, with the same result', async () => {
    await createTimer();
    const readings = Array.from({ length: 600 }, (_, index) => ({
      id: `r${index}`,
      opening: 'Shop',
      state: index % 2 === 0 ? ('OPEN' as const) : ('CLOSED' as const),
      at: new Date(Date.parse(at('06:00:00')) + index * 5_000).toISOString(),
    }));
    await test.commands.recordReadings({ userId: 'ana', readings });
    expect(await alarms()).toEqual([]);
    // Without the CLOSED ones, the opening is open from the first OPEN on.
    const closed = readings.filter(({ state }) => state === 'CLOSED').map(({ id }) => id);
    expect(await withdraw(closed)).toEqual({ withdrawn: 300, unknown: [] });
    expect(await alarms()).toMatchObject([{ status: 'ACTIVE', raisedAt: at('06:01:00'), version: 1 }]);
    const { entries } = await test.eventLog.read(0, 1_000);
    expect(entries.filter(({ type }) => type === 'ReadingsWithdrawn').length).toBeGreaterThan(1);
  });
});

describe('recordReadings', () => {
  it('tells duplicates that differ from what is on record', async () => {
    const reading = { id: 'a', opening: 'Shop', state: 'OPEN' as const, at: at('07:00:00') };
    const duplicatesOf = async (...readings: readonly object[]) => {
      const input = { userId: 'ana', readings: readings.map((one) => ({ ...reading, ...one })) };
      const { accepted, duplicates, duplicateReadings } = await test.commands.recordReadings(input);
      expect(duplicates).toBe(duplicateReadings.length);
      return { accepted, duplicateReadings };
    };
    const duplicate = (id: string, index: number, differs: boolean) => ({ id, index, differs });
    expect(await duplicatesOf({}, { at: at('06:00:00') }, { id: 'b' }, {}, { state: 'CLOSED' })).toEqual({
      accepted: 2,
      duplicateReadings: [duplicate('a', 1, true), duplicate('a', 3, false), duplicate('a', 4, true)],
    });
    expect(
      await duplicatesOf({ tampered: true }, {}, { id: 'c', tampered: false }, { at: at('05:00:00') }),
    ).toEqual({
      accepted: 1,
      duplicateReadings: [duplicate('a', 0, true), duplicate('a', 1, false), duplicate('a', 3, true)],
    });
  });

  it('refuses readings that report nothing, or are from before the settled instant', async () => {
    const { refused } = await test.commands.recordReadings({
      userId: 'ana',
      readings: [
        { id: 'a', opening: 'Shop', at: at('07:00:00') },
        { id: 'b', opening: 'Shop', state: 'OPEN', at: '2000-12-31T23:59:59.999Z' },
        { id: 'c', opening: 'Shop', tampered: false, at: '2001-01-01T00:00:00Z' },
      ],
    });
    expect(refused).toMatchObject([
      { id: 'a', code: 'EMPTY' },
      { id: 'b', code: 'READING_TOO_OLD' },
    ]);
  });
});
