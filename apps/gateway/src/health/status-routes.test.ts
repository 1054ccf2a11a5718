import type { HealthStatus } from '@seguridad-abc/contracts';
import { expect, test } from 'vitest';
import { serviceHealth } from '../testing/health-fixtures.js';
import { summarizeHealth } from './status-routes.js';

const AT = '2026-01-31T10:00:00.000Z';
const summarizeStatuses = (...statuses: HealthStatus[]) =>
  summarizeHealth(
    statuses.map((status, index) => serviceHealth(`service ${index}`, status)),
    AT,
  ).status;

test('a summary has the worst status of all services', () => {
  expect(summarizeStatuses('UP', 'UP')).toBe('UP');
  expect(summarizeStatuses('UP', 'MAINTENANCE', 'UP')).toBe('MAINTENANCE');
  expect(summarizeStatuses('MAINTENANCE', 'UNKNOWN', 'UP')).toBe('UNKNOWN');
  expect(summarizeStatuses('UNKNOWN', 'DEGRADED')).toBe('DEGRADED');
  expect(summarizeStatuses('DEGRADED', 'LATE')).toBe('LATE');
  expect(summarizeStatuses('LATE', 'DOWN', 'UP')).toBe('DOWN');
  expect(summarizeStatuses()).toBe('UNKNOWN');
});

test('a summary lists services by name, without their instances', () => {
  expect(summarizeHealth([serviceHealth('reports', 'LATE', 5), serviceHealth('gateway')], AT)).toStrictEqual({
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
