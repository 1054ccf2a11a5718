import type { AlarmState, OpeningState } from '@seguridad-abc/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OPERATOR, createRuleInput } from '../testing/fixtures.js';
import { replayLog } from '../testing/replay-log.js';
import { createTestClock } from '../testing/test-clock.js';
import { openTestStorage, usesPostgres, type TestStorage } from '../testing/test-storage.js';
import { REEVALUATION_BATCH_SIZE } from './listed-episodes.js';

const clock = createTestClock('2026-01-31T08:00:00.000Z');
let test: TestStorage;
beforeEach(async () => {
  clock.set('2026-01-31T08:00:00.000Z');
  test = await openTestStorage({ now: clock.now });
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
const runDueJobs = async () => {
  while (await test.storage.dueJobs.runSome());
};
const alarms = async (): Promise<AlarmState[]> => [
  ...(await replayLog(test.eventLog, 'ana')).alarms.values(),
];
const events = async () => (await test.eventLog.read(0, 1_000)).entries;
const types = async () => (await events()).map(({ type }) => type);

describe('recordReadings', () => {
  it('accepts a reading id once per opening, in a batch and after a restart', async () => {
    const first = await record(reading('a', 'OPEN', '07:00:00'), reading('a', 'CLOSED', '07:30:00'));
    expect(first).toEqual({
      accepted: 1,
      duplicates: 1,
      duplicateReadings: [{ id: 'a', index: 1, differs: true }],
      refused: [],
    });
    await test.reopen();
    expect(await record(reading('a', 'CLOSED', '07:45:00'), reading('b', 'CLOSED', '07:50:00'))).toEqual({
      accepted: 1,
      duplicates: 1,
      duplicateReadings: [{ id: 'a', index: 0, differs: true }],
      refused: [],
    });
    // Another opening may have a reading with the same id.
    expect(await record(reading('a', 'OPEN', '07:00:00', 'Door'))).toMatchObject({ accepted: 1 });
    const { intervals } = await replayLog(test.eventLog, 'ana');
    expect([...intervals.get('Shop')!.values()]).toEqual([
      { signal: 'OPEN', startId: 'a', startedAt: at('07:00:00'), endedAt: at('07:50:00') },
    ]);
  });

  it('leaves the id of a refused reading free, and records the other readings', async () => {
    const refused = await record(reading('a', 'OPEN', '09:00:00'), reading('b', 'OPEN', '07:00:00'));
    expect(refused).toMatchObject({
      accepted: 1,
      refused: [{ id: 'a', index: 0, code: 'READING_IN_FUTURE' }],
    });
    expect(await record(reading('a', 'CLOSED', '07:10:00'))).toMatchObject({ accepted: 1 });
    expect(await record(reading('c', 'OPEN', '09:00:00'))).toMatchObject({ accepted: 0, duplicates: 0 });
    expect(await types()).toEqual(['ReadingsRecorded', 'ReadingsRecorded']);
  });

  it('appends one event per opening and batch, with the actor and the new state', async () => {
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

  it('accepts readings of one opening from concurrent commands', async () => {
    await test.commands.createRule(createRuleInput({ effectiveFrom: at('00:00:00') }));
    const minute = (i: number) => `07:${String(i).padStart(2, '0')}:00`;
    const each = Array.from({ length: 40 }, (_, i) => reading(`r${i}`, i % 2 ? 'CLOSED' : 'OPEN', minute(i)));
    const outcomes = await Promise.all([...each, ...each].reverse().map((one) => record(one)));
    expect(outcomes.filter(({ accepted }) => accepted === 1)).toHaveLength(40);
    const { intervals } = await replayLog(test.eventLog, 'ana');
    expect(intervals.get('Shop')!.size).toBe(20);
  });

  it('applies early readings at their instant, also after a restart', async () => {
    await test.commands.createRule(createRuleInput({ maxOpenSeconds: 60 }));
    await record(reading('a', 'OPEN', '08:01:00'), reading('b', 'CLOSED', '08:02:30'));
    expect((await events()).at(-1)).toMatchObject({ data: { state: null, since: null, intervals: [] } });
    expect(await test.storage.dueJobs.findNextDueAt()).toBe(Date.parse(at('08:01:00')));
    clock.advance(61);
    await test.reopen();
    await runDueJobs();
    expect((await events()).at(-1)).toMatchObject({
      type: 'OpeningChanged',
      actor: null,
      data: { state: 'OPEN', since: at('08:01:00') },
    });
    expect(await test.storage.dueJobs.findNextDueAt()).toBe(Date.parse(at('08:02:00')));
    // No job ran when the alarm fell due, nor when the opening was closed: the alarm is raised as cleared.
    clock.advance(3_600);
    await runDueJobs();
    expect(await alarms()).toMatchObject([
      { status: 'CLEARED', raisedAt: at('08:02:00'), clearedAt: at('08:02:30'), version: 1 },
    ]);
    expect(await test.storage.dueJobs.findNextDueAt()).toBeUndefined();
  });

  it('applies all early readings that are due before it evaluates alarms', async () => {
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
    await runDueJobs();
    expect(await alarms()).toEqual([]);
  });

  it('removes pending alarms when the opening is closed', async () => {
    await test.commands.createRule(createRuleInput({ maxOpenSeconds: 60 }));
    await record(reading('a', 'OPEN', '08:00:00'));
    expect(await test.storage.dueJobs.findNextDueAt()).toBe(Date.parse(at('08:01:00')));
    await record(reading('b', 'CLOSED', '08:00:00'));
    expect(await test.storage.dueJobs.findNextDueAt()).toBeUndefined();
  });
});

describe('the interval evaluator', () => {
  it('evaluates alarms after the whole batch', async () => {
    await test.commands.createRule(createRuleInput({ effectiveFrom: at('00:00:00') }));
    await record(reading('b', 'CLOSED', '07:02:00'), reading('a', 'OPEN', '07:00:00'));
    expect(await types()).toEqual(['RuleCreated', 'ReadingsRecorded', 'AlarmRaised']);
    expect(await alarms()).toMatchObject([
      { status: 'CLEARED', raisedAt: at('07:01:00'), clearedAt: at('07:02:00') },
    ]);
  });

  it('raises alarms without a further reading, with their due instant after a restart', async () => {
    await test.commands.createRule(createRuleInput({ maxOpenSeconds: 60, severity: 'CRITICAL' }));
    await record(reading('a', 'OPEN', '08:00:00'));
    clock.advance(59);
    await runDueJobs();
    expect(await alarms()).toEqual([]);
    await test.reopen();
    clock.advance(3_600);
    await runDueJobs();
    expect(await alarms()).toMatchObject([
      { status: 'ACTIVE', raisedAt: at('08:01:00'), severity: 'CRITICAL', updatedAt: at('09:00:59') },
    ]);
    expect((await events()).at(-1)).toMatchObject({ type: 'AlarmRaised', at: at('09:00:59'), actor: null });
  });

  it('keeps and clears alarms whose rule is changed, disabled or deleted', async () => {
    const { id } = await test.commands.createRule(createRuleInput({ maxOpenSeconds: 60, severity: 'INFO' }));
    await record(reading('a', 'OPEN', '08:00:00'));
    clock.advance(90);
    // Due before the change, although no job has run yet.
    await test.commands.updateRule({ id, maxOpenSeconds: 3_600, severity: 'CRITICAL' });
    expect(await alarms()).toMatchObject([{ status: 'ACTIVE', severity: 'CRITICAL', version: 1 }]);
    await test.commands.deleteRule({ id });
    expect(await test.storage.dueJobs.findNextDueAt()).toBeUndefined();
    await record(reading('b', 'CLOSED', '08:01:30'));
    expect(await alarms()).toMatchObject([{ status: 'CLEARED', clearedAt: at('08:01:30') }]);
  });

  it('replaces pending alarms when a rule changes', async () => {
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

  it('keeps the acknowledgement of an alarm through late readings', async () => {
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

  it('holds alarms back for the lateness allowance and raises them with their due instant', async () => {
    await test.reopen({ latenessAllowanceMs: 5_000 });
    await test.commands.createRule(createRuleInput({ maxOpenSeconds: 60 }));
    await record(reading('a', 'OPEN', '08:00:00'));
    expect(await test.storage.dueJobs.findNextDueAt()).toBe(Date.parse(at('08:01:05')));
    clock.advance(64);
    await runDueJobs();
    expect(await alarms()).toEqual([]);
    clock.advance(1);
    await runDueJobs();
    expect(await alarms()).toMatchObject([{ raisedAt: at('08:01:00') }]);
  });

  it('keeps raised alarms after a change of zone data, and evaluates open openings again', async () => {
    await test.commands.createRule(createRuleInput({ maxOpenSeconds: 60 }));
    await record(reading('a', 'OPEN', '08:00:00'));
    await test.reopen();
    expect(await test.storage.dueJobs.findNextDueAt()).toBe(Date.parse(at('08:01:00')));
    await test.reopen({ zoneDataVersion: 'test 2' });
    expect(await test.storage.dueJobs.findNextDueAt()).toBe(0);
    await runDueJobs();
    expect(await test.storage.dueJobs.findNextDueAt()).toBe(Date.parse(at('08:01:00')));
    clock.advance(60);
    await runDueJobs();
    const raised = await alarms();
    await test.reopen({ zoneDataVersion: 'test 3' });
    await runDueJobs();
    expect(await alarms()).toEqual(raised);
    expect(await test.storage.dueJobs.findNextDueAt()).toBeUndefined();
  });
});

it('a change of zone data concerns some openings at a time, and continues after a restart', async () => {
  const names = Array.from({ length: 60 }, (_, index) => `Door ${index}`);
  for (const opening of names)
    await test.commands.createRule(createRuleInput({ opening, maxOpenSeconds: 60 }));
  const readings = names.map((opening) => ({ ...reading(opening, 'OPEN', '08:00:00'), opening }));
  await test.commands.recordReadings({ userId: 'ana', readings });
  await runDueJobs();
  const { pendingAlarms, timeZoneDataVersion } = test.tables;
  const countDue = async () =>
    (await test.reader.select().from(pendingAlarms)).filter(({ due }) => due === 0).length;
  const readVersion = () => test.reader.select().from(timeZoneDataVersion);

  await test.reopen({ zoneDataVersion: 'test 2' });
  expect(await test.storage.dueJobs.findNextDueAt()).toBe(0);
  await test.storage.dueJobs.runSome();
  expect(await countDue()).toBe(50);
  expect(await readVersion()).toMatchObject([{ version: 'test 2', lastOpeningId: 50 }]);
  await test.reopen();
  while ((await countDue()) > 0) await test.storage.dueJobs.runSome();
  await test.storage.dueJobs.runSome();
  // The first ones are not evaluated again.
  expect(await countDue()).toBe(10);
  await runDueJobs();
  expect(await readVersion()).toMatchObject([{ version: 'test 2', lastOpeningId: null }]);
  expect(await test.storage.dueJobs.findNextDueAt()).toBe(Date.parse(at('08:01:00')));
});

it.runIf(usesPostgres)(
  'an instance with older zone data leaves the version of the others as it is',
  async () => {
    await test.commands.createRule(createRuleInput({ maxOpenSeconds: 60 }));
    await test.reopen({ zoneDataVersion: 'test 3' });
    await runDueJobs();
    await test.reopen({ zoneDataVersion: 'test 2' });
    await runDueJobs();
    await test.reopen({ zoneDataVersion: 'test 3' });
    expect(await test.storage.dueJobs.findNextDueAt()).toBeUndefined();
  },
);

it('a change of zone data does not evaluate the windows of former rule versions again', async () => {
  const { id: calendarId } = await test.commands.createCalendar({ userId: 'ana', name: 'x', dates: [] });
  const window = { opensAt: '09:00', closesAt: '18:00' };
  const windows = [{ ...window, openBy: '10:00' }];
  const rule = createRuleInput({ windows, calendarId, maxOpenSeconds: null, timeZone: 'UTC' });
  const { id } = await test.commands.createRule(rule);
  await test.commands.updateRule({ id, windows: [window] });
  await runDueJobs();
  await test.reopen();
  clock.advance(3_600);
  await test.reopen({ zoneDataVersion: 'test 2' });
  await test.storage.dueJobs.runSome();
  expect(await test.reader.select().from(test.tables.pendingAlarms)).toEqual([
    { openingId: 1, ruleId: id, due: 0, evaluatedUntil: Date.parse(at('09:00:00')), needsOpen: false },
  ]);
});

describe('a rule with an earlier effectiveFrom', () => {
  it('evaluates all stored intervals in jobs that continue after a restart', async () => {
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
    await runDueJobs();
    expect(await alarms()).toHaveLength(count);
    // The open interval did not wait for the jobs.
    expect(await test.storage.dueJobs.findNextDueAt()).toBe(Date.parse(at('08:00:30')));
  });
});

describe('acknowledgeAlarm', () => {
  it('accepts one acknowledgement, repeats its result for the same key, and rejects a second one', async () => {
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
