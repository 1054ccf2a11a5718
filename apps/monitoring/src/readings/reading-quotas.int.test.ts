import { startEventLoopMonitor } from '@seguridad-abc/platform/testing';
import type { Actor, OpeningState, RuleEvent } from '@seguridad-abc/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getQuotas, readMonitoringConfig } from '../config.js';
import { accept } from '../domain/decision.js';
import type { CreateRuleCommand } from '../domain/rule-decisions.js';
import { createRuleInput } from '../testing/fixtures.js';
import { replayLog } from '../testing/replay-log.js';
import { createTestClock } from '../testing/test-clock.js';
import { refuseReading } from '../testing/refuse-reading.js';
import { openTestStorage, type TestStorage } from '../testing/test-storage.js';

const NOW = '2026-01-31T20:00:00.000Z';
const clock = createTestClock(NOW);
const ana: Actor = { id: 'ana', role: 'customer' };
const defaults = getQuotas(readMonitoringConfig({}));
let test: TestStorage;
beforeEach(async () => {
  clock.set(NOW);
  test = await openTestStorage({ now: clock.now });
});
afterEach(() => test.close());

/** Readings at an interval of 30 s, from 10 hours ago. */
const createReadings = (count: number, getState: (index: number) => OpeningState, opening = 'Shop') =>
  Array.from({ length: count }, (_, index) => ({
    id: `${getState(index)} ${index}`,
    opening,
    state: getState(index),
    at: new Date(Date.parse(NOW) - 36_000_000 + index * 30_000).toISOString(),
  }));
const alternate = (index: number) => (index % 2 ? ('CLOSED' as const) : ('OPEN' as const));

/** Rules that every opening of the door breaks in both ways. */
const createBrokenRules = (count: number, user: TestStorage['commands'], opening = 'Shop') =>
  Promise.all(
    Array.from({ length: count }, (_, index) =>
      user.createRule(
        createRuleInput({
          userId: 'ana',
          name: `Rule ${index}`,
          opening,
          opensAt: '08:00',
          closesAt: '09:00',
          days: [],
          maxOpenSeconds: 1,
          effectiveFrom: '2020-01-01T00:00:00Z',
        }),
      ),
    ),
  );
const head = async () => (await test.eventLog.end()).position;
const exceeds = (limit: number, field: string) => ({
  extensions: {
    code: 'QUOTA_EXCEEDED',
    limit,
    faults: [{ path: ['input', field], code: 'QUOTA_EXCEEDED' }],
  },
});

describe('the quotas of a customer', () => {
  it('limit the rules of an opening, also by those that were deleted lately', async () => {
    const commands = test.commandsOf(ana);
    const { rulesPerOpening } = defaults;
    const rules = await createBrokenRules(rulesPerOpening, commands);
    const more = () => commands.createRule(createRuleInput({ name: 'One more' }));
    const before = await head();
    await expect(more()).rejects.toMatchObject(exceeds(rulesPerOpening, 'opening'));
    expect(await head()).toBe(before);

    for (const { id } of rules) await commands.deleteRule({ id });
    const [{ id } = { id: '' }] = await createBrokenRules(rulesPerOpening, commands);
    await commands.deleteRule({ id });
    await expect(more()).rejects.toThrow(/Too many rules of this opening were deleted lately/);
    clock.advance(86_401);
    await expect(more()).resolves.toMatchObject({ version: 1 });
  });

  it('limit how often the rules of an opening change', async () => {
    await test.reopen({ quotas: { ...defaults, rulesPerOpening: 1 } });
    const commands = test.commandsOf(ana);
    const { id } = await commands.createRule(createRuleInput());
    const change = (maxOpenSeconds: number) => {
      clock.advance(1);
      return commands.updateRule({ id, maxOpenSeconds });
    };
    for (let seconds = 1; seconds < 10; seconds++) await change(100 + seconds);
    await expect(change(200)).rejects.toMatchObject(exceeds(10, 'id'));
    await expect(commands.updateRule({ id, name: 'Other name' })).resolves.toMatchObject({
      name: 'Other name',
    });
    await expect(commands.deleteRule({ id })).resolves.toMatchObject({
      deletedAt: expect.any(String) as string,
    });
  });

  it('limit the windows of the past that a new rule is evaluated for', async () => {
    await test.reopen({ quotas: { ...defaults, alarmsPerCommand: 100 } });
    const commands = test.commandsOf(ana);
    const watched = { opensAt: '08:00', closesAt: '18:00', openBy: '09:00' };
    const dates = ['2025-12-24', '2025-12-25', '2030-01-01'].map((date) => ({
      date,
      windows: Array.from({ length: 10 }, () => watched),
    }));
    const { id: calendarId } = await commands.createCalendar({ name: 'Eves', dates });
    const create = (effectiveFrom: string, more: Partial<CreateRuleCommand> = {}) =>
      test
        .commandsOf(ana)
        .createRule(
          createRuleInput({ name: `From ${effectiveFrom}`, windows: [watched], effectiveFrom, ...more }),
        );

    await expect(create('2025-10-01T00:00:00Z')).rejects.toMatchObject(exceeds(100, 'effectiveFrom'));
    await expect(create('2025-12-01T00:00:00Z', { calendarId, windows: [watched, watched] })).rejects.toThrow(
      /The past of this rule has 160 windows to evaluate/,
    );
    const silence = {
      silentAfterSeconds: 60,
      windows: null,
      activeWindows: [{ opensAt: '08:00', closesAt: '18:00' }],
    };
    await expect(create('2025-10-02T00:00:00Z', silence)).rejects.toMatchObject(
      exceeds(100, 'effectiveFrom'),
    );
    await expect(create('2025-12-02T00:00:00Z', silence)).resolves.toMatchObject({ version: 1 });
    await expect(create('2025-12-01T00:00:00Z', { calendarId })).resolves.toMatchObject({ version: 1 });
    await expect(create('2001-01-01T00:00:00Z', { enabled: false })).resolves.toMatchObject({ version: 1 });
    await expect(
      create('2002-01-01T00:00:00Z', { windows: [{ ...watched, openBy: null }] }),
    ).resolves.toMatchObject({ version: 1 });
    await expect(
      test.commands.createRule(
        createRuleInput({
          name: 'Of an operator',
          windows: [watched],
          effectiveFrom: '2025-09-01T00:00:00Z',
        }),
      ),
    ).resolves.toMatchObject({ version: 1 });
  });

  it('undo all events of a command if one of them exceeds a quota', async () => {
    await test.reopen({ quotas: { ...defaults, rulesPerOpening: 1 } });
    const commands = test.commandsOf(ana);
    let rule = await commands.createRule(createRuleInput());
    for (let seconds = 1; seconds < 9; seconds++) {
      clock.advance(1);
      rule = await commands.updateRule({ id: rule.id, maxOpenSeconds: 100 + seconds });
    }
    const before = await head();
    const change = (seconds: number): RuleEvent => {
      const updatedAt = new Date(Date.parse(clock.now()) + seconds * 1_000).toISOString();
      const changed = { ...rule, maxOpenSeconds: 200 + seconds, updatedAt, version: rule.version + seconds };
      return { type: 'RuleUpdated', version: 1, data: { rule: changed } };
    };
    const outcome = test.storage.rules.execute({
      name: 'updateRule',
      id: rule.id,
      caller: ana,
      decide: () => accept(change(1), change(2)),
    });
    await expect(outcome).resolves.toMatchObject({ kind: 'rejected', code: 'QUOTA_EXCEEDED' });
    expect(await head()).toBe(before);
    expect(await test.storage.rules.findByIds([rule.id])).toEqual([rule]);
  });

  it('limit the rules and the openings of a user', async () => {
    const quotas = { ...defaults, rulesPerUser: 3, openingsPerUser: 4 };
    await test.reopen({ quotas });
    const commands = test.commandsOf(ana);
    for (const opening of ['A', 'B', 'C']) await createBrokenRules(1, commands, opening);
    await expect(createBrokenRules(1, commands, 'D')).rejects.toMatchObject(exceeds(3, 'opening'));
    const before = await head();
    const record = (...openings: string[]) =>
      commands.recordReadings({ readings: openings.flatMap((name) => createReadings(1, alternate, name)) });
    await expect(record('D', 'E')).rejects.toMatchObject(exceeds(4, 'readings'));
    expect(await head()).toBe(before);
    // At the same time, only one of them may add the last opening.
    const outcomes = await Promise.allSettled([record('A', 'D'), record('E'), record('F')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    await expect(record('A', 'B', 'C', 'D')).resolves.toMatchObject({ accepted: 2 });
    await test.commands.recordReadings({ userId: 'ana', readings: createReadings(1, alternate, 'G') });
  });

  it('limit the readings of a minute, and say when to try again', async () => {
    const commands = test.commandsOf(ana);
    const send = (first: number, count: number) =>
      commands.recordReadings({ readings: createReadings(first + count, alternate).slice(first) });
    await send(0, 900);
    const before = await head();
    await expect(send(900, 200)).rejects.toMatchObject({
      extensions: { code: 'QUOTA_EXCEEDED', limit: 600, retryAfter: 10 },
    });
    expect(await head()).toBe(before);
    clock.advance(10);
    await expect(send(900, 200)).resolves.toMatchObject({ accepted: 200 });
  });

  it('count refused readings too', async () => {
    const commands = test.commandsOf(ana);
    const refused = createReadings(600, alternate).map((reading) => ({ ...reading, at: 'never' }));
    await expect(commands.recordReadings({ readings: refused })).resolves.toMatchObject({ accepted: 0 });
    await expect(commands.recordReadings({ readings: refused })).rejects.toMatchObject({
      extensions: { code: 'QUOTA_EXCEEDED', limit: 600, retryAfter: 20 },
    });
  });

  it('limit the alarms of a command, before anything is stored', async () => {
    const commands = test.commandsOf(ana);
    await createBrokenRules(50, commands);
    const before = await head();
    const readings = createReadings(101, alternate);
    const rejected = commands.recordReadings({ readings });
    await expect(rejected).rejects.toMatchObject(exceeds(10_000, 'readings'));
    await expect(rejected).rejects.toMatchObject({ extensions: { acceptable: 100 } });
    expect(await head()).toBe(before);
    await expect(commands.recordReadings({ readings: readings.slice(0, 100) })).resolves.toMatchObject({
      accepted: 100,
    });
  });

  it('do not bind operators', async () => {
    await createBrokenRules(60, test.commands);
    const readings = createReadings(100, alternate);
    expect(await test.commands.recordReadings({ userId: 'ana', readings })).toMatchObject({ accepted: 100 });
    expect((await replayLog(test.eventLog, 'ana')).alarms.size).toBe(50 * 60 * 2);
  });
});

describe('a command with much work', () => {
  /** Measures the event loop while another customer sends commands, one after another. */
  async function measure(work: Promise<unknown>) {
    const stop = startEventLoopMonitor();
    const other = test.commandsOf({ id: 'ben', role: 'customer' });
    const state = { isDone: false };
    void work.finally(() => (state.isDone = true));
    let otherCommands = 0;
    while (!state.isDone) {
      await other.createRule(
        createRuleInput({ userId: 'ben', name: 'Own', opening: `Door ${otherCommands++}` }),
      );
    }
    await work;
    return { ...stop(), otherCommands };
  }
  /** Five times the limit of 100 ms. */
  const MAX_TURN_MS = 500;

  it.each([
    ['alternating readings', [alternate]],
    ['readings between stored ones', [() => 'CLOSED' as const, () => 'OPEN' as const]],
  ])('lets others wait only a short time: %s', async (_, batches) => {
    await createBrokenRules(40, test.commands);
    const work = (async () => {
      for (const [index, getState] of batches.entries()) {
        const readings = createReadings(120, getState).map((reading) => ({
          ...reading,
          at: new Date(Date.parse(reading.at) + index * 10_000).toISOString(),
        }));
        await test.commands.recordReadings({ userId: 'ana', readings });
      }
    })();
    const { longestTurnMs, otherCommands } = await measure(work);
    expect(longestTurnMs).toBeLessThan(MAX_TURN_MS);
    expect(otherCommands).toBeGreaterThan(5);
    expect((await replayLog(test.eventLog, 'ana')).alarms.size).toBeGreaterThan(4_700);
  });

  it('fails only when none of its transactions is in progress', async () => {
    await refuseReading(test, 'OPEN 0');
    const record = test.commands.recordReadings({ userId: 'ana', readings: createReadings(600, alternate) });
    await expect(record).rejects.toThrow();
    expect(await test.reader.select().from(test.tables.readings)).toEqual([]);
  });

  it('raises no alarm that a later reading of the command disproves', async () => {
    await createBrokenRules(50, test.commands);
    await test.commands.recordReadings({ userId: 'ana', readings: createReadings(80, alternate).reverse() });
    const { entries } = await test.eventLog.read(0, 1_000);
    expect(new Set(entries.map(({ type }) => type))).not.toContain('AlarmRetracted');
    const { alarms, intervals } = await replayLog(test.eventLog, 'ana');
    expect(intervals.get('Shop')?.size).toBe(40);
    expect([...alarms.values()].every(({ status, version }) => status === 'CLEARED' && version === 1)).toBe(
      true,
    );
  });

  it('raises no alarm that its other half disproves', async () => {
    await createBrokenRules(5, test.commands);
    const move = (readings: ReturnType<typeof createReadings>, getOffsetMs: (index: number) => number) =>
      readings.map((reading, index) => ({
        ...reading,
        at: new Date(Date.parse(reading.at) + getOffsetMs(index)).toISOString(),
      }));
    const stored = move(
      createReadings(100, () => 'CLOSED'),
      () => 10_000,
    );
    await test.commands.recordReadings({ userId: 'ana', readings: stored });
    // The opening is closed half a second after it was opened: sooner than the rules allow.
    const readings = move(
      createReadings(100, (index) => (index === 50 ? 'CLOSED' : 'OPEN')),
      (index) => (index === 50 ? 500 - 30_000 : 0),
    ).map((reading) => ({ ...reading, id: `late ${reading.id}` }));
    await test.commands.recordReadings({ userId: 'ana', readings });
    const { entries } = await test.eventLog.read(0, 5_000);
    expect(entries.filter(({ type }) => type === 'AlarmRaised')).toHaveLength(99 * 5 * 2 - 5);
    expect(entries.filter(({ type }) => type === 'AlarmRetracted')).toHaveLength(0);
  });

  it('lets others wait only a short time for many rules that change the past', async () => {
    const readings = createReadings(1_000, alternate);
    await test.commands.recordReadings({ userId: 'ana', readings });
    test.storage.scheduler.start();
    const { longestTurnMs, otherCommands } = await measure(createBrokenRules(20, test.commands));
    expect(longestTurnMs).toBeLessThan(MAX_TURN_MS);
    expect(otherCommands).toBeGreaterThan(5);
  });
});
