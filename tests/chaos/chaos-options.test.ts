import { expect, test } from 'vitest';
import { parseChaosOptions } from './chaos-options.js';
import { FAULT_NAMES } from './faults.js';

test('by default all faults run for a minute with a random seed', () => {
  expect(parseChaosOptions([], 7)).toEqual({ seed: 7, minutes: 1, faults: FAULT_NAMES });
});

test('options are read', () => {
  const args = ['--seed', '3', '--minutes', '0.5', '--faults', 'kill, redis-kill,kill'];
  expect(parseChaosOptions(args, 7)).toEqual({ seed: 3, minutes: 0.5, faults: ['kill', 'redis-kill'] });
});

test.each([
  [['--seed', 'x'], /^--seed must be a whole number/],
  [['--minutes', '0'], /^--minutes must be a number above 0/],
  [['--minutes', 'x'], /^--minutes must be a number above 0/],
  [['--faults', 'kill,flood'], /^--faults has unknown names \(flood\): use kill, hang, /],
  [['--fault', 'kill'], /Unknown option '--fault'/],
])('%o is refused', (args, message) => {
  expect(parseChaosOptions(args, 7)).toMatch(message);
});
