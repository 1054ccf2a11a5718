import { expect, test } from 'vitest';
import type { InstallationStatus } from './installation-status.js';
import { formatInstallationStatus } from './status-view.js';

const status: InstallationStatus = {
  at: '2026-01-01T00:01:05.000Z',
  gateway: 'http://127.0.0.1:4000/graphql',
  services: [
    {
      ...{ name: 'reports', status: 'LATE', reason: 'late 2.0 s', since: '2026-01-01T00:00:00.000Z' },
      ...{ lastBeatAt: '2026-01-01T00:01:01.000Z', instances: [] },
    },
  ],
  processes: [
    {
      name: 'reports',
      address: '127.0.0.1:4002',
      ready: true,
      checks: { position: 7, redis: 'ready', timeZoneData: '2027a' },
      figures: { abc_projection_lag_entries: 2 },
    },
    { name: 'gateway', address: '127.0.0.1:4000', ready: false, checks: {}, fault: 'nothing listens there' },
  ],
  redis: { url: 'redis://127.0.0.1:6379' },
};
const plain = (_textStyle: unknown, text: string) => text;

test('shows health, the checks and figures of each process, and Redis', () => {
  expect(formatInstallationStatus(status, plain)).toBe(`\
service  status  since      last beat  instances  reason
reports  LATE    1 min 5 s  4 s ago    0          late 2.0 s

process  ready  address         checks
reports  yes    127.0.0.1:4002  position=7 redis=ready timeZoneData=2027a
gateway  no     127.0.0.1:4000  nothing listens there

process  figures
reports  projectionLag=2

Redis redis://127.0.0.1:6379: answers

Time zone data: 2027a.`);
});

test('shows the oldest time zone data of the services, and a difference', () => {
  const [reports] = status.processes;
  const monitoring = { ...reports!, name: 'monitoring', checks: { timeZoneData: '2025c' } };
  const text = formatInstallationStatus({ ...status, processes: [reports!, monitoring] }, plain);
  expect(text).toMatch(
    /\nTime zone data: 2025c\. It lacks .*\. The services differ: reports has 2027a, monitoring has 2025c\. Run all with the same Node\.js\.$/,
  );
});

test('a service cannot send commands to the terminal', () => {
  const evil = '\u001B[2J\u009B31m\r';
  const [service] = status.services ?? [];
  const text = formatInstallationStatus(
    {
      ...status,
      services: [{ ...service!, name: evil, reason: evil }],
      processes: [
        { name: 'reports', address: evil, ready: true, checks: { [evil]: evil, timeZoneData: evil } },
      ],
      redis: { url: null, fault: evil },
    },
    plain,
  );
  expect(text).not.toMatch(/(?!\n)\p{Cc}/u);
  expect(formatInstallationStatus({ ...status, services: null, healthFault: evil }, plain)).not.toMatch(
    /(?!\n)\p{Cc}/u,
  );
  expect(text).toContain('\\u001b[2J');
});

test('shows why health and Redis are not known', () => {
  const text = formatInstallationStatus(
    { ...status, services: null, healthFault: 'no answer', redis: { url: null, fault: 'none' } },
    plain,
  );
  expect(text).toMatch(/^Health is not known: no answer\n/);
  expect(text).toMatch(/\nRedis: none\n/);
});
