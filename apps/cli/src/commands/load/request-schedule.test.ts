import { expect, test } from 'vitest';
import { createSeededRandom } from '../../shared/seeded-random.js';
import { parseRequestMix, scheduleRequests } from './request-schedule.js';

test.each([
  ['queries=80,commands=15,readings=5', { queries: 80, commands: 15, readings: 5 }],
  [' queries=1, readings=2', { queries: 1, commands: 0, readings: 2 }],
  ['queries=0', undefined],
  ['queries', undefined],
  ['queries=-1', undefined],
  ['writes=1', undefined],
  ['toString=1', undefined],
  ['', undefined],
])('the mix "%s" is %o', (text, mix) => {
  expect(parseRequestMix(text)).toEqual(mix);
});

test('requests are due at equal distances, and their kinds have the shares of the mix', () => {
  const mix = { queries: 8, commands: 2, readings: 0 };
  const requests = scheduleRequests(250, 40, mix, createSeededRandom(1));
  expect(requests).toHaveLength(10_000);
  expect(requests.slice(0, 3).map(({ dueMs }) => dueMs)).toEqual([0, 4, 8]);
  expect(requests.at(-1)?.dueMs).toBe(39_996);
  const count = (kind: string) => requests.filter((request) => request.kind === kind).length;
  expect(count('queries') / 10_000).toBeCloseTo(0.8, 1);
  expect(count('readings')).toBe(0);
});
