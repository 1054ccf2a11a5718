import { expect, it } from 'vitest';
import { createLastUserPositions } from './last-user-positions.js';

it('a user’s last position does not change when other users write', () => {
  const positions = createLastUserPositions(10);
  positions.record('ana', 11);
  for (let position = 12; position < 20; position++) positions.record('ben', position);
  expect(['ana', 'ben', 'cleo'].map((userId) => positions.get(userId))).toEqual([11, 19, 10]);
});

it('a user that is not kept any more has at least its last position', () => {
  const positions = createLastUserPositions(0, 2);
  positions.record('ana', 1);
  positions.record('ben', 2);
  positions.record('ana', 3);
  positions.record('cleo', 4);
  expect(['ana', 'ben', 'cleo', 'dora'].map((userId) => positions.get(userId))).toEqual([3, 2, 4, 2]);
});
