import type { AlarmState } from '@seguridad-abc/contracts';
import { parseWindow } from '@seguridad-abc/evaluation/testing';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createRuleInput } from '../testing/fixtures.js';
import { replayLog } from '../testing/replay-log.js';
import { createTestClock } from '../testing/test-clock.js';
import { openTestStorage, type TestStorage } from '../testing/test-storage.js';

const at = (time: string) => `2026-01-31T${time}.000Z`;
const clock = createTestClock(at('08:00:00'));
let test: TestStorage;
beforeEach(async () => {
  clock.set(at('08:00:00'));
  test = await openTestStorage({ now: clock.now });
  onTestFinished(() => test.close());
});

const read = (id: string, state: 'OPEN' | 'CLOSED' | null, time: string) =>
  test.commands.recordReadings({
    userId: 'ana',
    readings: [{ id, opening: 'Shop', state, ...(state === null && { batteryLow: false }), at: at(time) }],
  });
const withdraw = (...ids: string[]) =>
  test.commands.withdrawReadings({ userId: 'ana', opening: 'Shop', ids, reason: 'a wrong sensor' });
const alarms = async (): Promise<AlarmState[]> => [
  ...(await replayLog(test.eventLog, 'ana')).alarms.values(),
];
const alarmEvents = async () =>
  (await test.eventLog.read(0, 1_000)).entries
    .map(({ type }) => type)
    .filter((type) => type.startsWith('Alarm'));

/** Raises an alarm for an interval from 07:00:00, and acknowledges it. */
async function raiseAcknowledged(id = 'm') {
  await test.commands.createRule(
    createRuleInput({ timeZone: 'UTC', maxOpenSeconds: 60, effectiveFrom: at('00:00:00') }),
  );
  await read(id, 'OPEN', '07:00:00');
  const [alarm] = await alarms();
  await test.commands.acknowledgeAlarm({ id: alarm!.id, note: 'seen' });
  return alarm!;
}

describe('an acknowledged alarm', () => {
  it('stays as it is after a second OPEN at the same instant with a smaller id', async () => {
    const raised = await raiseAcknowledged();
    await read('a', 'OPEN', '07:00:00');
    expect(await alarms()).toMatchObject([
      { id: raised.id, status: 'ACTIVE', acknowledgedBy: 'olga', raisedAt: at('07:01:00') },
    ]);
    expect(await alarmEvents()).toEqual(['AlarmRaised', 'AlarmAcknowledged']);
    // It follows the interval that now starts with the other reading.
    await read('z', 'CLOSED', '07:30:00');
    expect(await alarms()).toMatchObject([{ id: raised.id, status: 'CLEARED', clearedAt: at('07:30:00') }]);
  });

  it('moves to the earlier instant after an OPEN just before it', async () => {
    const raised = await raiseAcknowledged();
    await read('b', 'OPEN', '06:59:59');
    expect(await alarms()).toMatchObject([
      { id: raised.id, status: 'ACTIVE', acknowledgedBy: 'olga', raisedAt: at('07:00:59') },
    ]);
    expect(await alarmEvents()).toEqual(['AlarmRaised', 'AlarmAcknowledged', 'AlarmUpdated']);
    const [{ reason } = { reason: '' }] = await alarms();
    expect(reason).not.toContain('retracted');
  });

  it('follows its interval when the reading before is withdrawn again', async () => {
    const raised = await raiseAcknowledged();
    await read('b', 'OPEN', '06:59:59');
    expect(await withdraw('b')).toEqual({ withdrawn: 1, unknown: [] });
    expect(await alarms()).toMatchObject([
      { id: raised.id, status: 'ACTIVE', acknowledgedBy: 'olga', raisedAt: at('07:01:00') },
    ]);
  });

  it('continues in the rest of its interval if a late CLOSED shows that it was not due yet', async () => {
    const raised = await raiseAcknowledged();
    await test.commands.recordReadings({
      userId: 'ana',
      readings: [
        { id: 'c', opening: 'Shop', state: 'CLOSED', at: at('07:00:30') },
        { id: 'd', opening: 'Shop', state: 'OPEN', at: at('07:10:00') },
      ],
    });
    expect(await alarms()).toMatchObject([
      { id: raised.id, status: 'ACTIVE', acknowledgedBy: 'olga', raisedAt: at('07:11:00') },
    ]);
  });

  it('is retracted if its condition never held, and says why', async () => {
    const raised = await raiseAcknowledged();
    await read('c', 'CLOSED', '07:00:30');
    const [retracted] = await alarms();
    expect(retracted).toMatchObject({ id: raised.id, status: 'RETRACTED', acknowledgedBy: 'olga' });
    expect(retracted?.reason).toMatch(/closed at 07:00:30 already, as a late reading shows$/);
    await withdraw('c');
    expect(await alarms()).toMatchObject([{ id: raised.id, status: 'ACTIVE', acknowledgedBy: 'olga' }]);
    await withdraw('m');
    expect((await alarms())[0]?.reason).toMatch(/not opened then, as a withdrawal of readings shows$/);
  });

  it('keeps its id, and another one gets its own if its first reading starts an interval again', async () => {
    const raised = await raiseAcknowledged();
    await read('b', 'OPEN', '06:50:00');
    await read('c', 'CLOSED', '06:55:00');
    const found = await alarms();
    expect(found).toMatchObject([
      { id: raised.id, status: 'CLEARED', raisedAt: at('06:51:00'), clearedAt: at('06:55:00') },
      { status: 'ACTIVE', raisedAt: at('07:01:00'), acknowledgedBy: null },
    ]);
    expect(found[1]?.id).not.toBe(raised.id);
    await test.reopen();
    await read('z', 'CLOSED', '07:30:00');
    expect(await alarms()).toMatchObject([{ clearedAt: at('06:55:00') }, { clearedAt: at('07:30:00') }]);
  });
});

describe('an alarm about silence', () => {
  const createSilenceRule = () =>
    test.commands.createRule(
      createRuleInput({
        windows: null,
        maxOpenSeconds: null,
        silentAfterSeconds: 600,
        effectiveFrom: at('07:00:00'),
      }),
    );
  const runJobs = async () => {
    while (await test.storage.dueJobs.runSome());
  };

  it('is raised by a timer, cleared by any reading, and stays the same when the silence begins later', async () => {
    await createSilenceRule();
    await read('a', null, '07:55:00');
    expect(await alarms()).toMatchObject([
      { kind: 'SILENT', status: 'CLEARED', raisedAt: at('07:10:00'), clearedAt: at('07:55:00') },
    ]);
    expect(await test.storage.dueJobs.findNextDueAt()).toBe(Date.parse(at('08:05:00')));
    clock.set(at('08:06:00'));
    await test.reopen();
    await runJobs();
    const [, raised] = await alarms();
    expect(raised).toMatchObject({ status: 'ACTIVE', raisedAt: at('08:05:00') });
    await test.commands.acknowledgeAlarm({ id: raised!.id });
    clock.set(at('08:30:00'));
    await runJobs();
    await read('b', null, '08:02:00');
    expect((await alarms())[1]).toMatchObject({
      id: raised!.id,
      status: 'ACTIVE',
      raisedAt: at('08:12:00'),
      acknowledgedBy: 'olga',
    });
    await withdraw('b');
    expect((await alarms())[1]).toMatchObject({ id: raised!.id, raisedAt: at('08:05:00') });
    expect(await alarms()).toHaveLength(2);
  });

  it('is retracted by readings that fill the gap, and not changed by one from before the rule', async () => {
    await createSilenceRule();
    const [alarm] = await alarms();
    expect(alarm).toMatchObject({ status: 'ACTIVE', raisedAt: at('07:10:00') });
    await read('before', null, '06:30:00');
    expect(await alarms()).toEqual([alarm]);
    await test.commands.recordReadings({
      userId: 'ana',
      readings: [5, 14, 23, 32, 41, 50, 59].map((minute) => ({
        id: `r${minute}`,
        opening: 'Shop',
        tampered: false,
        at: at(`07:${String(minute).padStart(2, '0')}:00`),
      })),
    });
    expect(await alarms()).toMatchObject([{ id: alarm!.id, status: 'RETRACTED' }]);
  });
});

describe('an alarm about a late opening', () => {
  it('is raised at its time, cleared at the end of the window, and keeps its id', async () => {
    await test.commands.createRule(
      createRuleInput({ timeZone: 'UTC', windows: [parseWindow('08:30-09:00/08:45')], maxOpenSeconds: null }),
    );
    const runAt = async (time: string) => {
      expect(await test.storage.dueJobs.findNextDueAt()).toBe(Date.parse(at(time)));
      clock.set(at(time));
      while (await test.storage.dueJobs.runSome());
    };
    const openFor = (id: string, from: string, until: string) =>
      test.commands.recordReadings({
        userId: 'ana',
        readings: [
          { id, opening: 'Shop', state: 'OPEN', at: at(from) },
          { id: `${id} end`, opening: 'Shop', state: 'CLOSED', at: at(until) },
        ],
      });
    await runAt('08:45:00');
    const [alarm] = await alarms();
    expect(alarm).toMatchObject({ kind: 'NOT_OPENED', status: 'ACTIVE', raisedAt: at('08:45:00') });
    await test.reopen();
    await runAt('09:00:00');
    expect(await alarms()).toMatchObject([{ id: alarm!.id, status: 'CLEARED', clearedAt: at('09:00:00') }]);
    await openFor('o', '08:50:00', '08:51:00');
    expect(await alarms()).toMatchObject([{ id: alarm!.id, status: 'CLEARED', clearedAt: at('08:50:00') }]);
    await openFor('n', '08:40:00', '08:41:00');
    expect(await alarms()).toMatchObject([{ id: alarm!.id, status: 'RETRACTED' }]);
    expect(await test.storage.dueJobs.findNextDueAt()).toBe(Date.parse('2026-02-01T08:45:00.000Z'));
  });
});
