import type { HealthStatus } from '@seguridad-abc/contracts';
import { expect, test } from 'vitest';
import { service } from '../testing/reports.js';
import { summarise } from './summary.js';

const AT = '2026-01-31T10:00:00.000Z';
const worst = (...statuses: HealthStatus[]) =>
  summarise(
    statuses.map((status, index) => service(`service ${index}`, status)),
    AT,
  ).status;

test('all is as its worst service', () => {
  expect(worst('UP', 'UP')).toBe('UP');
  expect(worst('UP', 'MAINTENANCE', 'UP')).toBe('MAINTENANCE');
  expect(worst('MAINTENANCE', 'UNKNOWN', 'UP')).toBe('UNKNOWN');
  expect(worst('UNKNOWN', 'DEGRADED')).toBe('DEGRADED');
  expect(worst('DEGRADED', 'LATE')).toBe('LATE');
  expect(worst('LATE', 'DOWN', 'UP')).toBe('DOWN');
  expect(worst()).toBe('UNKNOWN');
});

test('services are told by name, without their processes', () => {
  expect(summarise([service('reports', 'LATE', 5), service('gateway')], AT)).toStrictEqual({
    status: 'LATE',
    at: AT,
    services: [
      {
        name: 'gateway',
        status: 'UP',
        reason: 'it is UP',
        since: '1970-01-01T00:00:00.000Z',
        lastBeatAt: '1970-01-01T00:00:00.000Z',
      },
      {
        name: 'reports',
        status: 'LATE',
        reason: 'it is LATE',
        since: '1970-01-01T00:00:05.000Z',
        lastBeatAt: '1970-01-01T00:00:05.000Z',
      },
    ],
  });
});
