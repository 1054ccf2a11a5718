import type { OpeningState } from '@seguridad-abc/contracts';
import { eventually } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRuleInput } from '../testing/fixtures.js';
import { replayLog } from '../testing/replay-log.js';
import { createTestClock, type TestClock } from '../testing/test-clock.js';
import { openTestStorage, type TestStorage } from '../testing/test-storage.js';

/** A Monday. */
const TODAY = '2026-03-02';
const at = (time: string) => `${TODAY}T${time}:00.000Z`;

let test: TestStorage;
let clock: TestClock;
beforeEach(async () => {
  clock = createTestClock(at('08:00'));
  test = await openTestStorage({ now: clock.now });
});
afterEach(() => test.close());

const closedToday = { date: TODAY, label: 'Holiday', windows: [] };
const createCalendar = () => test.commands.createCalendar({ userId: 'ana', name: 'Holidays', dates: [] });
const createRule = (input: object = {}) =>
  test.commands.createRule(
    createRuleInput({
      windows: [{ opensAt: '08:00', closesAt: '18:00' }],
      timeZone: 'UTC',
      maxOpenSeconds: null,
      ...input,
    }),
  );
const createException = (effect: 'ALLOW' | 'SUSPEND', from: string, until: string) =>
  test.commands.createException({
    userId: 'ana',
    openings: ['Shop'],
    effect,
    from: at(from),
    until: at(until),
    reason: 'Stock-taking',
  });
/** @param readings such as `08:00 OPEN` */
const record = (...readings: string[]) =>
  test.commands.recordReadings({
    userId: 'ana',
    readings: readings.map((id) => {
      const [time = '', state] = id.split(' ');
      return { id, opening: 'Shop', state: state as OpeningState, at: at(time) };
    }),
  });
const runJobs = async () => {
  while (await test.storage.dueJobs.runSome());
};
const listAlarms = async () =>
  [...(await replayLog(test.eventLog, 'ana')).alarms.values()].map(
    ({ kind, status, raisedAt }) => `${kind} ${status} ${raisedAt.slice(11, 16)}`,
  );
/** Lets the time pass, and runs what falls due. */
const passUntil = async (time: string) => {
  clock.set(at(time));
  await runJobs();
};

it('a calendar that closes today raises an alarm for an open door at the instant of the change', async () => {
  const { id } = await createCalendar();
  await createRule({ calendarId: id });
  await record('08:00 OPEN');
  clock.set(at('10:00'));
  test.storage.scheduler.start();
  await test.commands.updateCalendar({ id, dates: [closedToday] });
  await eventually(async () => expect(await listAlarms()).toEqual(['OUTSIDE_HOURS ACTIVE 10:00']));
});

it('a calendar that opens today changes nothing before, and lets the door be open from then on', async () => {
  const { id } = await createCalendar();
  await createRule({ calendarId: id });
  await test.commands.updateCalendar({ id, dates: [closedToday] });
  await record('08:00 OPEN');
  await passUntil('09:00');
  await test.commands.updateCalendar({ id, dates: [] });
  await passUntil('10:00');
  await record('10:00 CLOSED');
  await passUntil('11:00');
  await record('11:00 OPEN');
  await passUntil('17:59');
  expect(await listAlarms()).toEqual(['OUTSIDE_HOURS CLEARED 08:00']);
  await passUntil('18:00');
  expect(await listAlarms()).toEqual(['OUTSIDE_HOURS CLEARED 08:00', 'OUTSIDE_HOURS ACTIVE 18:00']);
});

it('a calendar that asks to open today does so too if the door closes before the rule is evaluated', async () => {
  const { id } = await createCalendar();
  await createRule({ calendarId: id });
  await record('08:00 OPEN');
  const openByTen = { opensAt: '09:00', closesAt: '18:00', openBy: '10:00' };
  await test.commands.updateCalendar({ id, dates: [{ ...closedToday, windows: [openByTen] }] });
  clock.set(at('08:05'));
  await record('08:05 CLOSED');
  await passUntil('09:59');
  expect(await listAlarms()).toEqual(['OUTSIDE_HOURS CLEARED 08:00']);
  await passUntil('10:00');
  expect(await listAlarms()).toEqual(['OUTSIDE_HOURS CLEARED 08:00', 'NOT_OPENED ACTIVE 10:00']);
});

it('a calendar whose windows have to be opened raises an alarm for a door that stays closed', async () => {
  const { id } = await createCalendar();
  await createRule({ calendarId: id });
  await record('08:00 OPEN', '08:30 CLOSED');
  await passUntil('09:00');
  const windows = [
    { opensAt: '08:45', closesAt: '09:15', openBy: '08:50' },
    { opensAt: '09:30', closesAt: '18:00', openBy: '10:00' },
  ];
  await test.commands.updateCalendar({ id, dates: [{ ...closedToday, windows }] });
  // An interval ends before the rule is evaluated.
  await record('08:55 OPEN', '08:56 CLOSED');
  await passUntil('10:00');
  expect(await listAlarms()).toEqual(['NOT_OPENED ACTIVE 10:00']);
  await passUntil('10:15');
  await record('10:15 OPEN');
  expect(await listAlarms()).toEqual(['NOT_OPENED CLEARED 10:00']);
});

it('an exception allows a door to be open until its end', async () => {
  await createRule();
  await createException('ALLOW', '17:00', '20:00');
  await record('08:00 OPEN');
  await passUntil('19:59');
  expect(await listAlarms()).toEqual([]);
  await passUntil('20:00');
  expect(await listAlarms()).toEqual(['OUTSIDE_HOURS ACTIVE 20:00']);
});

it.each([
  { effect: 'ALLOW' as const, input: {}, kind: 'OUTSIDE_HOURS' },
  { effect: 'SUSPEND' as const, input: {}, kind: 'OUTSIDE_HOURS' },
  { effect: 'SUSPEND' as const, input: { windows: null, maxOpenSeconds: 3_600 }, kind: 'OPEN_TOO_LONG' },
  { effect: 'SUSPEND' as const, input: { windows: null, silentAfterSeconds: 3_600 }, kind: 'SILENT' },
])('what lasts when $effect is cancelled is due then: $kind', async ({ effect, input, kind }) => {
  await createRule(input);
  const { id } = await createException(effect, '08:00', '22:00');
  await passUntil('17:50');
  await record('17:50 OPEN');
  await passUntil('19:30');
  expect(await listAlarms()).toEqual([]);
  test.storage.scheduler.start();
  await test.commands.cancelException({ id });
  await eventually(async () => expect(await listAlarms()).toEqual([`${kind} ACTIVE 19:30`]));
});

it('a late reading is evaluated with an exception as it finally stood', async () => {
  await createRule();
  const { id } = await createException('SUSPEND', '18:00', '22:00');
  clock.set(at('19:00'));
  await test.commands.cancelException({ id });
  await passUntil('23:00');
  await record('18:30 OPEN', '18:45 CLOSED', '18:50 OPEN', '19:10 CLOSED');
  expect(await listAlarms()).toEqual(['OUTSIDE_HOURS CLEARED 19:00']);
});

it('a silence that has ended raises no lasting alarm after the clock was set back', async () => {
  await createRule({ windows: null, silentAfterSeconds: 3_600 });
  await record('08:00 OPEN');
  await passUntil('12:00');
  await record('08:30 OPEN', '12:00 CLOSED');
  clock.set(at('09:00'));
  const { id } = await createException('SUSPEND', '09:00', '09:10');
  await test.commands.cancelException({ id });
  await passUntil('10:00');
  await passUntil('12:30');
  expect(await listAlarms()).toContain('SILENT CLEARED 09:30');
  expect((await listAlarms()).filter((alarm) => alarm.includes('ACTIVE'))).toEqual([]);
  await passUntil('13:00');
  expect(await listAlarms()).toContain('SILENT ACTIVE 13:00');
});
