import {
  DEFAULT_REDIS_NAMES,
  MAX_MAINTENANCE_RECORDS,
  type MaintenanceRecord,
} from '@seguridad-abc/contracts';
import type { RedisPubSubClient } from '@seguridad-abc/platform';
import { recordLogs } from '@seguridad-abc/platform/testing';
import { describe, expect, it } from 'vitest';
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
    save: () => Promise.resolve(),
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
    save: (record) => Promise.resolve(void saved.push(record)),
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
    save: () => (isFull ? Promise.reject(new Error('disk full')) : Promise.resolve()),
  });
  await expect(maintenance.startMaintenance(PERIOD)).rejects.toThrow('disk full');
  isFull = false;
  await maintenance.startMaintenance(PERIOD);
  expect(maintenance.records).toMatchObject([{ revision: 1, reason: 'new disk' }]);
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
    const removed: string[] = [];
    const maintenance = await fill({
      readWallClock: () => now,
      remove: ({ service }) => Promise.resolve(void removed.push(service)),
    });
    now = 30 * DAY_MS - 1;
    await expect(maintenance.startMaintenance(PERIOD)).rejects.toThrow('in the last 30 days');
    expect(removed).toStrictEqual([]);
    now += 1;
    await maintenance.startMaintenance(PERIOD);
    expect(removed).toHaveLength(MAX_MAINTENANCE_RECORDS);
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
    const save = (record: MaintenanceRecord) => Promise.resolve(void saved.push(record));
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

  it('that was stored by an earlier run is removed', () => {
    const removed: MaintenanceRecord[] = [];
    const ended = { ...PERIOD, revision: 7, since: '1970-01-01T00:00:00.000Z', until: null, isEnded: true };
    const maintenance = createMaintenance({
      restored: [ended],
      readWallClock: () => 31 * DAY_MS,
      remove: (record) => Promise.resolve(void removed.push(record)),
    });
    expect(maintenance.records).toStrictEqual([]);
    expect(removed).toStrictEqual([ended]);
  });
});
