import type { AlarmState, OpeningState } from '@seguridad-abc/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestClock } from '../testing/test-clock.js';
import { openTestStorage, type TestStorage } from '../testing/test-storage.js';
import { OPERATOR, createRuleInput } from '../testing/fixtures.js';
import { replayLog } from '../testing/replay-log.js';
import { REEVALUATION_BATCH_SIZE } from './rule-reevaluation.js';

const clock = createTestClock('2026-01-31T08:00:00.000Z');
let test: TestStorage;
beforeEach(() => {
  clock.set('2026-01-31T08:00:00.000Z');
  test = openTestStorage({ now: clock.now });
});
afterEach(() => test.close());

const at = (time: string) => `2026-01-31T${time}.000Z`;
const reading = (id: string, state: OpeningState, time: string, opening = 'Shop') => ({
  id,
  opening,
  state,
  at: at(time),
});
const record = (...readings: ReturnType<typeof reading>[]) =>
  test.commands.recordReadings({ userId: 'ana', readings });
const work = async () => {
  while (await test.storage.dueJobs.runSome());
};
const alarms = async (): Promise<AlarmState[]> => [...(await replayLog(test.outbox, 'ana')).alarms.values()];
const events = async () => (await test.outbox.read(0, 1_000)).entries;
const types = async () => (await events()).map(({ type }) => type);

describe('readings', () => {
  it('are accepted once, whatever they say the second time, in a batch and after a restart', async () => {
    const first = await record(reading('a', 'OPEN', '07:00:00'), reading('a', 'CLOSED', '07:30:00'));
    expect(first).toEqual({ accepted: 1, duplicates: 1, refused: [] });
    await test.reopen();
    expect(await record(reading('a', 'CLOSED', '07:45:00'), reading('b', 'CLOSED', '07:50:00'))).toEqual({
      accepted: 1,
      duplicates: 1,
      refused: [],
    });
    // The id is the opening's own.
    expect(await record(reading('a', 'OPEN', '07:00:00', 'Door'))).toMatchObject({ accepted: 1 });
    const { intervals } = await replayLog(test.outbox, 'ana');
    expect([...intervals.get('Shop')!.values()]).toEqual([
      { startId: 'a', startedAt: at('07:00:00'), endedAt: at('07:50:00') },
    ]);
  });

  it('that are refused do not use up their id, and concern no other', async () => {
    const refused = await record(reading('a', 'OPEN', '09:00:00'), reading('b', 'OPEN', '07:00:00'));
    expect(refused).toMatchObject({
      accepted: 1,
      refused: [{ id: 'a', index: 0, code: 'READING_IN_FUTURE' }],
    });
    expect(await record(reading('a', 'CLOSED', '07:10:00'))).toMatchObject({ accepted: 1 });
    expect(await record(reading('c', 'OPEN', '09:00:00'))).toMatchObject({ accepted: 0, duplicates: 0 });
    expect(await types()).toEqual(['ReadingsRecorded', 'ReadingsRecorded']);
  });

  it('are one event an opening and batch, with who sent them and what the opening came to', async () => {
    await record(
      reading('a', 'OPEN', '07:00:00'),
      reading('x', 'CLOSED', '07:00:00', 'Door'),
      reading('b', 'CLOSED', '07:30:00'),
    );
    const [shop, door] = await events();
    expect(shop).toMatchObject({
      type: 'ReadingsRecorded',
      at: at('08:00:00'),
      actor: OPERATOR,
      data: {
        userId: 'ana',
        opening: 'Shop',
        state: 'CLOSED',
        since: at('07:30:00'),
        intervals: [{ startId: 'a', startedAt: at('07:00:00'), endedAt: at('07:30:00') }],
        removed: [],
        readings: [
          { id: 'a', state: 'OPEN', at: at('07:00:00') },
          { id: 'b', state: 'CLOSED', at: at('07:30:00') },
        ],
      },
    });
    expect(door).toMatchObject({ data: { opening: 'Door', state: 'CLOSED', since: at('07:00:00') } });
  });

  it('of one opening may come at once from many', async () => {
    await test.commands.createRule(createRuleInput({ effectiveFrom: at('00:00:00') }));
    const minute = (i: number) => `07:${String(i).padStart(2, '0')}:00`;
    const each = Array.from({ length: 40 }, (_, i) => reading(`r${i}`, i % 2 ? 'CLOSED' : 'OPEN', minute(i)));
    const outcomes = await Promise.all([...each, ...each].reverse().map((one) => record(one)));
    expect(outcomes.filter(({ accepted }) => accepted === 1)).toHaveLength(40);
    const { intervals } = await replayLog(test.outbox, 'ana');
    expect(intervals.get('Shop')!.size).toBe(20);
  });

  it('ahead of the clock take effect when their instant comes, also after a restart', async () => {
    await test.commands.createRule(createRuleInput({ maxOpenSeconds: 60 }));
    await record(reading('a', 'OPEN', '08:01:00'), reading('b', 'CLOSED', '08:02:30'));
    expect((await events()).at(-1)).toMatchObject({ data: { state: null, since: null, intervals: [] } });
    expect(await test.storage.dueJobs.findNextDueAt()).toBe(Date.parse(at('08:01:00')));
    clock.advance(61);
    await test.reopen();
    await work();
    expect((await events()).at(-1)).toMatchObject({
      type: 'OpeningChanged',
      actor: null,
      data: { state: 'OPEN', since: at('08:01:00') },
    });
    expect(await test.storage.dueJobs.findNextDueAt()).toBe(Date.parse(at('08:02:00')));
    // Nobody worked when the alarm fell due, nor when the opening was closed: it is told as it was.
    clock.advance(3_600);
    await work();
    expect(await alarms()).toMatchObject([
      { status: 'CLEARED', raisedAt: at('08:02:00'), clearedAt: at('08:02:30'), version: 1 },
    ]);
    expect(await test.storage.dueJobs.findNextDueAt()).toBeUndefined();
  });

  it('ahead of the clock that close an opening are known before it is judged, however many', async () => {
    const names = Array.from({ length: 70 }, (_, i) => `Door ${i}`);
    await Promise.all(
      names.map((opening) => test.commands.createRule(createRuleInput({ opening, maxOpenSeconds: 60 }))),
    );
    await record(
      ...names.flatMap((name) => [
        reading('a', 'OPEN', '08:00:00', name),
        reading('b', 'CLOSED', '08:00:59', name),
      ]),
    );
    clock.advance(3_600);
    await work();
    expect(await alarms()).toEqual([]);
  });

  it('that close an opening leave nothing to wait for', async () => {
    await test.commands.createRule(createRuleInput({ maxOpenSeconds: 60 }));
    await record(reading('a', 'OPEN', '08:00:00'));
    expect(await test.storage.dueJobs.findNextDueAt()).toBe(Date.parse(at('08:01:00')));
    await record(reading('b', 'CLOSED', '08:00:00'));
    expect(await test.storage.dueJobs.findNextDueAt()).toBeUndefined();
  });
});

describe('alarms', () => {
  it('are judged after the whole batch', async () => {
    await test.commands.createRule(createRuleInput({ effectiveFrom: at('00:00:00') }));
    await record(reading('b', 'CLOSED', '07:02:00'), reading('a', 'OPEN', '07:00:00'));
    expect(await types()).toEqual(['RuleCreated', 'ReadingsRecorded', 'AlarmRaised']);
    expect(await alarms()).toMatchObject([
      { status: 'CLEARED', raisedAt: at('07:01:00'), clearedAt: at('07:02:00') },
    ]);
  });

  it('fall due without a further reading, and with their true instant after a restart', async () => {
    await test.commands.createRule(createRuleInput({ maxOpenSeconds: 60, severity: 'CRITICAL' }));
    await record(reading('a', 'OPEN', '08:00:00'));
    clock.advance(59);
    await work();
    expect(await alarms()).toEqual([]);
    await test.reopen();
    clock.advance(3_600);
    await work();
    expect(await alarms()).toMatchObject([
      { status: 'ACTIVE', raisedAt: at('08:01:00'), severity: 'CRITICAL', updatedAt: at('09:00:59') },
    ]);
    expect((await events()).at(-1)).toMatchObject({ type: 'AlarmRaised', at: at('09:00:59'), actor: null });
  });

  it('stand where their rule is changed, disabled or deleted, and are cleared', async () => {
    const { id } = await test.commands.createRule(createRuleInput({ maxOpenSeconds: 60, severity: 'INFO' }));
    await record(reading('a', 'OPEN', '08:00:00'));
    clock.advance(90);
    // Due before the change, though nobody has worked yet.
    await test.commands.updateRule({ id, maxOpenSeconds: 3_600, severity: 'CRITICAL' });
    expect(await alarms()).toMatchObject([{ status: 'ACTIVE', severity: 'CRITICAL', version: 1 }]);
    await test.commands.deleteRule({ id });
    expect(await test.storage.dueJobs.findNextDueAt()).toBeUndefined();
    await record(reading('b', 'CLOSED', '08:01:30'));
    expect(await alarms()).toMatchObject([{ status: 'CLEARED', clearedAt: at('08:01:30') }]);
  });

  it('that are pending go with their rule, and come with another', async () => {
    const { id } = await test.commands.createRule(createRuleInput({ maxOpenSeconds: 60 }));
    await record(reading('a', 'OPEN', '08:00:00'));
    expect(await test.storage.dueJobs.findNextDueAt()).toBe(Date.parse(at('08:01:00')));
    clock.advance(10);
    await test.commands.updateRule({ id, enabled: false });
    expect(await test.storage.dueJobs.findNextDueAt()).toBeUndefined();
    clock.advance(100);
    await test.commands.updateRule({ id, enabled: true });
    expect(await alarms()).toMatchObject([{ raisedAt: at('08:01:50') }]);
  });

  it('keep what was acknowledged through everything that late readings show', async () => {
    await test.commands.createRule(createRuleInput({ effectiveFrom: at('00:00:00') }));
    await record(reading('a', 'OPEN', '07:00:00'));
    const [{ id } = { id: '' }] = await alarms();
    const acknowledged = await test.commands.acknowledgeAlarm({ id, note: 'Seen.' });
    await record(reading('b', 'CLOSED', '07:00:30'));
    await record(reading('c', 'OPEN', '07:00:10'));
    expect(await alarms()).toMatchObject([
      {
        ...acknowledged,
        status: 'RETRACTED',
        reason: `${acknowledged.reason}; retracted: closed at 02:00:30 already, as a late reading shows`,
        updatedAt: at('08:00:00'),
        version: 3,
      },
    ]);
    await record(reading('d', 'OPEN', '07:00:30'), reading('e', 'CLOSED', '07:10:00'));
    expect(await alarms()).toMatchObject([
      { id, status: 'RETRACTED' },
      { kind: 'OPEN_TOO_LONG', raisedAt: at('07:01:30'), status: 'CLEARED', acknowledgedAt: null },
    ]);
  });

  it('are held back for the allowance, with their true instant', async () => {
    await test.reopen({ latenessAllowanceMs: 5_000 });
    await test.commands.createRule(createRuleInput({ maxOpenSeconds: 60 }));
    await record(reading('a', 'OPEN', '08:00:00'));
    expect(await test.storage.dueJobs.findNextDueAt()).toBe(Date.parse(at('08:01:05')));
    clock.advance(64);
    await work();
    expect(await alarms()).toEqual([]);
    clock.advance(1);
    await work();
    expect(await alarms()).toMatchObject([{ raisedAt: at('08:01:00') }]);
  });

  it('stand after a change of zone data; what is pending is judged anew', async () => {
    await test.commands.createRule(createRuleInput({ maxOpenSeconds: 60 }));
    await record(reading('a', 'OPEN', '08:00:00'));
    await test.reopen();
    expect(await test.storage.dueJobs.findNextDueAt()).toBe(Date.parse(at('08:01:00')));
    await test.reopen({ zoneDataVersion: 'another' });
    expect(await test.storage.dueJobs.findNextDueAt()).toBe(0);
    await work();
    expect(await test.storage.dueJobs.findNextDueAt()).toBe(Date.parse(at('08:01:00')));
    clock.advance(60);
    await work();
    const raised = await alarms();
    await test.reopen({ zoneDataVersion: 'a third' });
    await work();
    expect(await alarms()).toEqual(raised);
    expect(await test.storage.dueJobs.findNextDueAt()).toBeUndefined();
  });
});

describe('a rule that begins in the past', () => {
  it('judges what is on record, however much it is, and does not lose its place', async () => {
    const count = REEVALUATION_BATCH_SIZE * 2 + 10;
    const start = Date.parse('2026-01-01T00:00:00.000Z');
    const all = Array.from({ length: count * 2 }, (_, i) => ({
      id: `r${i}`,
      opening: 'Shop',
      state: i % 2 ? ('CLOSED' as const) : ('OPEN' as const),
      at: new Date(start + i * 120_000).toISOString(),
    }));
    for (let i = 0; i < all.length; i += 1_000)
      await test.commands.recordReadings({ userId: 'ana', readings: all.slice(i, i + 1_000) });
    await record(reading('open', 'OPEN', '07:59:30'));
    await test.commands.createRule(
      createRuleInput({ maxOpenSeconds: 60, effectiveFrom: '2026-01-01T00:00:00.000Z' }),
    );
    expect(await alarms()).toHaveLength(REEVALUATION_BATCH_SIZE);
    await test.storage.dueJobs.runSome();
    await test.reopen();
    expect(await test.storage.dueJobs.findNextDueAt()).toBe(0);
    await work();
    expect(await alarms()).toHaveLength(count);
    // What is open now did not wait for what was.
    expect(await test.storage.dueJobs.findNextDueAt()).toBe(Date.parse(at('08:00:30')));
  });
});

describe('acknowledging', () => {
  it('is done once: sent again it is answered again, by another it is a conflict', async () => {
    await test.commands.createRule(createRuleInput({ effectiveFrom: at('00:00:00') }));
    await record(reading('a', 'OPEN', '07:00:00'));
    const [{ id } = { id: '' }] = await alarms();
    const send = () => test.commands.acknowledgeAlarm({ id, note: 'Seen.', clientMutationId: 'key' });
    const answer = await send();
    clock.advance(10);
    expect(await send()).toEqual(answer);
    await expect(
      test.commandsOf({ id: 'ana', role: 'customer' }).acknowledgeAlarm({ id }),
    ).rejects.toMatchObject({
      extensions: { code: 'CONFLICT', acknowledgedBy: OPERATOR.id, acknowledgedAt: at('08:00:00') },
    });
    expect((await events()).at(-1)).toMatchObject({ type: 'AlarmAcknowledged', actor: OPERATOR });
    await record(reading('b', 'CLOSED', '07:30:00'));
    expect(await alarms()).toMatchObject([{ status: 'CLEARED', note: 'Seen.', version: 3 }]);
    expect(await test.storage.alarms.findByIds([id, 'nobody'])).toMatchObject([{ version: 3 }, undefined]);
  });
});
