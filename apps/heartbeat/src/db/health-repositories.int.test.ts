import type { HealthStatus } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deriveCompactionChanges } from '../domain/uptime.js';
import { compactHistory } from '../history/history-compaction.js';
import { openTestHealthStore, usesPostgres, type TestHealthStore } from '../testing/test-health-store.js';
import { transitionHistories } from '../testing/transition-histories.js';
import type { RecordedTransition } from './health-repositories.js';

const DAY_MS = 24 * 60 * 60 * 1_000;
const SAVED_HEALTH = { aliveAt: 0, services: [] };

let store: TestHealthStore;
let transitionCount = 0;
beforeEach(async () => void (store = await openTestHealthStore()));
afterEach(() => store.close());

const createTransition = (
  service: string,
  from: HealthStatus,
  to: HealthStatus,
  at: number,
): RecordedTransition => ({
  id: `1-${++transitionCount}`,
  service,
  from,
  to,
  at,
  reason: `it is ${to}`,
});
/** Creates a chain of transitions. Times are in days since 1970. */
const createChain = (service: string, ...steps: [HealthStatus, number][]) =>
  steps.map(([to, day], index) =>
    createTransition(service, steps[index - 1]?.[0] ?? 'UNKNOWN', to, Math.round(day * DAY_MS)),
  );
const history = () => store.history;
const save = (...transitions: RecordedTransition[]) => history().save(transitions, SAVED_HEALTH);
const findAll = async (service: string) => {
  const rows = await history().findSince([service], -1);
  return rows.get(service)?.map(({ from, to, at }) => `${from} ${to} ${at / DAY_MS}`);
};

describe('saving', () => {
  it('returns the last saved health after a restart', async () => {
    const service = {
      name: 'reports',
      status: 'UP',
      since: 1,
      lastBeatAt: 2,
      intervalMs: 3,
      missed: true,
    } as const;
    expect(await history().loadSavedHealth()).toBeUndefined();
    await history().save([], SAVED_HEALTH);
    await history().save([createTransition('reports', 'UNKNOWN', 'UP', 1)], {
      aliveAt: 7,
      services: [service],
      term: 3,
      lastTransition: '3-1',
    });
    await store.reopen();
    expect(await history().loadSavedHealth()).toStrictEqual({
      aliveAt: 7,
      services: [service],
      term: 3,
      lastTransition: '3-1',
    });
    expect(await findAll('reports')).toHaveLength(1);
  });

  it('saves a transition that it has under its id once', async () => {
    const [first, second] = createChain('reports', ['UP', 1], ['DOWN', 2]) as [
      RecordedTransition,
      RecordedTransition,
    ];
    await save(first);
    await save(first, second);
    expect(await findAll('reports')).toStrictEqual(['UNKNOWN UP 1', 'UP DOWN 2']);
  });

  it('leaves out transitions up to the last stored one, which a compaction may have removed', async () => {
    const [first, second] = createChain('reports', ['UP', 1], ['DOWN', 2]) as [
      RecordedTransition,
      RecordedTransition,
    ];
    await history().save([second], { ...SAVED_HEALTH, term: 1, lastTransition: second.id });
    await history().save([first, second], { ...SAVED_HEALTH, term: 1, lastTransition: first.id });
    expect(await findAll('reports')).toStrictEqual(['UP DOWN 2']);
    expect((await history().loadSavedHealth())?.lastTransition).toBe(second.id);
  });

  it('keeps the health of a later term', async () => {
    await history().save([], { aliveAt: 5, services: [], term: 2, lastTransition: '2-1' });
    await history().save([], { aliveAt: 9, services: [], term: 1, lastTransition: '1-4' });
    expect(await history().loadSavedHealth()).toMatchObject({ aliveAt: 5, term: 2, lastTransition: '2-1' });
  });

  it('stores each transition once, in order, if two writers have the same ones', async () => {
    const chain = createChain(
      'reports',
      ...Array.from({ length: 700 }, (_, i): [HealthStatus, number] => [i % 2 ? 'DOWN' : 'UP', i]),
    );
    const steps = [chain.slice(0, 3), chain.slice(3, 600), chain.slice(600)];
    await Promise.all(
      [chain, ...steps, chain.slice(0, 650)].map((part) =>
        history().save(part, { ...SAVED_HEALTH, term: 1, lastTransition: part.at(-1)?.id }),
      ),
    );
    expect(await findAll('reports')).toStrictEqual(
      chain.map(({ from, to, at }) => `${from} ${to} ${at / DAY_MS}`),
    );
  });

  it('saves everything or nothing', async () => {
    const broken = { ...createTransition('reports', 'UP', 'DOWN', 2), reason: null as unknown as string };
    await expect(save(createTransition('reports', 'UNKNOWN', 'UP', 1), broken)).rejects.toThrow();
    expect(await findAll('reports')).toStrictEqual([]);
    expect(await history().loadSavedHealth()).toBeUndefined();
  });
});

describe('queries', () => {
  beforeEach(() =>
    save(
      ...createChain('a', ['UP', 1], ['DOWN', 2], ['UP', 3]),
      ...createChain('b', ['UP', 2], ['LATE', 4]),
      ...createChain('c', ['DOWN', 5]),
    ),
  );

  it('find the newest transitions of each service, newest first, with one statement', async () => {
    store.statements.length = 0;
    const newest = await history().findNewest(['a', 'b', 'unlisted'], 2);
    expect(
      [...newest].map(([name, rows]) => [name, rows.map(({ to, at }) => `${to} ${at / DAY_MS}`)]),
    ).toStrictEqual([
      ['a', ['UP 3', 'DOWN 2']],
      ['b', ['LATE 4', 'UP 2']],
      ['unlisted', []],
    ]);
    expect(store.statements).toHaveLength(1);
  });

  it('find the transition in effect at a time and all later ones, with one statement', async () => {
    store.statements.length = 0;
    const since = await history().findSince(['a', 'b', 'c'], 2.5 * DAY_MS);
    expect(
      [...since].map(([name, rows]) => [name, rows.map(({ to, at }) => `${to} ${at / DAY_MS}`)]),
    ).toStrictEqual([
      ['a', ['DOWN 2', 'UP 3']],
      ['b', ['UP 2', 'LATE 4']],
      ['c', ['DOWN 5']],
    ]);
    expect(store.statements).toHaveLength(1);
  });
});

describe('compaction', () => {
  it('deletes transitions older than 400 days, except the one in effect then', async () => {
    await save(
      ...createChain('a', ['UP', 1], ['DOWN', 50], ['UP', 90], ['DOWN', 110]),
      ...createChain('gone', ['UP', 1], ['UNKNOWN', 2]),
    );
    await compactHistory(history(), 500 * DAY_MS);
    expect(await findAll('a')).toStrictEqual(['DOWN UP 90', 'UP DOWN 110']);
    expect(await findAll('gone')).toStrictEqual(['UP UNKNOWN 2']);
  });

  it('merges transitions older than 35 days and leaves later ones', async () => {
    await save(...createChain('a', ['UP', 1], ['LATE', 2], ['UP', 64], ['LATE', 66], ['UP', 67]));
    await compactHistory(history(), 100 * DAY_MS);
    expect(await findAll('a')).toStrictEqual(['UNKNOWN UP 1', 'UP LATE 66', 'LATE UP 67']);
  });

  it('merges a long history in short transactions with the same result', async () => {
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
    await save(...createChain('a', ...long));
    const findOld = async () => {
      const query = { before: DAY_MS * 10, fromId: 0, limit: 10_000 };
      return (await history().mergeOld('a', query, () => ({ removed: [], relinked: [] }))).found;
    };
    const before = await findOld();
    const { removed } = deriveCompactionChanges(before);
    store.statements.length = 0;
    await compactHistory(history(), 45 * DAY_MS);
    const after = await findOld();
    const remaining = before.filter(({ id }) => !removed.includes(id));
    expect(after.map(({ id, to }) => [id, to])).toStrictEqual(remaining.map(({ id, to }) => [id, to]));
    after.forEach(({ from }, index) => expect(from).toBe(after[index - 1]?.to ?? 'UNKNOWN'));
    expect(store.statements.filter((statement) => statement.startsWith('delete')).length).toBeGreaterThan(8);
  });

  it('deletes a long history in short transactions', async () => {
    const long = Array.from({ length: 1_600 }, (_, i): [HealthStatus, number] => [
      i % 2 ? 'UP' : 'DOWN',
      i / 10_000,
    ]);
    await save(...createChain('a', ...long));
    await compactHistory(history(), 401 * DAY_MS);
    expect(await findAll('a')).toStrictEqual(['DOWN UP 0.1599']);
    expect(
      store.statements.filter((statement) => statement.startsWith('delete')).length,
    ).toBeGreaterThanOrEqual(4);
  });

  it('changes nothing the second time', async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(transitionHistories, async (transitions) => {
        const service = `service ${(round += 1)}`;
        await save(
          ...transitions.map(({ from, to, at }): RecordedTransition =>
            createTransition(service, from, to, at),
          ),
        );
        await compactHistory(history(), 36 * DAY_MS);
        const once = await findAll(service);
        await compactHistory(history(), 36 * DAY_MS);
        expect(await findAll(service)).toStrictEqual(once);
      }),
      { numRuns: 20 },
    );
  });
});

describe('maintenance records', () => {
  it('are saved and replaced by later ones, across restarts', async () => {
    const record = {
      service: 'reports',
      revision: 1,
      reason: 'new disk',
      since: '2026-01-31T08:00:00.000Z',
      until: null,
      isEnded: false,
    };
    const other = { ...record, service: 'gateway', until: '2026-01-31T09:00:00.000Z' };
    await store.maintenance.save(record);
    await store.maintenance.save(other);
    await store.reopen();
    const { maintenance: reopened } = store;
    expect(await reopened.findAll()).toStrictEqual([other, record]);
    const ended = { ...record, revision: 3, reason: 'two disks', isEnded: true };
    expect(await reopened.save(ended)).toBe(true);
    expect(await reopened.save({ ...record, revision: 2 })).toBe(false);
    expect(await reopened.save(ended)).toBe(true);
    expect(await reopened.findAll()).toStrictEqual([other, ended]);
    expect(await store.getSynchronous()).toBe(usesPostgres ? undefined : 1);
    // Another command has replaced what a monitor wants to remove.
    await reopened.remove(record);
    await reopened.remove(other);
    expect(await reopened.findAll()).toStrictEqual([ended]);
  });
});
