import { expect, test } from 'vitest';
import { verdict } from './verdict.mjs';

const service = { reason: '', since: '', lastBeatAt: null, instances: [] };
const up = { ...service, name: 'reports', status: 'UP' };
const process = { name: 'reports', address: '', ready: true, checks: {} };
const gone = { ...process, ready: false, fault: 'nothing listens there' };
const well = { at: '', gateway: '', services: [up], processes: [process], redis: { url: '' } };

test('0: all is UP, ready and reachable', () => {
  expect(verdict(well)).toBe(0);
});

test.each([
  ['a service is not UP', { services: [up, { ...up, status: 'LATE' }] }],
  ['health is not known', { services: null }],
  ['a process does not answer', { processes: [process, gone] }],
  ['a process is not ready', { processes: [{ ...process, ready: false }] }],
  ['Redis does not answer', { redis: { url: '', fault: 'refused' } }],
  ['only the gateway answers', { processes: [gone] }],
])('1: %s', (_, part) => {
  expect(verdict({ ...well, ...part })).toBe(1);
});

test('2: nothing can be reached', () => {
  expect(verdict({ ...well, services: null, processes: [gone] })).toBe(2);
});

test('of an installation elsewhere there is only its health', () => {
  const elsewhere = { at: '', gateway: '', processes: [] };
  expect(
    [[up], [{ ...up, status: 'DOWN' }], null].map((services) => verdict({ ...elsewhere, services })),
  ).toEqual([0, 1, 2]);
});
