import {
  auditQuerySchema,
  isAlarmQueued,
  type Actor,
  type AlarmState,
  type OpeningState,
} from '@seguridad-abc/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRuleInput, OPERATOR } from '../testing/fixtures.js';
import { replayLog } from '../testing/replay-log.js';
import { createTestClock } from '../testing/test-clock.js';
import { openOtherInstance, openTestStorage, type TestStorage } from '../testing/test-storage.js';

const clock = createTestClock('2026-01-31T08:00:00.000Z');
let test: TestStorage;
let id: string;
/** An alarm is raised for an opening that is open since 07:00. It is 08:00. */
async function openWithAlarm() {
  clock.set(at('08:00:00'));
  test = await openTestStorage({ now: clock.now });
  await test.commands.createRule(createRuleInput({ effectiveFrom: at('00:00:00') }));
  await read('a', 'OPEN', '07:00:00');
  id = (await findAlarm()).id;
}
beforeEach(openWithAlarm);
afterEach(() => test.close());

const at = (time: string) => `2026-01-31T${time}.000Z`;
const read = (readingId: string, state: OpeningState, time: string) =>
  test.commands.recordReadings({
    userId: 'ana',
    readings: [{ id: readingId, opening: 'Shop', state, at: at(time) }],
  });
const withdraw = (...ids: string[]) =>
  test.commands.withdrawReadings({ userId: 'ana', opening: 'Shop', ids, reason: 'wrong' });
const OMAR: Actor = { id: 'omar', role: 'operator' };
const ana = () => test.commandsOf({ id: 'ana', role: 'customer' });

/** The only alarm, as the event log and the tables have it. */
async function findAlarm(): Promise<AlarmState> {
  const [alarm, ...others] = (await replayLog(test.eventLog, 'ana')).alarms.values();
  expect(others).toEqual([]);
  expect(await test.storage.alarms.findByIds([alarm!.id])).toEqual([alarm]);
  return alarm!;
}

const findAlarmEvents = async () =>
  (await test.eventLog.read(0, 1_000)).entries.filter(({ type }) => type.startsWith('Alarm'));

const readTrail = async () => {
  const query = auditQuerySchema.parse({ order: 'ascending', limit: 100 });
  return (await test.storage.auditTrail.readPage(query)).entries;
};

describe('the handling of an alarm', () => {
  it('is stored with its events and audit entries, and survives a restart', async () => {
    await test.commands.claimAlarm({ id });
    await ana().commentAlarm({ id, text: 'It is the cleaner.\nSorry!' });
    clock.advance(60);
    const resolved = await test.commands.resolveAlarm({ id, code: 'USER_ERROR', note: 'Called ana.' });
    expect(resolved).toMatchObject({
      status: 'ACTIVE',
      claimedBy: null,
      claimedAt: null,
      commentCount: 1,
      resolution: { code: 'USER_ERROR', note: 'Called ana.', by: 'olga', at: at('08:01:00') },
      version: 4,
    });
    await test.reopen({ now: clock.now });
    expect(await findAlarm()).toEqual(resolved);
    expect(await findAlarmEvents()).toMatchObject([
      { type: 'AlarmRaised' },
      {
        type: 'AlarmClaimed',
        actor: OPERATOR,
        data: { alarm: { claimedBy: 'olga', claimedAt: at('08:00:00') } },
      },
      {
        type: 'AlarmCommented',
        actor: { id: 'ana', role: 'customer' },
        data: { comment: { by: 'ana', text: 'It is the cleaner.\nSorry!' } },
      },
      { type: 'AlarmResolved', actor: OPERATOR, data: { alarm: resolved } },
    ]);
    const changes = (await readTrail()).filter(({ action }) => action.endsWith('Alarm'));
    expect(changes).toMatchObject([
      {
        action: 'claimAlarm',
        outcome: 'ACCEPTED',
        actor: { id: 'olga' },
        subject: { userId: 'ana', id, before: { claimedBy: null }, after: { claimedBy: 'olga' } },
      },
      { action: 'commentAlarm', actor: { id: 'ana' }, subject: { after: { commentCount: 1 } } },
      {
        action: 'resolveAlarm',
        subject: {
          before: { resolution: null },
          after: { resolution: resolved.resolution, claimedBy: null },
        },
      },
    ]);
  });

  it('repeats the result of a command with the same idempotency key, and decides once', async () => {
    const comment = { id, text: 'Once.', clientMutationId: 'key-1' };
    const first = await ana().commentAlarm(comment);
    clock.advance(5);
    expect(await ana().commentAlarm(comment)).toEqual(first);
    await expect(ana().commentAlarm({ ...comment, text: 'Twice.' })).rejects.toMatchObject({
      extensions: { code: 'CONFLICT', faults: [{ path: ['input', 'clientMutationId'] }] },
    });
    const resolve = { id, code: 'TEST', clientMutationId: 'key-2' } as const;
    const resolved = await test.commands.resolveAlarm(resolve);
    expect(await test.commands.resolveAlarm(resolve)).toEqual(resolved);
    expect((await findAlarmEvents()).map(({ type }) => type)).toEqual([
      'AlarmRaised',
      'AlarmCommented',
      'AlarmResolved',
    ]);
  });

  it('has one winner if operators compete for a claim, also on two instances', async () => {
    const other = await openOtherInstance(test, { now: clock.now });
    const claims = await Promise.allSettled([
      test.commands.claimAlarm({ id }),
      other.commandsOf(OMAR).claimAlarm({ id }),
    ]);
    if (other !== test) await other.close();
    const winner = (await findAlarm()).claimedBy;
    expect(claims.flatMap((claim) => (claim.status === 'fulfilled' ? [claim.value.claimedBy] : []))).toEqual([
      winner,
    ]);
    expect(claims.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { extensions: { code: 'CONFLICT', claimedBy: winner, claimedAt: at('08:00:00') } },
    });
    expect(await findAlarmEvents()).toHaveLength(2);
  });

  it('passes to another operator through a release', async () => {
    await test.commands.claimAlarm({ id });
    const omar = test.commandsOf(OMAR);
    await expect(omar.resolveAlarm({ id, code: 'OTHER' })).rejects.toMatchObject({
      extensions: { code: 'CONFLICT', claimedBy: 'olga' },
    });
    await omar.releaseAlarm({ id });
    await omar.releaseAlarm({ id });
    await omar.claimAlarm({ id });
    expect((await findAlarmEvents()).slice(1)).toMatchObject([
      { type: 'AlarmClaimed' },
      { type: 'AlarmReleased', data: { releasedBy: 'omar', alarm: { claimedBy: null } } },
      { type: 'AlarmClaimed', data: { alarm: { claimedBy: 'omar' } } },
    ]);
  });

  it('is kept while late readings clear and retract the alarm, and begins anew when it returns', async () => {
    await test.commands.claimAlarm({ id });
    await ana().commentAlarm({ id, text: 'Looking.' });
    await read('b', 'CLOSED', '07:30:00');
    await test.commands.resolveAlarm({ id, code: 'VERIFIED' });
    const { resolution } = await findAlarm();
    expect(resolution).toMatchObject({ code: 'VERIFIED' });
    await read('c', 'CLOSED', '07:00:30');
    expect(await findAlarm()).toMatchObject({ status: 'RETRACTED', resolution, commentCount: 1 });
    await withdraw('c');
    expect(await findAlarm()).toMatchObject({ status: 'CLEARED', resolution: null, commentCount: 1 });
    expect((await findAlarmEvents()).map(({ type }) => type)).toEqual([
      'AlarmRaised',
      'AlarmClaimed',
      'AlarmCommented',
      'AlarmCleared',
      'AlarmResolved',
      'AlarmRetracted',
      'AlarmRaised',
    ]);
  });

  it.each([['resolved'], ['claimed']])(
    'an active alarm that returns is in the queue, though it was %s',
    async (how) => {
      await (how === 'resolved'
        ? test.commands.resolveAlarm({ id, code: 'FALSE_ALARM' })
        : test.commands.claimAlarm({ id }));
      await read('b', 'CLOSED', '07:00:30');
      await withdraw('b');
      const returned = await findAlarm();
      expect(returned).toMatchObject({
        status: 'ACTIVE',
        claimedBy: null,
        claimedAt: null,
        resolution: null,
      });
      expect(isAlarmQueued(returned)).toBe(true);
      expect(await test.commands.resolveAlarm({ id, code: 'VERIFIED' })).toMatchObject({
        resolution: { code: 'VERIFIED' },
      });
    },
  );

  it('is for operators, except for comments of the owner', async () => {
    const device = test.commandsOf({ id: 'ana', role: 'device' });
    for (const send of [
      () => ana().claimAlarm({ id }),
      () => ana().releaseAlarm({ id }),
      () => ana().resolveAlarm({ id, code: 'TEST' }),
      () => device.commentAlarm({ id, text: 'Beep.' }),
    ])
      await expect(send()).rejects.toMatchObject({ extensions: { code: 'FORBIDDEN' } });
    const ben = test.commandsOf({ id: 'ben', role: 'customer' });
    await expect(ben.commentAlarm({ id, text: 'Hello.' })).rejects.toMatchObject({
      extensions: { code: 'NOT_FOUND' },
    });
    expect((await findAlarm()).version).toBe(1);
  });
});

describe('a new incident after the handling of an alarm', () => {
  const toReading = ([readingId, state, time]: readonly [string, OpeningState, string]) => ({
    id: readingId,
    opening: 'Shop',
    state,
    at: at(time),
  });
  // The first incident ended before it was an alarm. The next one began after the handling.
  const CLOSED = toReading(['b', 'CLOSED', '07:00:30']);
  const OPENED = toReading(['c', 'OPEN', '11:00:00']);
  const handle = {
    resolved: () => test.commands.resolveAlarm({ id, code: 'FALSE_ALARM' }),
    claimed: () => test.commands.claimAlarm({ id }),
  };
  const ways = [[[CLOSED, OPENED]], [[OPENED, CLOSED]], [[CLOSED], [OPENED]], [[OPENED], [CLOSED]]];

  it.each(['resolved', 'claimed'] as const)(
    'is the same queued alarm after one command and after two: the first was %s',
    async (how) => {
      const outcomes: AlarmState[][] = [];
      for (const commands of ways) {
        await test.close();
        await openWithAlarm();
        await handle[how]();
        clock.set(at('12:00:00'));
        for (const readings of commands) await test.commands.recordReadings({ userId: 'ana', readings });
        outcomes.push(
          [...(await replayLog(test.eventLog, 'ana')).alarms.values()].map((alarm) => ({
            ...alarm,
            ruleId: '',
            id: '',
          })),
        );
      }
      const [first, ...others] = outcomes;
      expect(first).toMatchObject([
        { status: 'RETRACTED', raisedAt: at('07:01:00') },
        { status: 'ACTIVE', raisedAt: at('11:01:00'), claimedBy: null, resolution: null, version: 1 },
      ]);
      expect(first?.map(isAlarmQueued)).toEqual([false, true]);
      for (const other of others) expect(other).toEqual(first);
    },
  );

  it('is not one if the alarm was due again before its resolution', async () => {
    await handle.resolved();
    clock.set(at('12:00:00'));
    const readings = [CLOSED, toReading(['d', 'OPEN', '07:10:00'])];
    await test.commands.recordReadings({ userId: 'ana', readings });
    expect(await findAlarm()).toMatchObject({
      id,
      raisedAt: at('07:11:00'),
      resolution: { code: 'FALSE_ALARM' },
    });
  });
});
