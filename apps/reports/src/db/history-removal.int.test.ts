import { createLogger } from '@seguridad-abc/platform';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createReadModelUpdater } from '../projector/read-model-updater.js';
import {
  buildAlarmCommented,
  buildAlarmEvent,
  buildLog,
  buildReadingsRecorded,
  buildReadingsWithdrawn,
  type TestEvent,
} from '../testing/log-entries.js';
import { buildTimelineEntry } from '../testing/projected-records.js';
import { dumpReadModel, readHeardInstants } from '../testing/read-model-dump.js';
import { openTestReadModel, type TestReadModel } from '../testing/test-read-model.js';
import type { ProjectionStore } from './projection-store.js';

let model: TestReadModel;
beforeEach(() => void (model = openTestReadModel()));
afterEach(() => model.close());

const HORIZON = '2026-02-01T00:00:00.000Z';
const OLD = '2026-01-31T23:59:59.999Z';

const alarm = (
  id: string,
  status: 'ACTIVE' | 'CLEARED' | 'RETRACTED',
  raisedAt: string,
  clearedAt: string | null,
) => buildAlarmEvent('AlarmRaised', { id, status, raisedAt, clearedAt });
const interval = (startId: string, endedAt: string | null) =>
  ({ signal: 'OPEN', startId, startedAt: OLD, endedAt }) as const;

it('removes what ended before the horizon, and what is known of removed intervals and dead letters', async () => {
  const events: TestEvent[] = [
    alarm('old', 'CLEARED', OLD, OLD),
    alarm('old but active', 'ACTIVE', OLD, null),
    alarm('over the horizon', 'CLEARED', OLD, HORIZON),
    alarm('retracted', 'RETRACTED', OLD, null),
    alarm('retracted later', 'RETRACTED', HORIZON, null),
    buildReadingsRecorded({
      intervals: [interval('old', OLD), interval('open', null), interval('long', HORIZON)],
    }),
    buildReadingsRecorded({ intervals: [], removed: [{ signal: 'OPEN', startId: 'removed' }] }),
    { type: 'RuleSung', version: 1, data: {} },
    buildReadingsRecorded({ intervals: [], removed: [{ signal: 'OPEN', startId: 'removed later' }] }),
    { type: 'RuleSung', version: 1, data: {} },
    { type: 'HistoryRemoved', version: 1, data: { before: HORIZON, position: 8 } },
    // Enough rows for several transactions.
    ...Array.from({ length: 700 }, (_, index) => alarm(`more ${index}`, 'CLEARED', OLD, OLD)),
    { type: 'HistoryRemoved', version: 1, data: { before: HORIZON, position: 8 } },
  ];
  const log = buildLog(events);
  const updater = createReadModelUpdater({
    store: model.store,
    onCommitted: () => undefined,
    publish: () => Promise.resolve(),
    logger: createLogger('test', 'silent'),
  });
  await updater.load();
  await updater.apply(log, { logId: 'log-1', position: log.length });
  const dump = Object.values(dumpReadModel(model.file)).flat().join();
  const has = (id: string) => dump.includes(`"${id}"`);
  const ids = ['old', 'old but active', 'over the horizon', 'retracted', 'retracted later', 'open', 'long'];
  expect(ids.filter(has)).toEqual(['old but active', 'over the horizon', 'retracted later', 'open', 'long']);
  expect(['removed', 'removed later'].filter(has)).toEqual(['removed later']);
  expect(dump).not.toContain('more ');
  expect((await model.store.readSetAside(0, 10)).map(({ entry }) => entry.position)).toEqual([10]);
  expect(updater.setAside.count).toBe(1);
  expect(await model.repositories.alarms.findChangesSince(0, null, 10)).toMatchObject({ compactedUpTo: 8 });
});

it('removes the timelines of alarms that have ended, and of those that have returned what was before', async () => {
  const change = (version: number, status: 'ACTIVE' | 'CLEARED', id: string) =>
    buildAlarmEvent(status === 'ACTIVE' ? 'AlarmUpdated' : 'AlarmCleared', {
      id,
      version,
      status,
      raisedAt: OLD,
      clearedAt: status === 'ACTIVE' ? null : OLD,
    });
  const events: TestEvent[] = [
    ...['over', 'lasting', 'returned', 'returned later', 'over later', 'over and back later'].map((id) =>
      change(1, 'ACTIVE', id),
    ),
    change(2, 'CLEARED', 'over'),
    change(2, 'CLEARED', 'returned'),
    buildAlarmCommented('Still here.', { id: 'lasting', version: 2 }),
    change(2, 'CLEARED', 'returned later'),
    change(3, 'ACTIVE', 'returned'),
    // The log is compacted up to here.
    change(3, 'ACTIVE', 'returned later'),
    change(2, 'CLEARED', 'over later'),
    change(2, 'CLEARED', 'over and back later'),
    change(3, 'ACTIVE', 'over and back later'),
    { type: 'HistoryRemoved', version: 1, data: { before: HORIZON, position: 11 } },
  ];
  const log = buildLog(events);
  const updater = createReadModelUpdater({
    store: model.store,
    onCommitted: () => undefined,
    publish: () => Promise.resolve(),
    logger: createLogger('test', 'silent'),
  });
  await updater.load();
  await updater.apply(log, { logId: 'log-1', position: log.length });
  const { alarms } = model.createQueries();
  const readVersions = async (id: string) =>
    (await alarms.listTimeline(id, {}).nodes()).map(({ version }) => version);
  expect(await readVersions('over')).toEqual([]);
  expect(await readVersions('lasting')).toEqual([1, 2]);
  expect(await readVersions('returned')).toEqual([3]);
  expect(await readVersions('returned later')).toEqual([3]);
  expect(await readVersions('over later')).toEqual([]);
  expect(await readVersions('over and back later')).toEqual([1, 2, 3]);
});

it('removes a long timeline in several transactions, and continues after a crash', async () => {
  const ENTRIES = 10_000;
  const alarmTimeline = Array.from({ length: ENTRIES }, (_, index) =>
    buildTimelineEntry({ alarmId: 'long', version: index + 1, endedAt: index === ENTRIES - 2 ? OLD : null }),
  );
  // Its last entry but one shows an end before the horizon. It has returned.
  await model.addAlarm({ id: 'long', status: 'ACTIVE', raisedAt: OLD, clearedAt: null, version: ENTRIES });
  await model.addAlarm({ id: 'short', status: 'ACTIVE', raisedAt: OLD, clearedAt: null });
  await model.write({ alarmTimeline: [...alarmTimeline, buildTimelineEntry({ alarmId: 'short' })] });
  const removal = { before: HORIZON, upTo: 1, position: 4 };
  const countEntries = () => model.repositories.alarmTimeline.readCounts([{ alarmId: 'long' }], undefined);
  const counts = [ENTRIES];
  const removeSome = async (store: ProjectionStore) => {
    const hasMore = await store.removeSomeHistory(removal);
    counts.push(...(await countEntries()));
    return hasMore;
  };
  while (counts.at(-1) === ENTRIES) await removeSome(model.store);
  const restarted = model.createStore();
  while (await removeSome(restarted));
  expect(counts.at(-1)).toBe(1);
  counts.reduce((before, after) => {
    expect(before - after).toBeLessThanOrEqual(2_000);
    return after;
  });
  expect(await model.repositories.alarmTimeline.readCounts([{ alarmId: 'short' }], undefined)).toEqual([1]);
});

it('removes the instants before the horizon, except the last one at which an opening was heard', async () => {
  const at = (offset: number) => new Date(Date.parse(HORIZON) + offset).toISOString();
  const record = (opening: string, offsets: readonly number[]) =>
    buildReadingsRecorded(
      { opening, intervals: [] },
      offsets.map((offset) => ({ id: `r${offset}`, state: 'CLOSED', at: at(offset) })),
    );
  const many = Array.from({ length: 3_000 }, (_, index) => index - 5_000);
  const events: TestEvent[] = [
    record('Door', [-9, -3, -2, 0, 4]),
    record('Gate', [-9]),
    record('Safe', many),
    buildReadingsWithdrawn({ opening: 'Door', removed: [] }, [at(-2), at(4)]),
    record('Window', [-9, -8, 5]),
    buildReadingsWithdrawn({ opening: 'Window', removed: [] }, [at(-8), at(5)]),
    { type: 'HistoryRemoved', version: 1, data: { before: HORIZON, position: 4 } },
  ];
  const log = buildLog(events);
  const updater = createReadModelUpdater({
    store: model.store,
    onCommitted: () => undefined,
    publish: () => Promise.resolve(),
    logger: createLogger('test', 'silent'),
  });
  await updater.load();
  await updater.apply(log, { logId: 'log-1', position: log.length });
  const found = readHeardInstants(model.file).map(
    (each) => `${each.opening} ${each.at - Date.parse(HORIZON)}${each.isHeard ? '' : ' withdrawn'}`,
  );
  expect(found).toEqual([
    'Door -3',
    'Door 0',
    'Gate -9',
    'Safe -2001',
    // The compacted log still has its withdrawals.
    'Window -9',
    'Window -8 withdrawn',
    'Window 5 withdrawn',
  ]);
});
