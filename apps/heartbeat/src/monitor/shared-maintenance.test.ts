import {
  DEFAULT_REDIS_NAMES,
  MAX_MAINTENANCE_RECORDS,
  type MaintenanceRecord,
} from '@seguridad-abc/contracts';
import type { RedisPubSubClient } from '@seguridad-abc/platform';
import { recordLogs } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSharedMaintenance, type SharedMaintenanceOptions } from './shared-maintenance.js';

const PERIOD = { service: 'reports', reason: 'new disk', since: 1_000, until: undefined };

const DAY_MS = 24 * 60 * 60 * 1_000;

function createMaintenance(overrides: Partial<SharedMaintenanceOptions> = {}) {
  return createSharedMaintenance({
    restored: [],
    pubsub: {
      names: DEFAULT_REDIS_NAMES,
      publish: () => Promise.resolve(),
    } as unknown as RedisPubSubClient,
    save: () => Promise.resolve(true),
    remove: () => Promise.resolve(),
    readWallClock: () => 0,
    onChanged: () => undefined,
    logger: recordLogs().logger,
    ...overrides,
  });
}

it('of two commands at once the second one counts', async () => {
  const saved: MaintenanceRecord[] = [];
  const maintenance = createMaintenance({
    save: (record) => Promise.resolve(saved.push(record) > 0),
  });
  await Promise.all([
    maintenance.startMaintenance({ ...PERIOD, reason: 'second disk' }),
    maintenance.startMaintenance({ ...PERIOD, reason: 'first disk' }),
  ]);
  expect(saved.map(({ revision, reason }) => [revision, reason])).toStrictEqual([
    [1, 'second disk'],
    [2, 'first disk'],
  ]);
  expect(maintenance.records).toStrictEqual([saved[1]]);
});

it('a command that cannot be stored does not prevent the next one', async () => {
  let isFull = true;
  const maintenance = createMaintenance({
    save: () => (isFull ? Promise.reject(new Error('disk full')) : Promise.resolve(true)),
  });
  await expect(maintenance.startMaintenance(PERIOD)).rejects.toThrow('disk full');
  isFull = false;
  await maintenance.startMaintenance(PERIOD);
  expect(maintenance.records).toMatchObject([{ revision: 1, reason: 'new disk' }]);
});

it('a command is refused if the database has a later one', async () => {
  const maintenance = createMaintenance({ save: () => Promise.resolve(false) });
  await expect(maintenance.startMaintenance(PERIOD)).rejects.toMatchObject({
    extensions: { code: 'CONFLICT' },
  });
  expect(maintenance.records).toStrictEqual([]);
});

describe('maintenance that ended 30 days ago', () => {
  const fill = async (options: Partial<SharedMaintenanceOptions>) => {
    const maintenance = createMaintenance(options);
    for (let index = 0; index < MAX_MAINTENANCE_RECORDS; index++) {
      const period = { ...PERIOD, service: `service ${index}` };
      await maintenance.startMaintenance(period);
      await maintenance.endMaintenance(period);
    }
    return maintenance;
  };

  it('leaves room for other services', async () => {
    let now = 0;
    const maintenance = await fill({ readWallClock: () => now });
    now = 30 * DAY_MS - 1;
    await expect(maintenance.startMaintenance(PERIOD)).rejects.toThrow('in the last 30 days');
    now += 1;
    await maintenance.startMaintenance(PERIOD);
    expect(maintenance.records).toMatchObject([{ service: 'reports' }]);
  });

  it('is not in reports, and does not come back from a monitor that still has it', async () => {
    let now = 0;
    const published: unknown[] = [];
    const pubsub = {
      names: DEFAULT_REDIS_NAMES,
      publish: (_channel: string, message: unknown) => Promise.resolve(void published.push(message)),
    } as unknown as RedisPubSubClient;
    const saved: MaintenanceRecord[] = [];
    const save = (record: MaintenanceRecord) => Promise.resolve(saved.push(record) > 0);
    const maintenance = createMaintenance({ readWallClock: () => now, pubsub, save });
    await maintenance.startMaintenance(PERIOD);
    await maintenance.endMaintenance(PERIOD);
    const { records } = maintenance;
    now = 30 * DAY_MS;
    const before = { published: published.length, saved: saved.length };
    expect(maintenance.records).toStrictEqual([]);
    maintenance.receive(records, { isComplete: true });
    // Another monitor has removed it already.
    maintenance.receive([], { isComplete: true });
    expect(maintenance.records).toStrictEqual([]);
    expect({ published: published.length, saved: saved.length }).toStrictEqual(before);
  });

  describe('and was stored by an earlier run', () => {
    const ended = { ...PERIOD, revision: 7, since: '1970-01-01T00:00:00.000Z', until: null, isEnded: true };
    let abort: AbortController;
    beforeEach(() => {
      vi.useFakeTimers();
      abort = new AbortController();
    });
    afterEach(() => {
      abort.abort();
      vi.useRealTimers();
    });
    const restore = (options: Partial<SharedMaintenanceOptions>) =>
      createMaintenance({
        restored: [ended],
        readWallClock: () => 31 * DAY_MS,
        pubsub: {
          names: DEFAULT_REDIS_NAMES,
          publish: () => Promise.resolve(),
          subscribe: () => Promise.resolve(() => undefined),
        } as unknown as RedisPubSubClient,
        ...options,
      });

    it('is removed at the start, not by reading', async () => {
      const removed: MaintenanceRecord[] = [];
      const maintenance = restore({ remove: (record) => Promise.resolve(void removed.push(record)) });
      expect(maintenance.records).toStrictEqual([]);
      expect(removed).toStrictEqual([]);
      await maintenance.start(abort.signal);
      await vi.advanceTimersByTimeAsync(2 * DAY_MS);
      expect(removed).toStrictEqual([ended]);
    });

    it('is removed later, if that fails', async () => {
      let isAway = true;
      const removed: MaintenanceRecord[] = [];
      const maintenance = restore({
        remove: (record) =>
          isAway ? Promise.reject(new Error('away')) : Promise.resolve(void removed.push(record)),
      });
      await maintenance.start(abort.signal);
      await vi.advanceTimersByTimeAsync(DAY_MS);
      isAway = false;
      await vi.advanceTimersByTimeAsync(DAY_MS);
      expect(removed).toStrictEqual([ended]);
    });

    it('does not take a later command with it', async () => {
      let finishRemoval: () => void = () => undefined;
      const maintenance = restore({ remove: () => new Promise((resolve) => (finishRemoval = resolve)) });
      await maintenance.start(abort.signal);
      await maintenance.startMaintenance(PERIOD);
      finishRemoval();
      await vi.advanceTimersByTimeAsync(0);
      expect(maintenance.records).toMatchObject([{ service: 'reports', isEnded: false }]);
    });
  });
});
