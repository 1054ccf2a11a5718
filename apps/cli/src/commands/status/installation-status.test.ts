import { expect, test } from 'vitest';
import { getStatusExitCode, type InstallationStatus } from './installation-status.js';

const service = { reason: '', since: '', lastBeatAt: null, instances: [] };
const up = { ...service, name: 'reports', status: 'UP' } as const;
const process = { name: 'reports', address: '', ready: true, checks: {} };
const gone = { ...process, ready: false, fault: 'nothing listens there' };
const healthy: InstallationStatus = {
  at: '',
  gateway: '',
  services: [up],
  processes: [process],
  redis: { url: '' },
};

test('the exit code is 0 if everything is UP, ready and reachable', () => {
  expect(getStatusExitCode(healthy)).toBe(0);
});

test.each([
  ['a service is not UP', { services: [up, { ...up, status: 'LATE' as const }] }],
  ['health is not known', { services: null }],
  ['a process does not answer', { processes: [process, gone] }],
  ['a process is not ready', { processes: [{ ...process, ready: false }] }],
  ['Redis does not answer', { redis: { url: '', fault: 'refused' } }],
  ['only the gateway answers', { processes: [gone] }],
])('the exit code is 1 if %s', (_, part) => {
  expect(getStatusExitCode({ ...healthy, ...part })).toBe(1);
});

test('the exit code is 2 if nothing answers', () => {
  expect(getStatusExitCode({ ...healthy, services: null, processes: [gone] })).toBe(2);
});

test('the exit code for another installation depends on its health only', () => {
  const elsewhere = { at: '', gateway: '', processes: [] };
  expect(
    [[up], [{ ...up, status: 'DOWN' as const }], null].map((services) =>
      getStatusExitCode({ ...elsewhere, services }),
    ),
  ).toEqual([0, 1, 2]);
});
