import type { Actor } from '@seguridad-abc/contracts';
import type { SensorReading } from '@seguridad-abc/evaluation';
import { expect, it } from 'vitest';
import { getQuotas, readMonitoringConfig } from '../config.js';
import { createReadingQuotas } from './reading-quotas.js';

const ana: Actor = { id: 'ana', role: 'customer' };

/** @param stored the names of the stored openings */
const createQuotas = (stored: ReadonlySet<string>, openingsPerUser: number, rules = 0) =>
  createReadingQuotas(
    { ...getQuotas(readMonitoringConfig({})), openingsPerUser },
    {
      countOfUser: () => Promise.resolve(stored.size),
      countNames: (_, names) => Promise.resolve(names.filter((name) => stored.has(name)).length),
      countRules: () => Promise.resolve(rules),
    },
    () => '2026-01-01T00:00:00.000Z',
  );

/** Readings of several openings. */
const createReadings = (names: readonly string[], count = 1) =>
  new Map(
    names.map((name) => [
      name,
      Array.from({ length: count }, (_, at): SensorReading => ({
        id: String(at),
        state: 'OPEN',
        tampered: null,
        batteryLow: null,
        at,
      })),
    ]),
  );

it('readings may add openings up to the quota, and name those that are there', async () => {
  const quotas = createQuotas(new Set(['A', 'B']), 4);
  const check = (...names: string[]) => quotas.check(ana, 'ana', createReadings(names));
  expect(await check('A', 'B', 'C', 'D')).toBeUndefined();
  expect(await check('C', 'D', 'E')).toMatchObject({
    kind: 'rejected',
    code: 'QUOTA_EXCEEDED',
    details: { limit: 4 },
  });
});

it('readings that can raise too many alarms are rejected with the number that is acceptable', async () => {
  const quotas = createQuotas(new Set(), 10, 6);
  const check = (count: number) => quotas.check(ana, 'ana', createReadings(['A'], count));
  expect(await check(1_000)).toMatchObject({
    kind: 'rejected',
    code: 'QUOTA_EXCEEDED',
    details: { limit: 10_000, acceptable: 833 },
  });
  expect(await check(833)).toBeUndefined();
});
