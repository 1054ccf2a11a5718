import { createLogger, createUserPseudonym } from '@seguridad-abc/platform';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NO_READ_MODEL_RECORDS } from '../domain/read-model.js';
import { createReadModelUpdater } from '../projector/read-model-updater.js';
import {
  buildAlarmCommented,
  buildAlarmEvent,
  buildCalendarEvent,
  buildExceptionEvent,
  buildLog,
  buildReadingsRecorded,
  buildReadingsWithdrawn,
  buildRuleCreated,
  type TestEvent,
} from '../testing/log-entries.js';
import { buildProjectedOpening, buildTimelineEntry } from '../testing/projected-records.js';
import { dumpReadModel } from '../testing/read-model-dump.js';
import { openTestReadModel, type TestReadModel } from '../testing/test-read-model.js';

const SALT = 'c2FsdA';
const erasureOf = (userId: string): TestEvent => ({
  type: 'UserErased',
  version: 1,
  data: { pseudonym: createUserPseudonym(SALT, userId), salt: SALT },
});
/** An event that this version cannot read. */
const unknown = (data: object): TestEvent => ({ type: 'RuleSung', version: 1, data });

let model: TestReadModel;
beforeEach(() => void (model = openTestReadModel()));
afterEach(() => model.close());

const openUpdater = async () => {
  const updater = createReadModelUpdater({
    store: model.store,
    onCommitted: () => undefined,
    publish: () => Promise.resolve(),
    logger: createLogger('test', 'silent'),
  });
  await updater.load();
  return updater;
};

async function apply(entries: ReturnType<typeof buildLog>) {
  const updater = await openUpdater();
  const { logId, position } = entries.at(-1)!;
  await updater.apply(entries, { logId, position });
  return updater;
}

const listSetAside = async () =>
  (await model.store.readSetAside(0, 100)).map(({ entry: { position, actor } }) => [
    position,
    actor?.id ?? null,
  ]);

describe('the erasure of a user in the read model', () => {
  it.each([
    ['is known', [buildRuleCreated({ id: 'r', userId: 'ana' })]],
    ['is only in entries that are set aside', [buildRuleCreated({ id: 'r', userId: 'bob' })]],
  ])('deletes its entries that are set aside, if the user %s', async (_, [first]) => {
    const entries = buildLog([
      first!,
      unknown({ rule: { userId: 'ana', song: 'la' } }),
      unknown({ rule: { userId: 'bob', song: 'la' } }),
      unknown({ song: ['of', { whom: 'ana' }] }),
      unknown({ alarm: { userId: 'bob', acknowledgedBy: 'ana' } }),
      erasureOf('ana'),
      unknown({ rule: { userId: 'ana', song: 'of a new life' } }),
    ]).map((entry) => ({
      ...entry,
      actor: { id: entry.position === 5 ? 'ana' : 'olga', role: 'operator' as const },
    }));
    const updater = await apply(entries);
    // What the user has done for another one stays, as in the log, without the user's id as its actor.
    expect(await listSetAside()).toEqual([
      [3, 'olga'],
      [5, null],
      [7, 'olga'],
    ]);
    expect(updater.setAside).toMatchObject({ count: 3, first: 3 });
  });

  it('deletes everything of the user from before it, and keeps what comes later', async () => {
    const withAll = (userId: string, id: string) => [
      buildRuleCreated({ id: `rule ${id}`, userId }),
      buildReadingsRecorded({ userId, opening: `door ${id}`, tampered: true }),
      buildReadingsWithdrawn({ userId, opening: `door ${id}`, tampered: true }, ['2026-03-01T08:01:00.000Z']),
      buildAlarmEvent('AlarmRaised', { id: `alarm ${id}`, userId }),
      buildAlarmCommented(`comment ${id}`, { id: `alarm ${id}`, userId, version: 2 }),
      buildCalendarEvent('CalendarCreated', { id: `calendar ${id}`, userId }),
      buildExceptionEvent('ExceptionCreated', { id: `exception ${id}`, userId }),
    ];
    await apply(
      buildLog([...withAll('ana', '1'), ...withAll('bob', '2'), erasureOf('ana'), ...withAll('ana', '3')]),
    );
    const dumps: Record<string, unknown[]> = dumpReadModel(model.file);
    for (const table of [
      'rules',
      'openings',
      'intervals',
      'heard_instants',
      'alarms',
      'alarm_timeline',
      'calendars',
      'exceptions',
    ]) {
      const text = (dumps[table] ?? []).join();
      expect([table, ['1', '2', '3'].filter((id) => text.includes(` ${id}"`))]).toEqual([table, ['2', '3']]);
    }
  });

  it('deletes a long timeline in several transactions', async () => {
    const alarmTimeline = Array.from({ length: 5_000 }, (_, index) =>
      buildTimelineEntry({ alarmId: 'long', version: index + 1 }),
    );
    await apply(buildLog([buildAlarmEvent('AlarmRaised', { id: 'long' }), buildReadingsRecorded()]));
    const from = await model.store.readCheckpoint();
    await model.store.commit({ from, to: from, records: { ...NO_READ_MODEL_RECORDS, alarmTimeline } });
    const erasure = { pseudonym: createUserPseudonym(SALT, 'ana'), salt: SALT, position: 3 };
    const counts = [5_000];
    const eraseSome = async () => {
      const hasMore = await model.store.eraseSome(erasure);
      counts.push(...(await model.repositories.alarmTimeline.readCounts([{ alarmId: 'long' }], undefined)));
      return hasMore;
    };
    while (await eraseSome());
    expect(counts.slice(0, 4)).toEqual([5_000, 3_000, 1_000, 0]);
    expect(await model.repositories.alarms.findByIds(['long'])).toEqual(new Map());
  });

  it.each([
    ['a calendar', buildCalendarEvent()],
    ['an exception', buildExceptionEvent()],
  ])('keeps the user known by %s of later', async (_, event) => {
    await apply(buildLog([buildReadingsRecorded(), erasureOf('ana'), event]));
    expect((await model.repositories.users.findKnownIds(['ana'])).size).toBe(1);
    await erase('ana', 3);
    expect((await model.repositories.users.findKnownIds(['ana'])).size).toBe(1);
    await erase('ana', 4);
    expect((await model.repositories.users.findKnownIds(['ana'])).size).toBe(0);
  });

  it('takes effect before later entries, if it was set aside itself together with earlier ones', async () => {
    const entries = buildLog([buildRuleCreated({ id: 'r', userId: 'ana' }), erasureOf('ana')]);
    const to = { logId: 'log-1', position: 2 };
    const setAside = entries.map((entry) => ({ entry, reason: 'an older version could not read it' }));
    await model.store.commit({ from: { logId: null, position: 0 }, to, setAside });
    const updater = await openUpdater();
    expect(updater.setAside.count).toBe(0);
    expect((await model.repositories.users.findKnownIds(['ana'])).size).toBe(0);
  });
});

const createErasure = (userId: string, position: number) => ({
  position,
  pseudonym: createUserPseudonym(SALT, userId),
  salt: SALT,
});

/** Erases until nothing is left. @returns the number of transactions */
async function erase(userId: string, position: number): Promise<number> {
  let transactions = 1;
  while (await model.store.eraseSome(createErasure(userId, position))) transactions += 1;
  return transactions;
}

const createOpening = (userId: string) => buildProjectedOpening({ userId, name: 'Door' });
const countRules = (userId: string) => model.createQueries().rules.list({ filter: { userId } });

it('an erasure removes the records of its user and of no other', async () => {
  await model.write({ openings: ['ana', 'bea'].map(createOpening) });
  await model.addRule({ userId: 'ana' });
  await model.addRule({ userId: 'bea', name: 'Other' });
  await erase('ana', 1_000);
  expect(await countRules('ana').totalCount()).toBe(0);
  expect(await countRules('bea').totalCount()).toBe(1);
  // Repeated after a restart, it changes nothing.
  await erase('ana', 1_000);
  expect(await countRules('bea').totalCount()).toBe(1);
});

it('one transaction searches a limited number of users', async () => {
  const userIds = Array.from({ length: 4_500 }, (_, index) => `user ${String(index).padStart(5, '0')}`);
  await model.write({ openings: [...userIds, 'zoe'].map(createOpening) });
  await model.addRule({ userId: 'zoe' });
  expect(await erase('zoe', 1_000)).toBe(3);
  expect(await countRules('zoe').totalCount()).toBe(0);
  expect(await erase('nobody', 1_000)).toBe(3);
});
