import { DEFAULT_REDIS_NAMES, type MaintenanceRecord } from '@seguridad-abc/contracts';
import type { RedisPubSubClient } from '@seguridad-abc/platform';
import { recordLogs } from '@seguridad-abc/platform/testing';
import { expect, it } from 'vitest';
import { createSharedMaintenance } from './shared-maintenance.js';

const PERIOD = { service: 'reports', reason: 'new disk', since: 1_000, until: undefined };

function createWithSave(save: (record: MaintenanceRecord) => Promise<void>) {
  return createSharedMaintenance({
    restored: [],
    pubsub: {
      names: DEFAULT_REDIS_NAMES,
      publish: () => Promise.resolve(),
    } as unknown as RedisPubSubClient,
    save,
    onChanged: () => undefined,
    logger: recordLogs().logger,
  });
}

it('of two commands at once the second one counts', async () => {
  const saved: MaintenanceRecord[] = [];
  const maintenance = createWithSave((record) => Promise.resolve(void saved.push(record)));
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
  const maintenance = createWithSave(() =>
    isFull ? Promise.reject(new Error('disk full')) : Promise.resolve(),
  );
  await expect(maintenance.startMaintenance(PERIOD)).rejects.toThrow('disk full');
  isFull = false;
  await maintenance.startMaintenance(PERIOD);
  expect(maintenance.records).toMatchObject([{ revision: 1, reason: 'new disk' }]);
});
