import { expect, test } from 'vitest';
import { describeRebuild, getRebuildChecks, type RebuildProgress } from './read-model-rebuild.js';

const PROGRESS: RebuildProgress = {
  reason: 'there is none',
  done: 459,
  total: 1_000,
  startedAt: 0,
  problem: undefined,
};

test('a rebuild is described with its reason, its progress and what it waits for', () => {
  const begin = 'the read model is built again, because there is none';
  expect(describeRebuild(PROGRESS)).toBe(`${begin}: 459 of 1000 log entries are done (45 %)`);
  expect(describeRebuild({ ...PROGRESS, done: 0, total: undefined, problem: 'no answer' })).toBe(
    `${begin}: it has not begun; it waits: no answer`,
  );
});

test('readiness reports percent and entries of a rebuild', () => {
  expect(getRebuildChecks(PROGRESS)).toEqual({ rebuild: '45%', rebuildDone: 459, rebuildTotal: 1_000 });
  expect(getRebuildChecks({ ...PROGRESS, total: undefined })).toEqual({ rebuild: 'waits' });
});
