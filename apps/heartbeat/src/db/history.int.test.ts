import { temporaryFolder } from '@seguridad-abc/platform/testing';
import type { HealthStatus } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compact } from '../domain/compact.js';
import type { Transition } from '../domain/transition.js';
import { compactHistory } from '../history/keep-compact.js';
import { histories } from '../testing/histories.js';
import { createHistoryArchive } from './history-archive.js';
import { createHistoryReader } from './history-reader.js';
import { createHistoryStore } from './history-store.js';
import { createMaintenanceStore } from './maintenance-store.js';
import { openHeartbeatDatabase, type OpenHeartbeatDatabase } from './open.js';

const DAY_MS = 24 * 60 * 60 * 1_000;
const MEMORY = { aliveAt: 0, services: [] };

let folder: ReturnType<typeof temporaryFolder>;
let database: OpenHeartbeatDatabase;
let statements: string[];
const open = () => {
  statements = [];
  database = openHeartbeatDatabase(folder.path, (statement) => statements.push(statement));
};
beforeEach(() => {
  folder = temporaryFolder();
  open();
});
afterEach(() => {
  database.close();
  folder.remove();
});

const step = (service: string, from: HealthStatus, to: HealthStatus, at: number): Transition => ({
  service,
  from,
  to,
  at,
  reason: `it is ${to}`,
});
/** Since the first second of 1970, in days. */
const inDays = (service: string, ...steps: [HealthStatus, number][]) =>
  steps.map(([to, day], index) => step(service, steps[index - 1]?.[0] ?? 'UNKNOWN', to, day * DAY_MS));
const save = (...transitions: Transition[]) => createHistoryStore(database.db).save(transitions, MEMORY);
const all = async (service: string) => {
  const rows = await createHistoryReader(database.db).since([service], -Infinity);
  return rows.get(service)?.map(({ from, to, at }) => `${from} ${to} ${at / DAY_MS}`);
};

describe('the store', () => {
  it('gives back after a restart what it was given last', async () => {
    const service = {
      name: 'reports',
      status: 'UP',
      since: 1,
      lastBeatAt: 2,
      intervalMs: 3,
      missed: true,
    } as const;
    const store = createHistoryStore(database.db);
    expect(await store.memory()).toBeUndefined();
    await store.save([], MEMORY);
    await store.save([step('reports', 'UNKNOWN', 'UP', 1)], { aliveAt: 7, services: [service] });
    database.close();
    open();
    expect(await createHistoryStore(database.db).memory()).toStrictEqual({ aliveAt: 7, services: [service] });
    expect(await all('reports')).toHaveLength(1);
  });

  it('saves all or nothing', async () => {
    const broken = { ...step('reports', 'UP', 'DOWN', 2), reason: null as unknown as string };
    await expect(save(step('reports', 'UNKNOWN', 'UP', 1), broken)).rejects.toThrow(/NOT NULL/);
    expect(await all('reports')).toStrictEqual([]);
    expect(await createHistoryStore(database.db).memory()).toBeUndefined();
  });
});

describe('the reader', () => {
  beforeEach(() =>
    save(
      ...inDays('a', ['UP', 1], ['DOWN', 2], ['UP', 3]),
      ...inDays('b', ['UP', 2], ['LATE', 4]),
      ...inDays('c', ['DOWN', 5]),
    ),
  );

  it('gives the newest of each, newest first, in one statement', async () => {
    statements.length = 0;
    const newest = await createHistoryReader(database.db).newest(['a', 'b', 'nobody'], 2);
    expect(
      [...newest].map(([name, rows]) => [name, rows.map(({ to, at }) => `${to} ${at / DAY_MS}`)]),
    ).toStrictEqual([
      ['a', ['UP 3', 'DOWN 2']],
      ['b', ['LATE 4', 'UP 2']],
      ['nobody', []],
    ]);
    expect(statements).toHaveLength(1);
  });

  it('gives what came after a moment, after what held then, in one statement', async () => {
    statements.length = 0;
    const since = await createHistoryReader(database.db).since(['a', 'b', 'c'], 2.5 * DAY_MS);
    expect(
      [...since].map(([name, rows]) => [name, rows.map(({ to, at }) => `${to} ${at / DAY_MS}`)]),
    ).toStrictEqual([
      ['a', ['DOWN 2', 'UP 3']],
      ['b', ['UP 2', 'LATE 4']],
      ['c', ['DOWN 5']],
    ]);
    expect(statements).toHaveLength(1);
  });
});

describe('compaction', () => {
  const archive = () => createHistoryArchive(database.db);

  it('forgets what is older than 400 days, but for what held then', async () => {
    await save(
      ...inDays('a', ['UP', 1], ['DOWN', 50], ['UP', 90], ['DOWN', 110]),
      ...inDays('gone', ['UP', 1], ['UNKNOWN', 2]),
    );
    await compactHistory(archive(), 500 * DAY_MS);
    expect(await all('a')).toStrictEqual(['DOWN UP 90', 'UP DOWN 110']);
    expect(await all('gone')).toStrictEqual(['UP UNKNOWN 2']);
  });

  it('merges what is older than 35 days and leaves the rest', async () => {
    await save(...inDays('a', ['UP', 1], ['LATE', 2], ['UP', 64], ['LATE', 66], ['UP', 67]));
    await compactHistory(archive(), 100 * DAY_MS);
    expect(await all('a')).toStrictEqual(['UNKNOWN UP 1', 'UP LATE 66', 'LATE UP 67']);
  });

  it('goes through a long history in short transactions, to the same end', async () => {
    const statuses: HealthStatus[] = [
      'UP',
      'LATE',
      'DEGRADED',
      'DOWN',
      'UP',
      'LATE',
      'UNKNOWN',
      'MAINTENANCE',
    ];
    const long = Array.from({ length: 4_001 }, (_, i): [HealthStatus, number] => [
      statuses[i % 8]!,
      i / 1_000,
    ]);
    await save(...inDays('a', ...long));
    const before = await archive().old('a', { before: DAY_MS * 10, from: 0, limit: 10_000 });
    const { removed } = compact(before);
    statements.length = 0;
    await compactHistory(archive(), 45 * DAY_MS);
    const after = await archive().old('a', { before: DAY_MS * 10, from: 0, limit: 10_000 });
    const kept = before.filter(({ id }) => !removed.includes(id));
    expect(after.map(({ id, to }) => [id, to])).toStrictEqual(kept.map(({ id, to }) => [id, to]));
    after.forEach(({ from }, index) => expect(from).toBe(after[index - 1]?.to ?? 'UNKNOWN'));
    expect(statements.filter((statement) => statement.startsWith('delete')).length).toBeGreaterThan(8);
  });

  it('forgets a long history in short transactions', async () => {
    const long = Array.from({ length: 1_600 }, (_, i): [HealthStatus, number] => [
      i % 2 ? 'UP' : 'DOWN',
      i / 10_000,
    ]);
    await save(...inDays('a', ...long));
    await compactHistory(archive(), 401 * DAY_MS);
    expect(await all('a')).toStrictEqual(['DOWN UP 0.1599']);
    expect(statements.filter((statement) => statement.startsWith('delete')).length).toBeGreaterThanOrEqual(4);
  });

  it('done twice is done once, whatever the history', async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const service = `service ${(round += 1)}`;
        await save(...history.map(({ from, to, at, reason }) => ({ service, from, to, at, reason })));
        await compactHistory(archive(), 36 * DAY_MS);
        const once = await all(service);
        await compactHistory(archive(), 36 * DAY_MS);
        expect(await all(service)).toStrictEqual(once);
      }),
      { numRuns: 20 },
    );
  });
});

describe('maintenance', () => {
  it('is kept, replaced and removed, over restarts', async () => {
    const disk = { service: 'reports', reason: 'new disk', since: 1, until: undefined };
    const store = createMaintenanceStore(database.db);
    await store.put(disk);
    await store.put({ ...disk, service: 'gateway', until: 5 });
    database.close();
    open();
    const again = createMaintenanceStore(database.db);
    expect(await again.all()).toStrictEqual([{ ...disk, service: 'gateway', until: 5 }, disk]);
    await again.put({ ...disk, reason: 'two disks' });
    await again.remove('gateway');
    expect(await again.all()).toStrictEqual([{ ...disk, reason: 'two disks' }]);
    expect(database.db.$client.pragma('synchronous', { simple: true })).toBe(1);
  });
});
