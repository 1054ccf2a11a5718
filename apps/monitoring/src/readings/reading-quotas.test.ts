import type { Actor } from '@seguridad-abc/contracts';
import type { SensorReading } from '@seguridad-abc/evaluation';
import { describe, expect, it } from 'vitest';
import { getQuotas, readMonitoringConfig } from '../config.js';
import { createReadingQuotas } from './reading-quotas.js';

const ana: Actor = { id: 'ana', role: 'customer' };

/** @param stored the names of the stored openings, which the test may change */
const createQuotas = (stored: Set<string>, openingsPerUser: number, rules = 0) =>
  createReadingQuotas(
    { ...getQuotas(readMonitoringConfig({})), openingsPerUser },
    { countOfUser: () => stored.size, has: (_, name) => stored.has(name), countRules: () => rules },
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

describe('the openings that commands in progress add', () => {
  it('are not counted again when they are stored', () => {
    const stored = new Set(['A']);
    const quotas = createQuotas(stored, 4);
    const admit = (...names: string[]) => quotas.admit(ana, 'ana', createReadings(names));
    const first = admit('B', 'C');
    expect(quotas.getReservedOpenings('ana')).toBe(2);
    // The first of its transactions is committed.
    stored.add('B');
    expect(quotas.getReservedOpenings('ana')).toBe(1);
    const second = admit('D');
    expect(second.kind).toBe('admitted');
    expect(admit('E').kind).toBe('rejected');
    stored.add('C').add('D');
    if (first.kind === 'admitted') first.release();
    if (second.kind === 'admitted') second.release();
    expect(quotas.getReservedOpenings('ana')).toBe(0);
    expect(admit('E').kind).toBe('rejected');
  });

  it('are counted once if two commands add the same one, until both have ended', () => {
    const quotas = createQuotas(new Set(), 1);
    const admit = (name: string) => quotas.admit(ana, 'ana', createReadings([name]));
    const [first, second] = [admit('A'), admit('A')];
    expect([first.kind, second.kind]).toEqual(['admitted', 'admitted']);
    if (first.kind === 'admitted') first.release();
    expect(admit('B').kind).toBe('rejected');
    if (second.kind === 'admitted') second.release();
    expect(admit('B').kind).toBe('admitted');
  });
});

it('readings that can raise too many alarms are rejected with the number that is acceptable', () => {
  const quotas = createQuotas(new Set(), 10, 6);
  const admit = (count: number) => quotas.admit(ana, 'ana', createReadings(['A'], count));
  expect(admit(1_000)).toMatchObject({
    kind: 'rejected',
    code: 'QUOTA_EXCEEDED',
    details: { limit: 10_000, acceptable: 833 },
  });
  expect(admit(833).kind).toBe('admitted');
});
